"""What is stored about a person, by the platform's id alone."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


@dataclass(frozen=True, slots=True)
class SavedPaper:
    """A paper that a person keeps."""

    paper: int
    """The archive's id of the paper."""
    saved_at: datetime
    read_at: datetime | None = None
    """When the person marked it as read; None for unread."""


class SavedOrder(Enum):
    """How saved papers are sorted."""

    NEWEST = "newest"
    OLDEST = "oldest"
    UNREAD = "unread"
    """Unread ones first, the newest of them before."""


@dataclass(frozen=True, slots=True)
class SavedPage:
    """Some of the papers that a person keeps."""

    papers: tuple[SavedPaper, ...]
    total: int
    """How many there are on all pages."""


@dataclass(frozen=True, slots=True)
class PersonData:
    """All that is stored about a person."""

    saved: tuple[SavedPaper, ...] = ()
    votes: int = 0
    discussions: int = 0
    """How many discussions say that the person opened them."""
    digests: int = 0
    """Of how many digests the person gets the notices, as the one who subscribed."""
    reports: int = 0
    """How many mistakes the person reported."""

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is stored."""
        return not (self.saved or self.votes or self.discussions or self.digests or self.reports)
