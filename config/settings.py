# ruff: noqa: ARG003 - pydantic's signatures
"""Settings: a TOML file, then environment variables PAPERBOY_*, which win."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import platformdirs
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
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

    @property
    def platforms(self) -> dict[str, BaseModel]:
        """The section of each platform by the platform's name; see `with_platforms`."""
        names = type(self).model_fields.keys() - Settings.model_fields.keys()
        return {name: getattr(self, name) for name in sorted(names)}

    def secrets(self) -> tuple[str, ...]:
        """Return every secret, so that logs can hide it."""
        return tuple(
            value.get_secret_value()
            for _, section in self
            if isinstance(section, BaseModel)
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


def with_platforms(sections: Mapping[str, type[BaseModel]]) -> type[Settings]:
    """Return the settings with a section for each platform, by the platform's name.

    Raises ValueError where a platform has the name of another setting.
    """
    if taken := sections.keys() & Settings.model_fields.keys():
        raise ValueError(f"a platform cannot have the name of a setting: {', '.join(taken)}")
    fields: dict[str, Any] = {
        name: (section, Field(default_factory=section)) for name, section in sections.items()
    }
    return create_model("Settings", __base__=Settings, **fields)


def load(path: Path | None = None, kind: type[Settings] = Settings) -> Settings:
    """Return the settings of a file (by default the first of `settings_paths`) and environment.

    `kind` says which settings there are; see `with_platforms`. Raises InvalidSettings where one is
    wrong or unknown, or where a file that was named is not there.
    """
    file = path or _first_file()
    values = _read(file) if file else {}
    if "DATABASE_URL" in os.environ:  # what hosts call it
        values.setdefault("database_url", os.environ["DATABASE_URL"])
    try:
        return kind.model_validate(values)
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
