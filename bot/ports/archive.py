"""The archive of issues and papers, as the core asks storage for it."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from bot.model.papers import Issue, Paper, Problem
from bot.model.trends import TagPeriod
from bot.model.weeks import Month, Week, WeekReference
from bot.ports.search_index import SearchIndex

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
        """Return what a query of the look-up index returns, all of it read at one moment.

        It runs in a worker thread, and may run twice.
        """
        ...
