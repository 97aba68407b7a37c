"""What the core asks of storage about sources: how it stands with each, and with its pages."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PageState:
    """What is remembered of one address of a source."""

    address: str
    etag: str = ""
    """The server's name of the version that was seen last; of a file its size and time."""
    last_modified: str = ""
    digest: str = ""
    """A hash of what was read of that version."""
    checked_at: datetime | None = None
    """When it was asked for, as far as it was worth keeping."""
    leads: tuple[str, ...] = ()
    """The addresses that it leads to."""
    weeks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The first keys of its papers, by week; of the version that was taken last."""
    problems: tuple[str, ...] = ()
    """What could not be used of that version, with lines."""
    alarm: tuple[str, ...] = ()
    """Why the version that was seen last is not taken; empty where it is."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """How it stands with a source."""

    name: str
    place: str = ""
    """Where it was when it was asked, and as what; at another one it is another source."""
    succeeded_at: datetime | None = None
    """When it last answered in full, as far as it was worth keeping."""
    tried_at: datetime | None = None
    next_at: datetime | None = None
    """When it is asked next."""
    failures: int = 0
    """How often in a row it did not answer in full."""
    failure: str = ""
    """Why it did not, the last time; empty where it did."""
    pages: Mapping[str, PageState] = field(default_factory=dict)
    """By address, in the order in which they were found."""

    @property
    def alarms(self) -> tuple[str, ...]:
        """What has changed suspiciously, a line each."""
        return tuple(line for page in self.pages.values() for line in page.alarm)

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be used, a line each."""
        return tuple(line for page in self.pages.values() for line in page.problems)

    @property
    def weeks(self) -> frozenset[str]:
        """The weeks that it holds."""
        return frozenset(week for page in self.pages.values() for week in page.weeks)


class SourceStateStore(Protocol):
    """The sources, kept. Every method may raise `bot.ports.errors.StorageUnavailable`."""

    async def source(self, name: str) -> SourceState:
        """Return how it stands with a source; a blank state where it was never asked."""
        ...

    async def keep(
        self, state: SourceState, pages: Sequence[PageState], gone: Sequence[str] = ()
    ) -> None:
        """Keep how it stands with a source and those of its pages that changed; forget others."""
        ...

    def sync_lock(self) -> AbstractContextManager[bool]:
        """Have the right to sync while the context lasts, where nobody else has it.

        Yields whether one has it. It ends with the program that has it, whatever ends that.
        """
        ...
