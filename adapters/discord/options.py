"""The settings of Discord."""

import re
from enum import Enum
from typing import ClassVar, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from bot.ports.options import PlatformOptions, ProxyUrl

NAME = "discord"
"""What the platform is called wherever a channel or a person is named."""


class MessageFormat(Enum):
    """The form of messages."""

    COMPONENTS = "components"
    """Containers of Components V2."""
    EMBEDS = "embeds"
    """Embeds, for clients that are too old for containers."""


class Options(PlatformOptions):
    """Every setting of the platform; it runs where a token is set."""

    enabled_by: ClassVar = "token"
    token_pattern: ClassVar[str] = r"Bot [\w-]{20,}\.[\w-]+\.[\w-]+"

    token: SecretStr = SecretStr("")
    """The bot's token."""
    look: MessageFormat = MessageFormat.COMPONENTS
    guild: str = ""
    """The server that alone has the commands, for development; empty: every server."""
    manager_role: str = ""
    """The id of a role whose members manage digests, beside those who manage the channel."""
    curator_roles: tuple[str, ...] = ()
    """The ids of roles whose members are curators."""
    mode: Literal["gateway", "http"] = "gateway"
    """How interactions arrive: over a connection that Paperboy makes, or at an address of ours."""
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=3001, ge=0, le=65535)
    """Where requests are accepted in the mode `http`; 0: any port that is free."""
    shard_count: int = Field(default=1, ge=0)
    """How many gateway connections share the servers; 0: as many as Discord proposes."""
    counts_replies: bool = True
    """Whether Discord tells of every message, without its text, so that replies are counted at
    once; if not, threads are counted from time to time."""
    counts_reactions: bool = True
    """Whether Discord tells of every reaction, so that those to papers count as votes."""
    link_channels: tuple[str, ...] = ()
    """The ids of channels, or of whole servers, in which addresses of papers are answered; this
    needs the privileged Message Content Intent."""
    crosspost: bool = False
    """Whether the overviews of digests are published to the channels that follow theirs."""
    timeout_seconds: float = Field(default=15, gt=0, le=3600)
    """The longest that a request may take, with the requests that have to precede it."""
    proxy: ProxyUrl = SecretStr("")
    """The proxy through which all of it goes, the gateway too; empty for none."""
    api_url: str = "https://discord.com/api/v10"
    gateway_url: str = ""
    """The address of the gateway; empty: as Discord says."""

    @field_validator("api_url", "gateway_url")
    @classmethod
    def _are_addresses(cls, url: str, info: ValidationInfo) -> str:
        scheme = "http" if info.field_name == "api_url" else "ws"
        if not re.match(rf"{scheme}s?://[^/\s]+", url) and (url or scheme == "http"):
            raise ValueError(f"the address has to begin with {scheme}s://")
        return url
