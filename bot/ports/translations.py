"""What translation asks of storage."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.model.weeks import Week


@dataclass(frozen=True, slots=True)
class TranslationScope:
    """What is to be translated."""

    languages: tuple[str, ...]
    """The languages that are wanted: ko, en."""
    newest: int = 0
    """The number of newest issues; counts where no weeks are named."""
    weeks: tuple[Week, ...] = ()
    again: bool = False
    """Whether texts that failed the checks are made once more."""


@dataclass(frozen=True, slots=True)
class PendingText:
    """A text that a paper lacks in a language."""

    field: str
    """title, summary or abstract."""
    language: str
    source_language: str
    source: str


@dataclass(frozen=True, slots=True)
class PendingPaper:
    """The texts that a paper lacks."""

    paper_id: int
    texts: tuple[PendingText, ...]


@dataclass(frozen=True, slots=True)
class CheckedText:
    """A translation with what the checks found."""

    source_language: str
    source: str
    language: str
    text: str
    fault: str
    """Why it is not shown; empty where it may be."""
    model: str


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """What requests to a language model took."""

    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    """In the currency of the prices in the settings."""

    @property
    def tokens(self) -> int:
        """Return the tokens of both directions."""
        return self.prompt_tokens + self.completion_tokens


class TranslationStore(Protocol):
    """Storage of machine-made texts; they are found by what they were made of."""

    def translation_lock(self) -> AbstractContextManager[bool]:
        """Hold the lock for translation while the context lasts.

        Yields whether it was acquired.
        """
        ...

    async def pending_translations(
        self, scope: TranslationScope, limit: int
    ) -> tuple[PendingPaper, ...]:
        """Return papers that lack a text, those of the newest issues first.

        Texts that were tried are left out, until their source changes.
        """
        ...

    async def save_translations(
        self, paper_id: int, texts: Sequence[CheckedText], now: datetime
    ) -> None:
        """Save the texts of a paper in one transaction; the look-up knows them then."""
        ...

    async def save_model_usage(self, usage: ModelUsage, now: datetime) -> None:
        """Save what a request took."""
        ...

    async def model_usage(self, since: datetime) -> ModelUsage:
        """Return what all requests from a moment on took together."""
        ...
