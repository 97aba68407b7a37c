"""The port to stored states of sources and their pages."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.model.papers import Link


@dataclass(frozen=True, slots=True)
class GatheredPaper:
    """A paper of a list of daily papers, kept until its week is made."""

    week: str
    """The week that it belongs to, such as `2026-W26`."""
    title: str
    summary: str
    abstract: str
    links: tuple[Link, ...]
    votes: int | None = None
    """None where the list has no votes."""


@dataclass(frozen=True, slots=True)
class PageState:
    """The stored state of one page of a source."""

    address: str
    etag: str = ""
    """The ETag of the last fetched version; of a file its time and size."""
    last_modified: str = ""
    digest: str = ""
    """A hash of that version's content."""
    checked_at: datetime | None = None
    """When it was fetched last; not every fetch is stored."""
    leads: tuple[str, ...] = ()
    """The URLs of further pages that it links to."""
    weeks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The main keys of its papers by week, in the version that was accepted last."""
    problems: tuple[str, ...] = ()
    """What could not be used of that version, with line numbers."""
    alarm: tuple[str, ...] = ()
    """Why the last fetched version was not accepted; empty if it was."""
    gathered: tuple[GatheredPaper, ...] = ()
    """Of a list of daily papers: those of the weeks that are open, and of the last one made."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """The stored state of a source."""

    name: str
    place: str = ""
    """The source's identity at the last run; a changed one makes it another source."""
    succeeded_at: datetime | None = None
    """The last complete success; not every success is stored."""
    tried_at: datetime | None = None
    next_at: datetime | None = None
    """The next poll."""
    failures: int = 0
    """The number of failed runs in a row."""
    failure: str = ""
    """Why the last run failed; empty if it succeeded."""
    pages: Mapping[str, PageState] = field(default_factory=dict)
    """By address, in the order of discovery."""

    @property
    def alarms(self) -> tuple[str, ...]:
        """The alarms of all pages, a line each."""
        return tuple(line for page in self.pages.values() for line in page.alarm)

    @property
    def problems(self) -> tuple[str, ...]:
        """The problems of all pages, a line each."""
        return tuple(line for page in self.pages.values() for line in page.problems)

    @property
    def weeks(self) -> frozenset[str]:
        """All its weeks."""
        return frozenset(week for page in self.pages.values() for week in page.weeks)


class SourceStateStore(Protocol):
    """Stores source states. Every method may raise `bot.ports.errors.StorageUnavailable`."""

    async def get(self, name: str) -> SourceState:
        """Return the state of a source, blank if it was never polled."""
        ...

    async def save(
        self, state: SourceState, pages: Sequence[PageState], gone: Sequence[str] = ()
    ) -> None:
        """Save a source's state and its changed `pages`, and delete the pages in `gone`."""
        ...

    def sync_lock(self) -> AbstractContextManager[bool]:
        """Hold the lock for syncing while the context lasts; yields whether it was acquired.

        The lock is released when its process ends, however that ends.
        """
        ...
