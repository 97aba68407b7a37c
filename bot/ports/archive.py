"""What the core asks of storage: an archive of issues and papers."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeVar

from bot.model.papers import Issue, MetadataProvider, Paper, Problem, Record
from bot.model.weeks import Week, WeekReference

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class SaveResult:
    """What an import changed, in entries."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: tuple[Problem, ...] = ()
    """What was kept against the source's word, and why."""


@dataclass(frozen=True, slots=True)
class IssueResult:
    """An issue with its neighbours in time."""

    issue: Issue | None
    """None where no stored issue is meant."""
    before: Issue | None = None
    """The neighbours, of the same series, without their papers."""
    after: Issue | None = None
    others: tuple[str, ...] = ()
    """Other series that have an issue of the same week."""


@dataclass(frozen=True, slots=True)
class SeriesPreference:
    """Which series is meant where several have an issue."""

    first: tuple[str, ...] = ()
    """These before the others, which follow by name, the bundled sample last."""
    only: str | None = None
    """This one and no other."""


@dataclass(frozen=True, slots=True)
class PaperPage:
    """Some papers of many."""

    papers: tuple[Paper, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Totals:
    """How much the archive holds."""

    issues: int
    papers: int
    entries: int
    series: tuple[tuple[str, int, Week], ...]
    """Each series with its number of issues and its newest week."""


@dataclass(frozen=True, slots=True)
class IndexedName:
    """One name of one paper, as the look-up index has it."""

    paper_id: int
    name: str
    letters: str
    """The name's letters alone; see `bot.lib.normalise.letters`."""
    newest: int
    """The day of the paper's newest appearance, as an ordinal."""


class SearchIndex(Protocol):
    """The look-up index; synchronous, as it is asked from a thread of its own.

    Every answer is bounded, whatever the size of the archive.
    """

    def find_by_keys(self, keys: Sequence[str]) -> tuple[int, ...]:
        """Return the papers that bear any of these keys, in the order of the keys."""
        ...

    def find_exact(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        """Return names with exactly these letters, newest first."""
        ...

    def find_by_prefix(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        """Return names that begin with these letters, newest first."""
        ...

    def find_by_word_prefix(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        """Return names in which a word, or a row of words, begins with these letters.

        Korean names are also found by the initial consonants of their syllables.
        """
        ...

    def find_by_all_words(self, words: Sequence[str], limit: int) -> tuple[IndexedName, ...]:
        """Return names in which words begin with each of these, newest first."""
        ...

    def find_similar(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        """Return names that share rare runs of three letters with these, the most shared first."""
        ...

    def search_texts(
        self, words: Sequence[str], limit: int, offset: int, *, max_gap: int | None
    ) -> tuple[tuple[int, ...], int]:
        """Return papers whose texts have all these words, best first, and how many there are.

        `apart`: how many other words may stand between them; 0 for one phrase, None for any.
        """
        ...

    def texts(self, papers: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
        """Return the titles, summaries and abstracts of papers."""
        ...


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text in which words were found."""

    paper_id: int
    parts: tuple[tuple[str, bool], ...]
    """The piece in parts: the text, and whether it is one of the words."""


@dataclass(frozen=True, slots=True)
class TextSearchResult:
    """What a full-text search found."""

    hits: tuple[Snippet, ...]
    total: int


class Archive(Protocol):
    """Issues and papers, kept."""

    async def save(self, issues: Sequence[Issue]) -> SaveResult:
        """Keep these issues in one transaction; all or nothing.

        An issue that is known by its series and week is brought up to date, entry by entry.
        Texts that change leave a revision; what curators wrote stands; a paper keeps its number.
        """
        ...

    async def find_issue(
        self, reference: WeekReference, today: date, wanted: SeriesPreference
    ) -> IssueResult:
        """Return the issue that is meant, of the series that is wanted first.

        The latest issue is the newest of all series; so many before it, of its own series.
        """
        ...

    async def papers(self, numbers: Sequence[int]) -> tuple[Paper, ...]:
        """Return papers in the order of their numbers; numbers of joined papers find them."""
        ...

    async def tagged(self, tag: str, limit: int, offset: int) -> PaperPage:
        """Return papers with a tag, newest first."""
        ...

    async def tag_counts(self) -> tuple[tuple[str, int], ...]:
        """Return every tag with its number of papers, the most used first."""
        ...

    async def weeks(self, series: Sequence[str], limit: int) -> tuple[Issue, ...]:
        """Return the newest issues, without their papers."""
        ...

    async def totals(self) -> Totals:
        """Return how much there is."""
        ...

    def issues(self, series: str | None, week: Week | None) -> AsyncIterator[Issue]:
        """Yield issues for an export, by series and week, each paper as entered there."""
        ...

    async def correct(self, key: str, field: str, language: str, text: str | None) -> bool:
        """Keep a curator's text of a paper (None: take it back); False where no paper is it."""
        ...

    async def curate_tag(self, key: str, tag: str, *, wanted: bool | None) -> bool:
        """Keep a curator's word on a tag (None: take it back); False where no paper is it."""
        ...

    async def apply_vocabulary(
        self, vocabulary: str, tag: Callable[[Paper], tuple[str, ...]]
    ) -> None:
        """Infer all tags anew where they come from another vocabulary than this one."""
        ...

    async def query_index(self, query: Callable[[SearchIndex], ResultT]) -> ResultT:
        """Answer a question from the look-up index, away from the event loop."""
        ...


@dataclass(frozen=True, slots=True)
class PendingLookups:
    """What somebody is to be asked about."""

    numbers: tuple[str, ...]
    """Some arXiv ids, those of the newest weeks first."""
    total: int
    """How many there are in all."""


@dataclass(frozen=True, slots=True)
class FailedLookup:
    """What somebody did not know."""

    number: str
    """An arXiv id."""
    reason: str


class RecordStore(Protocol):
    """What is known of papers beside what their sources say, kept; papers go by arXiv ids."""

    def enrichment_lock(self) -> AbstractContextManager[bool]:
        """Have the right to ask while the context lasts, where nobody else has it.

        Yields whether one has it. It ends with the program that has it, whatever ends that.
        """
        ...

    async def wanted(self, origin: MetadataProvider, limit: int, now: datetime) -> PendingLookups:
        """Return papers of the archive that somebody can be asked about by now.

        ArXiv: those without a record. Hugging Face: those whose code neither their source nor
        arXiv names. What was not known waits for days before it is asked again.
        """
        ...

    async def save_records(self, found: Mapping[str, Record], now: datetime) -> None:
        """Keep records; what is kept of a paper already stays."""
        ...

    async def save_repositories(self, found: Mapping[str, str], now: datetime) -> None:
        """Keep addresses of code; what is kept of a paper already stays."""
        ...

    async def save_failed_lookups(
        self, origin: MetadataProvider, failed: Sequence[FailedLookup], now: datetime
    ) -> None:
        """Keep what is not known: it is asked again after 1 day, then 2, 4 … 128."""
        ...
