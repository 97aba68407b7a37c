"""Conflicts between what curators wrote and what a source says now, as frozen data."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.model.weeks import Week


class ConflictState(Enum):
    """What became of a conflict."""

    OPEN = "open"
    KEPT = "kept"
    """The curators' text stays."""
    TAKEN = "taken"
    """The source's text is shown."""
    EDITED = "edited"
    """A curator wrote another text."""
    SETTLED = "settled"
    """The source says now what curators wrote, or what it had said before."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A text that curators corrected, and that its source has changed since."""

    id: int
    made_at: datetime
    """In UTC."""
    paper: int
    """The archive's id of the paper; 0 for the introduction of an issue."""
    field: str
    """`title`, `summary`, `abstract`, `links` or `introduction`."""
    language: str
    """The language of the text; empty for links."""
    before: str
    """What the source said; links as lines of addresses, each with its label before it."""
    theirs: str
    """What it says now; empty where it says nothing any more."""
    ours: str
    """What curators wrote, and what is shown."""
    state: ConflictState = ConflictState.OPEN
    decided_by: str = ""
    """Who decided, as `bot.model.curation.Attribution.actor`."""
    decided_at: datetime | None = None
    edit: int = 0
    """The edit that was made of it; 0 for none."""
    issue: tuple[str, Week] | None = None
    """The series and week of an introduction; None for what is about a paper."""


@dataclass(frozen=True, slots=True)
class ConflictPage:
    """A page of conflicts, oldest first, and how many there are."""

    conflicts: tuple[Conflict, ...]
    total: int
