# ruff: noqa: ARG003 - pydantic's signatures
"""Settings: a TOML file, then environment variables `PAPERBOY_…`, which win."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

import platformdirs
from pydantic import (
    BaseModel,
    Field,
    SecretStr,
    ValidationError,
    create_model,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from config import environment
from config.curation import CurationSettings
from config.delivery import DeliverySettings
from config.environment import InvalidSettings
from config.operation import LogSettings, MonitoringSettings
from config.people import PeopleSettings
from config.records import RecordSettings
from config.section import Section, require_place
from config.site import SiteSettings
from config.sources import (
    DAIR_SOURCE,
    SourceSettings,
    SyncSettings,
    WebSettings,
    with_default_source,
)
from config.translation import TranslationSettings

FILE_NAME = "paperboy.toml"


CommandName = Literal[
    "paper",
    "links",
    "cite",
    "similar",
    "week",
    "tag",
    "find",
    "discussions",
    "trend",
    "trends",
    "stats",
    "help",
    "about",
]
"""A command whose answer everyone in the channel may see."""


class AnswerSettings(Section):
    """Which replies everyone in a channel sees."""

    everyone: tuple[CommandName, ...] = ("paper", "week")
    """Commands whose replies everyone sees; other replies are for the asker alone."""
    channels: dict[str, tuple[CommandName, ...]] = Field(default_factory=dict)
    """The same for single channels, by names such as `discord:SERVER/CHANNEL`."""
    languages: dict[str, str] = Field(default_factory=dict)
    """The languages of what everyone in a channel sees, by the same names."""

    @field_validator("channels", "languages")
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
    language: str = "both"
    """ko, en, both, or another one of `translation.languages`."""
    zone: str = "Asia/Seoul"
    series: tuple[str, ...] = ("pytorch-kr", "dair")
    discussions: Literal["everyone", "managers", "nobody"] = "everyone"
    """Who may open the thread of a paper that has none."""
    discussion_cooldown_seconds: float = Field(default=60, ge=0, le=86400)
    """How long a person waits before opening another thread in a channel; 0 for no time."""
    discussion_prompts: bool = False
    """Whether a question stands at the end of what begins a discussion."""
    communities: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """The channels whose talk is counted together, by a name: `discord:SERVER` for all channels of
    a server or workspace, `slack:TEAM/CHANNEL` for one."""
    delivery: DeliverySettings = DeliverySettings()
    answers: AnswerSettings = AnswerSettings()
    curation: CurationSettings = CurationSettings()
    people: PeopleSettings = PeopleSettings()
    web: WebSettings = WebSettings()
    sync: SyncSettings = SyncSettings()
    site: SiteSettings = SiteSettings()
    sources: dict[str, SourceSettings] = Field(default_factory=lambda: {"dair": DAIR_SOURCE})
    record: RecordSettings = RecordSettings()
    translation: TranslationSettings = TranslationSettings()
    log: LogSettings = LogSettings()
    monitoring: MonitoringSettings = MonitoringSettings()

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError("there is no such time zone; write one like Asia/Seoul") from None
        return name

    @field_validator("communities")
    @classmethod
    def _are_places(cls, communities: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for place in (each for places in communities.values() for each in places):
            require_place(place)
        return communities

    @field_validator("sources", mode="before")
    @classmethod
    def _has_dair(cls, given: object) -> object:
        return with_default_source(given)

    @model_validator(mode="after")
    def _has_language(self) -> Self:
        known = ("ko", "en", "both", *self.translation.other_languages)
        spoken = [("language (PAPERBOY_LANGUAGE)", self.language)]
        spoken += [("answers.languages", each) for each in self.answers.languages.values()]
        for setting, language in spoken:
            if language not in known:
                raise ValueError(
                    f"{setting}: {language!r} is none of {', '.join(known)}; "
                    "translation.languages may have more"
                )
        return self

    @model_validator(mode="after")
    def _knows_channels(self) -> Self:
        names = self.platform_names()
        named = [("answers.channels", channel) for channel in self.answers.channels]
        named += [("answers.languages", channel) for channel in self.answers.languages]
        named += [
            (f"communities.{name}", place)
            for name, places in self.communities.items()
            for place in places
        ]
        named += [("site.public_channels", place) for place in self.site.public_channels]
        for setting, place in named:
            if names and place.partition(":")[0] not in names:
                raise ValueError(
                    f"{setting}: {place!r} is on no platform; the platforms are {', '.join(names)}"
                )
        return self

    @property
    def platforms(self) -> dict[str, BaseModel]:
        """The section of each platform by the platform's name; see `with_platforms`."""
        return {name: getattr(self, name) for name in self.platform_names()}

    @classmethod
    def platform_names(cls) -> list[str]:
        """Return the names of the platforms that have a section."""
        return sorted(cls.model_fields.keys() - Settings.model_fields.keys())

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
        if isinstance(env_settings, EnvSettingsSource):
            found = _environment(settings_cls)
            env_settings.env_vars = {name.lower(): value for name, value in found.items()}
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
    variables = _environment(kind)
    _reject_misspelt(variables, kind)
    file = path or _first_file(variables.get(environment.SETTINGS_VARIABLE))
    values = _read(file) if file else {}
    if "DATABASE_URL" in variables:  # what hosts call it
        values.setdefault("database_url", variables["DATABASE_URL"])
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise InvalidSettings(_format_error(error, file, kind)) from None


