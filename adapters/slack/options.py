"""The settings of Slack."""

import re
from typing import ClassVar, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from bot.ports.options import PlatformOptions, ProxyUrl

NAME = "slack"
"""Name of the platform in targets and persons."""


class Options(PlatformOptions):
    """Every setting of the platform; it runs where a bot token or a client id is set."""

    enabled_by: ClassVar = "bot_token"
    # The last one is the ticket in the address of a Socket Mode connection.
    token_pattern: ClassVar[str] = r"xox[a-z](?:\.xox[a-z])?-[\w-]+|xapp-[\w-]+|(?<=ticket=)[\w-]+"

    bot_token: SecretStr = SecretStr("")
    """The token of the one workspace, which begins with xoxb-; empty where several install."""
    app_token: SecretStr = SecretStr("")
    """The token for Socket Mode; begins with xapp-."""
    signing_secret: SecretStr = SecretStr("")
    """The secret that Slack signs its requests with, for the mode `http`."""
    mode: Literal["socket", "http"] = "socket"
    """How events arrive: over a connection that Paperboy makes, or at an address of ours."""
    command_prefix: str = Field(default="", pattern=r"^[a-z0-9_-]{0,20}$")
    """What the names of commands begin with, as all apps of a workspace share them."""
    managers: tuple[str, ...] = ()
    """The ids of people who manage digests, beside admins and the channel's creator."""
    curators: tuple[str, ...] = ()
    """The ids of people who are curators."""
    curator_groups: tuple[str, ...] = ()
    """The ids of user groups whose members are curators."""
    timeout_seconds: float = Field(default=15, gt=0, le=3600)
    """The longest that a request may take, with the requests that have to precede it."""
    proxy: ProxyUrl = SecretStr("")
    """The proxy through which all of it goes, Socket Mode too; empty for none."""
    api_url: str = "https://slack.com/api/"
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=3000, ge=0, le=65535)
    """Where requests are accepted in the mode `http`; 0: any port that is free."""
    public_url: str = ""
    """How the internet reaches that address, such as https://paperboy.example.org."""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    """The app's own, where several workspaces install it."""
    token_key: SecretStr = SecretStr("")
    """What encrypts the tokens of several workspaces in the database; of several keys, with
    commas between them, the first encrypts and all decrypt."""

    @property
    def is_configured(self) -> bool:
        return super().is_configured or bool(self.client_id)

    @property
    def token_keys(self) -> tuple[str, ...]:
        """The keys in `token_key`."""
        every = self.token_key.get_secret_value().split(",")
        return tuple(key for each in every if (key := each.strip()))

    @field_validator("api_url", "public_url")
    @classmethod
    def _is_address(cls, url: str, info: ValidationInfo) -> str:
        is_missing = not url and info.field_name == "public_url"
        if not is_missing and not re.match(r"https?://[^/\s]+", url):
            raise ValueError("the address has to begin with https://")
        return url
