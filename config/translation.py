"""Settings of translation: the endpoint, what is translated, prices and ceilings."""

import re

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.model.languages import OTHER_LANGUAGES
from bot.model.papers import LANGUAGES
from config.section import Seconds, Section


class TranslationSettings(Section):
    """Translation of missing texts by a language model; off by default."""

    enabled: bool = False
    base_url: str = ""
    """The endpoint with OpenAI's API, such as http://localhost:11434/v1."""
    model: str = ""
    """The model, as the endpoint names it."""
    key: SecretStr = SecretStr("")
    """Empty for endpoints that need none."""
    languages: tuple[str, ...] = LANGUAGES
    """The languages into which missing texts are translated: ko, en, and others by their codes."""
    concurrency: int = Field(default=1, ge=1, le=32)
    """How many papers are translated side by side; a request for each is open at the endpoint."""
    weeks: int = Field(default=4, ge=1, le=10_000)
    """How many of the newest weeks the running bot looks at."""
    timeout_seconds: Seconds = 180
    prompt_price: float = Field(default=0, ge=0)
    """The price of a million tokens that are sent."""
    completion_price: float = Field(default=0, ge=0)
    """The price of a million tokens that are answered."""
    daily_cost: float = Field(default=0, ge=0)
    """The cost of a day at which translation rests, in the currency of the prices; 0 for none."""
    monthly_cost: float = Field(default=0, ge=0)
    daily_tokens: int = Field(default=0, ge=0)
    """The tokens of a day at which translation rests; 0 for no ceiling."""
    monthly_tokens: int = Field(default=0, ge=0)

    @property
    def other_languages(self) -> tuple[str, ...]:
        """Return the wanted languages but Korean and English, which the program speaks."""
        return tuple(each for each in self.languages if each not in LANGUAGES)

    @field_validator("languages")
    @classmethod
    def _are_languages(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        for each in languages:
            if each not in LANGUAGES and each not in OTHER_LANGUAGES:
                known = ", ".join((*LANGUAGES, *OTHER_LANGUAGES))
                raise ValueError(f"{each!r} is none of the languages: {known}")
        return tuple(dict.fromkeys(languages))

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        if url and not re.match(r"https?://[^/\s?#]+[^\s?#]*$", url):
            raise ValueError("the address has to begin with https:// or http://")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _is_complete(self) -> "TranslationSettings":
        if self.enabled and not (self.base_url and self.model):
            raise ValueError("where it is enabled, base_url and model have to be set")
        return self
