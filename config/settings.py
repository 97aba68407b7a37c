# ruff: noqa: ARG003 - pydantic's signatures
"""Settings: a TOML file, then environment variables PAPERBOY_*, which win."""

import os
import re
import tomllib
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

import platformdirs
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from config.sources import (
    DAIR_SOURCE,
    SourceSettings,
    SyncSettings,
    WebSettings,
    with_default_source,
)

FILE_NAME = "paperboy.toml"


class InvalidSettings(Exception):
    """The settings cannot be used; the message names each wrong one, never a secret."""


class DiscordSettings(BaseModel):
    """The Discord platform; it runs where a token is set."""

    model_config = ConfigDict(extra="forbid")

    token: SecretStr = SecretStr("")
    """The bot's token."""
    look: Literal["components", "embeds"] = "components"
    """How messages are made: with containers, or as embeds for old clients."""
    guild: str = ""
    """The server that alone has the commands, for development; empty: every server."""
    manager_role: str = ""
    """The id of a role whose members decide about digests, beside those who manage channels."""
    shard_count: int = Field(default=1, ge=0)
    """How many connections share the servers; 0: as many as Discord proposes."""
    timeout_seconds: float = Field(default=15, gt=0)
    """The longest that a request to Discord may take."""
    api_url: str = "https://discord.com/api/v10"
    gateway_url: str = ""
    """Where Discord tells what people do; empty: as Discord says."""

    @field_validator("api_url", "gateway_url")
    @classmethod
    def _are_addresses(cls, url: str, info: ValidationInfo) -> str:
        scheme = "http" if info.field_name == "api_url" else "ws"
        if not re.match(rf"{scheme}s?://[^/\s]+", url) and (url or scheme == "http"):
            raise ValueError(f"the address has to begin with {scheme}s://")
        return url


class SlackSettings(BaseModel):
    """The Slack platform; it runs where a bot token is set, or an app that many may install."""

    model_config = ConfigDict(extra="forbid")

    bot_token: SecretStr = SecretStr("")
    """The token of the one workspace; begins with xoxb-."""
    app_token: SecretStr = SecretStr("")
    """The token for Socket Mode; begins with xapp-."""
    signing_secret: SecretStr = SecretStr("")
    """The secret that Slack signs its requests with, for the mode http."""
    mode: Literal["socket", "http"] = "socket"
    """How Slack tells what people do: over a connection of ours, or to an address of ours."""
    command_prefix: str = Field(default="", pattern=r"^[a-z0-9_-]{0,20}$")
    """What the names of commands begin with, as all apps of a workspace share them."""
    managers: tuple[str, ...] = ()
    """The ids of people who decide about digests, beside admins and whoever made the channel."""
    timeout_seconds: float = Field(default=15, gt=0)
    """The longest that a request to Slack may take."""
    api_url: str = "https://slack.com/api/"
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=3000, ge=0, le=65535)
    """Where requests of Slack are waited for, in the mode http."""
    public_url: str = ""
    """How the internet reaches that address, such as https://paperboy.example.org."""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    """The app's own, where several workspaces install it."""
    token_key: SecretStr = SecretStr("")
    """What the tokens of several workspaces are sealed with in the database; of several keys,
    with commas between them, the first one seals and the others open what they sealed."""

    def keys(self) -> tuple[str, ...]:
        """Return what tokens are sealed with: the first seals, all open."""
        every = self.token_key.get_secret_value().split(",")
        return tuple(key for each in every if (key := each.strip()))

    @field_validator("api_url", "public_url")
    @classmethod
    def _is_address(cls, url: str, info: ValidationInfo) -> str:
        is_missing = not url and info.field_name == "public_url"
        if not is_missing and not re.match(r"https?://[^/\s]+", url):
            raise ValueError("the address has to begin with https://")
        return url


class WebhookSettings(BaseModel):
    """The webhook platform; it runs where a channel is named."""

    model_config = ConfigDict(extra="forbid")

    channels: dict[str, str] = {}
    """The address of each channel, by the channel's name."""
    secret: SecretStr = SecretStr("")
    """What requests are signed with; the receivers know it too."""
    per_second: float = Field(default=10, gt=0)
    per_channel_seconds: float = Field(default=1, ge=0)
    timeout_seconds: float = Field(default=10, gt=0)

    @model_validator(mode="after")
    def _has_secret(self) -> Self:
        if self.channels and not self.secret.get_secret_value():
            raise ValueError("a secret is needed, so that receivers know who posts")
        return self

    @field_validator("channels")
    @classmethod
    def _are_addresses(cls, channels: dict[str, str]) -> dict[str, str]:
        for name, url in channels.items():
            if not re.match(r"https?://[^/\s]+", url):
                raise ValueError(f"the address of {name!r} has to begin with https://")
        return channels


class DeliverySettings(BaseModel):
    """How digests are delivered; the defaults suit every community."""

    model_config = ConfigDict(extra="forbid")

    tick_seconds: float = Field(default=30, gt=0)
    """How often it is decided what is due."""
    poll_seconds: float = Field(default=1, gt=0)
    """How often it is looked for what is owed."""
    lease_seconds: float = Field(default=30, gt=0)
    """After this another program may post in place of one that gives no sign of life."""
    settle_seconds: float = Field(default=5, ge=0)
    """How long after its timeout a request may still reach the platform."""
    first_retry_seconds: float = Field(default=2, gt=0)
    """How long is waited after a first failure; each further one doubles it."""
    longest_retry_seconds: float = Field(default=300, gt=0)
    give_up_hours: float = Field(default=24, gt=0)
    """After this a message that fails again and again is given up, and the rest goes on."""


