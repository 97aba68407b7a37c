"""The archive of issues and papers, as the core asks storage for it."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeVar

from bot.model.papers import Issue, MetadataProvider, Paper, Problem, Record
from bot.model.trends import TagPeriod
from bot.model.weeks import Month, Week, WeekReference

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class SaveResult:
    """Result of an import, counted in entries."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: tuple[Problem, ...] = ()
    """What was kept although the source no longer has it, and why."""


@dataclass(frozen=True, slots=True)
class IssueResult:
    """An issue with its neighbours in time."""

    issue: Issue | None
    """None where no stored issue matches."""
    before: Issue | None = None
    """The neighbours, of the same series, without their papers."""
    after: Issue | None = None
    other_series: tuple[str, ...] = ()
    """Other series with an issue of the same week."""


@dataclass(frozen=True, slots=True)
class SeriesPreference:
    """Selects a series where several have an issue."""

    preferred: tuple[str, ...] = ()
    """In order of preference; the others follow by name, the bundled sample last."""
    only: str | None = None
    """Restricts the search to this series."""


@dataclass(frozen=True, slots=True)
class PaperPage:
    """A page of papers."""

    papers: tuple[Paper, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals of the archive."""

    issues: int
    papers: int
    entries: int
    series: tuple[tuple[str, int, Week], ...]
    """Each series: name, number of issues, newest week."""


@dataclass(frozen=True, slots=True)
class IndexedName:
    """One name of one paper in the look-up index."""

    paper_id: int
    name: str
    letters: str
    """The name's letters alone; see `bot.lib.normalise.letters`."""
    newest_ordinal: int
    """The day of the paper's newest appearance, as an ordinal."""


MAX_COUNT = 1_000
"""Results of a full-text search are counted up to this number."""


@dataclass(frozen=True, slots=True)
class TextQuery:
    """A query of the full text, in tokens; see `bot.lib.normalise.index_tokens`."""

    needed: tuple[tuple[tuple[str, ...], ...], ...]
    """What has to occur: for each part its spellings, each a phrase."""
    excluded: tuple[tuple[str, ...], ...] = ()
    """Phrases that must not occur."""
    tags: tuple[str, ...] = ()
    """Tags that the papers have."""
    days: tuple[date, date] | None = None
    """First and last day of a period in which an issue lists the papers."""


Concept = Sequence[Sequence[str]]
"""Alternatives for one idea, each a sequence of words; a word that ends in `*` is a prefix."""


@dataclass(frozen=True, slots=True)
class ConceptMatches:
    """Which papers mention which of some concepts."""

    total: int
    """Number of papers in the index."""
    frequencies: tuple[int, ...]
    """Number of papers that mention each concept, counted up to the limit."""
    in_texts: Mapping[int, frozenset[int]]
    """For each paper the positions of the concepts in its texts."""
    in_names: Mapping[int, frozenset[int]]
    """For each paper the positions of the concepts in its names."""


class SearchIndex(Protocol):
    """The look-up index; synchronous, called from a worker thread.

    Every method bounds its work, whatever the size of the archive.
    """

    def find_by_keys(self, keys: Sequence[str]) -> tuple[int, ...]:
        """Return the papers with any of these keys, in the order of the keys."""
        ...

    def find_exact(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        """Return names with exactly these letters, newest first."""
        ...

    def find_by_prefix(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        """Return names that begin with these letters, newest first."""
        ...

    def find_by_word_prefix(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        """Return names in which a word, or a sequence of words, begins with these letters.

        Korean names are also found by the initial consonants of their syllables.
        """
        ...

    def find_by_all_words(self, words: Sequence[str], limit: int) -> tuple[IndexedName, ...]:
        """Return names in which words begin with each of these, newest first."""
        ...

    def find_by_sound(self, sound: str, limit: int) -> tuple[IndexedName, ...]:
        """Return names with a word whose sound begins so; see `bot.lib.transliteration.sounds`."""
        ...

    def match_concepts(self, concepts: Sequence[Concept], limit: int) -> ConceptMatches:
        """Return papers that mention any of these concepts in their texts or names.

        `limit`: maximum number of papers that one concept brings; a more frequent one is only
        looked for in the papers that the rarer ones bring.
        """
        ...

    def days_of(self, papers: Sequence[int]) -> Mapping[int, tuple[date, ...]]:
        """Return the first days of the issues that list each paper."""
        ...

    def find_similar(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        """Return names that share rare trigrams with these letters, the most shared first."""
        ...

    def search_texts(
        self, words: Sequence[str], limit: int, offset: int, *, max_gap: int | None
    ) -> tuple[tuple[int, ...], int]:
        """Return papers whose texts have all these tokens, best first, and their total number.

        `max_gap`: maximum number of other tokens between them; 0 for a phrase, None for any.
        """
        ...

    def find_texts(self, query: TextQuery, limit: int, offset: int) -> tuple[tuple[int, ...], int]:
        """Return papers that match, those with the words in a name first, then the best.

        Also returns their number, counted up to one more than `MAX_COUNT`.
        """
        ...

    def matches_by_month(
        self, queries: Sequence[TextQuery], since: date | None = None
    ) -> tuple[Mapping[Month, int], ...]:
        """Return, for each query, the papers that match in the issues of each month.

        See `Archive.papers_by_month`.
        """
        ...

    def texts(self, papers: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
        """Return the titles, summaries and abstracts of papers."""
        ...

    def has_vectors(self, model: str) -> bool:
        """Tell whether any paper has a vector of a model."""
        ...

    def vector_of(self, model: str, paper: int) -> bytes | None:
        """Return the vector of a paper; see `bot.ports.embedder`."""
        ...

    def find_nearest(self, model: str, vector: bytes, limit: int) -> tuple[tuple[int, float], ...]:
        """Return the papers whose vectors are nearest, each with its cosine (-1 to 1)."""
        ...


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage of a text with matches."""

    paper_id: int
    parts: tuple[tuple[str, bool], ...]
    """The passage in parts: the text, and whether it is a match."""


@dataclass(frozen=True, slots=True)
class TextSearchResult:
    """A page of full-text results."""

    hits: tuple[Snippet, ...]
    total: int


class Archive(Protocol):
    """Storage of issues and papers."""

    async def save(self, issues: Sequence[Issue]) -> SaveResult:
        """Save issues in one transaction.

        An issue that exists (by series and week) is updated entry by entry. A changed text
        leaves a revision; texts of curators stand; a paper keeps its id.
        """
        ...

    async def find_issue(
        self, reference: WeekReference, today: date, wanted: SeriesPreference
    ) -> IssueResult:
        """Return the issue that a reference means, of the preferred series.

        The latest issue is the newest of all series; an offset counts within its series.
        """
        ...

    async def papers(self, numbers: Sequence[int]) -> tuple[Paper, ...]:
        """Return papers in the order of their ids; ids of merged papers find the merged one."""
        ...

    async def papers_after(self, number: int, limit: int) -> tuple[Paper, ...]:
        """Return papers whose ids are above a number, by id; 0 begins with the first one."""
        ...

    async def papers_by_tag(self, tag: str, limit: int, offset: int) -> PaperPage:
        """Return papers with a tag, newest first."""
        ...

    async def newest_by_tag(
        self, tags: Collection[str], limit: int
    ) -> Mapping[str, tuple[Paper, ...]]:
        """Return the newest papers of each of these tags, so many of each."""
        ...

    async def papers_by_author(self, name: str, limit: int, offset: int) -> PaperPage:
        """Return papers whose records name an author in exactly these letters, newest first."""
        ...

    async def paper_keys(self, limit: int, offset: int) -> tuple[str, ...]:
        """Return the keys of papers that issues list; new papers come last."""
        ...

    async def issue_weeks(self, limit: int, offset: int) -> tuple[tuple[str, Week], ...]:
        """Return the series and weeks of issues; issues that are saved later come last."""
        ...

    async def author_total(self) -> int:
        """Return the number of authors."""
        ...

    async def author_names(self, limit: int, offset: int) -> tuple[str, ...]:
        """Return the names of all authors, in their order."""
        ...

    async def author_counts(self) -> tuple[tuple[str, int], ...]:
        """Return every author with their number of papers, by name."""
        ...

    async def tag_counts(self) -> tuple[tuple[str, int], ...]:
        """Return every tag with its number of papers, the most frequent first."""
        ...

    async def weeks(
        self, series: Sequence[str], limit: int, year: int | None = None, offset: int = 0
    ) -> tuple[Issue, ...]:
        """Return the newest issues, without their papers; of all years, or of one."""
        ...

    async def newest_issues(self, series: str, limit: int, most_papers: int) -> tuple[Issue, ...]:
        """Return the newest issues with their papers, of a series or, without one, of all.

        There are at most `limit`, with `most_papers` together; the newest one is always there.
        """
        ...

    async def years(self) -> tuple[tuple[int, int], ...]:
        """Return every year with its number of issues, the newest first."""
        ...

    async def first_days(self) -> tuple[date, date] | None:
        """Return the first days of the oldest and the newest issue; None where there is none."""
        ...

    async def papers_by_month(
        self, tag: str = "", since: date | None = None
    ) -> Mapping[Month, int]:
        """Return the papers that the issues of each month list, those with a tag or all.

        With `since` only issues that start from that day on are read.

        The month is that of an issue's first day; a paper counts once in each month.
        """
        ...

    async def tags_of_period(self, first: date, last: date) -> TagPeriod:
        """Return the papers and tags of the issues that start from a day to a day."""
        ...

    async def totals(self) -> Totals:
        """Return the totals."""
        ...

    def issues(self, series: str | None, week: Week | None) -> AsyncIterator[Issue]:
        """Yield issues for an export, by series and week, with the texts of each entry alone."""
        ...

    async def apply_vocabulary(
        self, vocabulary: str, tag: Callable[[Paper], tuple[str, ...]]
    ) -> None:
        """Infer all tags anew unless they come from this vocabulary; renew an outdated index."""
        ...

    async def query_index(self, query: Callable[[SearchIndex], ResultT]) -> ResultT:
        """Run a query on the look-up index in a worker thread; return its result."""
        ...


@dataclass(frozen=True, slots=True)
class PendingVectors:
    """Papers that have no vector of a model yet."""

    papers: tuple[Paper, ...]
    """The newest first."""
    total: int
    """Number of all of them."""


class VectorStore(Protocol):
    """Storage of the papers' vectors.

    A vector is removed in the transaction that changes the texts it was computed from.
    """

    async def pending_vectors(self, model: str, limit: int) -> PendingVectors:
        """Return papers without a vector of a model."""
        ...

    async def save_vectors(self, model: str, found: Mapping[int, tuple[str, bytes]]) -> None:
        """Save the vectors of papers, each with the digest of what it was computed from.

        One whose paper changed meanwhile is left out; see `bot.papers.gist.gist_digest`.
        """
        ...


@dataclass(frozen=True, slots=True)
class PendingLookups:
    """Papers that a metadata provider is to be asked about."""

    arxiv_ids: tuple[str, ...]
    """ArXiv ids, those of the newest weeks first."""
    total: int
    """Number of all pending ones."""


@dataclass(frozen=True, slots=True)
class FailedLookup:
    """A paper that a metadata provider does not know."""

    arxiv_id: str
    """An arXiv id."""
    reason: str


class RecordStore(Protocol):
    """Storage of records; papers are identified by arXiv id."""

    def enrichment_lock(self) -> AbstractContextManager[bool]:
        """Hold the lock for enrichment while the context lasts.

        Yields whether it was acquired. It is released with the process, however that ends.
        """
        ...

    async def pending_lookups(
        self, origin: MetadataProvider, limit: int, now: datetime
    ) -> PendingLookups:
        """Return papers that a provider is to be asked about at `now` (UTC).

        ArXiv: those without a record, and those younger than 720 days whose record is 180 days
        old. Hugging Face: those whose code neither their source nor
        arXiv names. Failed look-ups are repeated after days.
        """
        ...

    async def save_records(self, found: Mapping[str, Record], now: datetime) -> None:
        """Save records; a record that exists stays, unless it was to be asked for again."""
        ...

    async def save_repositories(self, found: Mapping[str, str], now: datetime) -> None:
        """Save addresses of code; an address that exists stays."""
        ...

    async def save_failed_lookups(
        self, origin: MetadataProvider, failed: Sequence[FailedLookup], now: datetime
    ) -> None:
        """Save failed look-ups; they are repeated after 1 day, then 2, 4 … 128."""
        ...
