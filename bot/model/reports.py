"""Mistakes that members report, and what curators made of them, as frozen data."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.model.channels import Target

TEXTS = ("title", "summary", "abstract", "tags", "links", "other")
"""What of a paper a report can be about."""
LOCALIZED_TEXTS = frozenset({"title", "summary", "abstract"})
"""Those that a paper has in each language."""


class ReportState(Enum):
    """What became of a report."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class NewReport:
    """What a member reports."""

    target: Target
    """Where it was reported."""
    person: str
    """The platform's id of who reports it."""
    language: str
    """The language of that person: 'ko', 'en' or 'both'."""
    paper: int
    """The archive's id of the paper."""
    field: str
    """One of `TEXTS`."""
    text_language: str
    """The language of the text; empty for what has none."""
    before: str
    """The text as it is."""
    wrong: str
    """What is wrong with it."""
    better: str = ""
    """Better words for the whole text; empty where none were given."""


@dataclass(frozen=True, slots=True)
class Report:
    """A stored report."""

    id: int
    made_at: datetime
    """In UTC."""
    new: NewReport
    state: ReportState = ReportState.OPEN
    decided_by: str = ""
    """Who decided, as `bot.model.curation.Attribution.actor`."""
    decided_at: datetime | None = None
    reason: str = ""
    """Why it was dismissed; may be empty."""
    edit: int = 0
    """The edit that was made of it; 0 for none."""


@dataclass(frozen=True, slots=True)
class CuratorChannel:
    """Where a community's curators are shown its reports."""

    target: Target
    language: str
    """'ko', 'en' or 'both'."""


@dataclass(frozen=True, slots=True)
class ReportLimit:
    """How many reports a person may make."""

    count: int
    since: datetime
    """UTC: those that were made since then count."""


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A page of reports, oldest first, and how many there are."""

    reports: tuple[Report, ...]
    total: int