class RecordSettings(BaseModel):
    """What is learnt of papers beside their lists."""

    model_config = ConfigDict(extra="forbid")

    enabled: bool = True
    """Whether anything is."""
    arxiv_url: str = "https://export.arxiv.org/api/query"
    """Where authors, dates, categories and abstracts are learnt."""
    hugging_face_url: str = "https://huggingface.co/api/papers"
    """Where it is learnt where a paper's code is; empty: not at all."""

    @field_validator("arxiv_url", "hugging_face_url")
    @classmethod
    def _are_addresses(cls, url: str, info: ValidationInfo) -> str:
        if not re.match(r"https?://[^/\s?#]+[^\s?#]*$", url) and (
            url or info.field_name == "arxiv_url"
        ):
            raise ValueError("the address has to begin with https://, and ends before any ?")
        return url.rstrip("/")


CommandName = Literal["paper", "cite", "week", "tag", "find", "help", "about"]
"""A command whose answer everyone in the channel may see."""


class AnswerSettings(BaseModel):
    """Who sees what is answered."""

    model_config = ConfigDict(extra="forbid")

    everyone: tuple[CommandName, ...] = ("paper", "week")
    """What is answered for everyone in the channel; the rest for the asker alone."""
    channels: dict[str, tuple[CommandName, ...]] = {}
    """Channels where other commands are."""

    @field_validator("channels")
    @classmethod
    def _are_channels(cls, channels: dict[str, object]) -> dict[str, object]:
        for name in channels:
            if not re.fullmatch(r"\w+:[^/\s]+/[^/\s]+", name):
                raise ValueError(f"{name!r} is no channel; write it like discord:SERVER/CHANNEL")
        return channels


def _default_database() -> str:
    folder = platformdirs.user_data_path("paperboy", appauthor=False)
    return f"sqlite:///{(folder / 'paperboy.sqlite3').as_posix()}"


class Settings(BaseSettings):
    """Every setting; `config/paperboy.example.toml` explains each."""

    model_config = SettingsConfigDict(
        env_prefix="PAPERBOY_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        extra="forbid",
    )

    database_url: str = Field(default_factory=_default_database)
    language: Literal["ko", "en", "both"] = "both"
    zone: str = "Asia/Seoul"
    series: tuple[str, ...] = ("pytorch-kr", "dair")
    discussions: Literal["everyone", "managers", "nobody"] = "everyone"
    """Who may open the thread of a paper that has none."""
    discord: DiscordSettings = DiscordSettings()
    slack: SlackSettings = SlackSettings()
    webhook: WebhookSettings = WebhookSettings()
    delivery: DeliverySettings = DeliverySettings()
    answers: AnswerSettings = AnswerSettings()
    web: WebSettings = WebSettings()
    sync: SyncSettings = SyncSettings()
    sources: dict[str, SourceSettings] = Field(default_factory=lambda: {"dair": DAIR_SOURCE})
    record: RecordSettings = RecordSettings()

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError("there is no such time zone; write one like Asia/Seoul") from None
        return name

    @field_validator("sources", mode="before")
    @classmethod
    def _has_dair(cls, given: object) -> object:
        return with_default_source(given)

    def secrets(self) -> tuple[str, ...]:
        """Return every secret, so that logs can hide it."""
        return tuple(
            value.get_secret_value()
            for section in (self.discord, self.slack, self.webhook, self.web)
            for _, value in section
            if isinstance(value, SecretStr) and value.get_secret_value()
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, which comes as keyword arguments."""
        return env_settings, init_settings


def load(path: Path | None = None) -> Settings:
    """Return the settings of a file (by default the first of `places`) and the environment.

    Raises Invalid where one is wrong or unknown, or where a file that was named is not there.
    """
    file = path or _first_file()
    values = _read(file) if file else {}
    if "DATABASE_URL" in os.environ:  # what hosts call it
        values.setdefault("database_url", os.environ["DATABASE_URL"])
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise InvalidSettings(_format_error(error, file)) from None


def settings_paths() -> tuple[Path, ...]:
    """Return where a settings file is looked for, the first one found being used."""
    folder = platformdirs.user_config_path("paperboy", appauthor=False)
    return Path(FILE_NAME), folder / FILE_NAME


def _first_file() -> Path | None:
    named = os.environ.get("PAPERBOY_SETTINGS")
    if named:
        return Path(named)
    return next((path for path in settings_paths() if path.is_file()), None)


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InvalidSettings(f"There is no settings file {path}.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidSettings(f"{path} cannot be read as TOML: {error}.") from None


def _format_error(error: ValidationError, file: Path | None) -> str:
    lines = []
    for each in error.errors(include_input=False, include_url=False):
        name = ".".join(str(part) for part in each["loc"])
        variable = "PAPERBOY_" + name.replace(".", "_").upper()
        reason = each["msg"].removeprefix("Value error, ")
        if each["type"] == "extra_forbidden":
            reason = "there is no such setting"
        lines.append(f"{name} (or {variable}): {reason}")
    place = f" in {file}" if file else ""
    return "\n".join([f"The settings{place} cannot be used:", *lines])
