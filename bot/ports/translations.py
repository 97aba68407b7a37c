"""What translation asks of storage."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.model.weeks import Week


@dataclass(frozen=True, slots=True)
class TranslationScope:
    """What is to be translated."""

    languages: tuple[str, ...]
    """The languages that are wanted: ko, en."""
    newest: int = 0
    """The number of newest weeks; counts where no weeks are named."""
    weeks: tuple[Week, ...] = ()
    recipe: str = ""
    """Identifies the model and the glossary; what another recipe made is made anew."""
    again: bool = False
    """Whether texts that failed the checks are made once more."""


@dataclass(frozen=True, slots=True)
class PendingText:
    """A text that a paper or an issue lacks in a language."""

    field: str
    """title, summary, abstract or introduction."""
    language: str
    source_language: str
    source: str
    """What is to be translated.

    Where both languages are the same, an introduction is to be written: then it is the papers of
    the issue, as `bot.papers.overview` lists them.
    """


@dataclass(frozen=True, slots=True)
class PendingPaper:
    """The texts that a paper lacks, or an issue."""

    paper_id: int
    """0 for an issue."""
    texts: tuple[PendingText, ...]
    issue: tuple[str, Week] | None = None
    """The series and week of an issue; None for a paper."""


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
class FailedText:
    """A text that failed the checks, and so is not shown."""

    series: str
    week: Week
    key: str
    """Of its paper; empty for the introduction of the issue."""
    field: str
    language: str
    text: str
    fault: str


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


@dataclass(frozen=True, slots=True)
class MachineTextCount:
    """What a model made that passed the checks."""

    model: str
    texts: int
    newest: date


class AwaitedTranslations(Protocol):
    """What digests wait for, each no longer than its patience."""

    async def awaited_weeks(self, series: str, languages: tuple[str, ...]) -> frozenset[Week]:
        """Return the weeks of a series whose texts are still to be made in these languages.

        Empty while nothing can be made.
        """
        ...


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

        An issue that lacks its introduction follows its papers. Texts that were tried are left
        out, until their source changes.
        """
        ...

    async def failed_texts(self, scope: TranslationScope) -> tuple[FailedText, ...]:
        """Return what failed the checks and has the same source still, newest issues first."""
        ...

    async def untranslated_weeks(self, scope: TranslationScope, series: str) -> frozenset[Week]:
        """Return the weeks of a series that lack a text which was not tried yet."""
        ...

    async def save_translations(
        self, paper: PendingPaper, texts: Sequence[CheckedText], recipe: str, now: datetime
    ) -> None:
        """Save what was made for a paper, or an issue, in one transaction.

        The look-up knows it then, and messages that show the other language in its place are
        edited.

        A text that failed the checks does not replace one of another recipe that passed them.
        """
        ...

    async def machine_text_counts(self) -> tuple[MachineTextCount, ...]:
        """Return what each model made, the one that made the newest text first."""
        ...

    async def save_model_usage(self, usage: ModelUsage, now: datetime) -> None:
        """Save what a request took."""
        ...

    async def model_usage(self, since: datetime) -> ModelUsage:
        """Return what all requests from a moment on took together."""
        ...
