# ruff: noqa: ARG003 - pydantic's signatures
"""Every setting, with what its value may be; `config.loader` reads them."""

from collections.abc import Mapping
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

import platformdirs
from pydantic import (
    BaseModel,
    Field,
    SecretStr,
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
from config.answers import AnswerSettings
from config.curation import CurationSettings
from config.delivery import DeliverySettings
from config.operation import LogSettings, MonitoringSettings
from config.people import PeopleSettings
from config.records import RecordSettings
from config.section import require_place
from config.site import SiteSettings
from config.sources import (
    DAIR_SOURCE,
    SourceSettings,
    SyncSettings,
    WebSettings,
    with_default_source,
)
from config.translation import TranslationSettings


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
            found = environment.variables_of(settings_cls)
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