def unknown_variables(kind: type[Settings]) -> tuple[str, ...]:
    """Return the variables PAPERBOY_… that are set and are no setting."""
    known = environment.known_variables(kind)
    prefixes = environment.open_prefixes(kind)
    return tuple(environment.unknown_variables(_environment(kind), known, prefixes))


def misnamed_variables(kind: type[Settings]) -> dict[str, str]:
    """Return variables that are set without PAPERBOY_ before a platform's name.

    The values are the variables that are meant, perhaps.
    """
    sections = {
        name: [each for each in environment.known_variables(kind) if _is_of(each, name)]
        for name in kind.platform_names()
    }
    return environment.misnamed_variables(_environment(kind), sections)


def _is_of(variable: str, section: str) -> bool:
    return variable.startswith(f"{environment.PREFIX}{section.upper()}_")


def _environment(kind: type[BaseSettings]) -> dict[str, str]:
    """Return the variables that are set. Raises InvalidSettings."""
    known = environment.known_variables(kind)
    found = environment.read_environment(os.environ, known.values())
    environment.check_json(found, known, environment.open_prefixes(kind))
    return found


def _reject_misspelt(variables: Mapping[str, str], kind: type[Settings]) -> None:
    """Raise InvalidSettings for variables that are spelt nearly like a setting.

    Others that begin with PAPERBOY_ are no error: hosts set some by themselves, such as
    Kubernetes for a service of this name.
    """
    known = environment.known_variables(kind)
    prefixes = environment.open_prefixes(kind)
    unknown = environment.unknown_variables(variables, known, prefixes)
    if lines := [
        f"{name}: there is no such setting; the nearest is {near}."
        for name, near in unknown.items()
        if near
    ]:
        raise InvalidSettings("\n".join(["The settings cannot be used:", *lines]))


def settings_paths() -> tuple[Path, ...]:
    """Return where a settings file is looked for, the first one found being used."""
    folder = platformdirs.user_config_path("paperboy", appauthor=False)
    return Path(FILE_NAME), folder / FILE_NAME


def _first_file(named: str | None) -> Path | None:
    if named:
        return Path(named)
    return next((path for path in settings_paths() if path.is_file()), None)


def _read(path: Path) -> dict[str, object]:
    if not path.exists():
        raise InvalidSettings(f"There is no settings file {path}.")
    try:
        return tomllib.loads(environment.read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise InvalidSettings(f"{path} cannot be read as TOML: {error}.") from None
    except RecursionError:
        raise InvalidSettings(f"{path} cannot be read as TOML: it is nested too deeply.") from None


def _format_error(error: ValidationError, file: Path | None, kind: type[Settings]) -> str:
    lines = []
    for each in error.errors(include_input=False, include_url=False):
        name = ".".join(str(part) for part in each["loc"])
        variable = environment.PREFIX + name.replace(".", "_").upper()
        reason = each["msg"].removeprefix("Value error, ")
        if each["type"] == "extra_forbidden":
            near = environment.nearest(variable, environment.known_variables(kind))
            reason = "there is no such setting" + (f"; the nearest is {near}" if near else "")
        lines.append(f"{name} (or {variable}): {reason}" if name else reason)
    place = f" in {file}" if file else ""
    return "\n".join([f"The settings{place} cannot be used:", *lines])
