"""What curators change in the archive, and the edits that record it, as frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.model.papers import Link, Paper
from bot.model.weeks import Week, parse


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who edits, and why."""

    actor: str
    """Such as `command line: ada`, or a platform and a person's id."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CorrectText:
    """Puts a text of a paper right, above every source."""

    key: str
    field: str
    """`title`, `summary` or `abstract`."""
    language: str
    text: str | None
    """None returns to the sources' own."""


@dataclass(frozen=True, slots=True)
class CorrectTags:
    """Gives a paper tags, and takes others away."""

    key: str
    wanted: Mapping[str, bool | None]
    """By tag: whether the paper has it; None leaves it to the sources. Empty leaves all tags."""


@dataclass(frozen=True, slots=True)
class CorrectLinks:
    """Replaces the links of a paper."""

    key: str
    links: tuple[Link, ...] | None
    """None returns to the sources' own."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a curator saw before editing: the edit is refused where it was changed meanwhile."""

    names: tuple[tuple[str, str], ...]
    """Field and language of each text."""
    fingerprint: str
    """That of the texts, by `bot.model.editable_texts`."""


@dataclass(frozen=True, slots=True)
class CorrectPaper:
    """Makes several corrections of one paper as one edit."""

    key: str
    corrections: tuple[CorrectText | CorrectTags | CorrectLinks, ...]
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class RetractPaper:
    """Retracts a paper everywhere: members see the reason in place of its texts."""

    key: str
    reason: str | None
    """None lets the paper stand again."""


@dataclass(frozen=True, slots=True)
class CorrectIntroduction:
    """Puts the introduction of an issue right, above its source."""

    series: str
    week: Week
    texts: Mapping[str, str | None]
    """By language; None returns to the source's own."""
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class WithdrawIssue:
    """Withdraws an issue: members see the reason in place of its papers."""

    series: str
    week: Week
    reason: str | None
    """None lets the issue stand again."""


@dataclass(frozen=True, slots=True)
class AddPaper:
    """Adds a paper to a week, which is made if there is none."""

    series: str
    week: Week
    paper: Paper
    position: int | None = None
    """From 1; None for the end."""


@dataclass(frozen=True, slots=True)
class RemovePaper:
    """Removes a paper from a week; no later import brings it back."""

    series: str
    week: Week
    key: str


@dataclass(frozen=True, slots=True)
class MovePaper:
    """Moves a paper to another position or week of a series."""

    series: str
    week: Week
    key: str
    target: Week
    position: int | None = None
    """From 1; None for the end."""


@dataclass(frozen=True, slots=True)
class Undo:
    """Takes an edit back; an undone one can be undone in turn."""

    edit: int | None = None
    """None for the newest edit that was not undone."""


PaperCorrection = CorrectText | CorrectTags | CorrectLinks | RetractPaper
"""What is said of a paper itself, wherever it is listed."""
IssueCorrection = CorrectIntroduction | WithdrawIssue
CurationRequest = (
    CorrectPaper | PaperCorrection | IssueCorrection | AddPaper | RemovePaper | MovePaper | Undo
)


@dataclass(frozen=True, slots=True)
class Change:
    """One value that an edit changed."""

    field: str
    """`title`, `summary`, `abstract`, `links`, `tag`, `place`, `retraction` or `introduction`."""
    name: str
    """The language of a text, the tag, or series and week of a place, such as `dair 2026-W26`."""
    before: Any
    """A text, a truth value, or JSON; None where curators had said nothing."""
    after: Any


@dataclass(frozen=True, slots=True)
class Edit:
    """A recorded edit."""

    id: int
    made_at: datetime
    """In UTC."""
    by: Attribution
    action: str
    """`correct`, `retract`, `restore`, `add`, `remove`, `move` or `undo`."""
    key: str
    """The key of its paper at that time; of an edit of an issue, `issue_key`."""
    changes: tuple[Change, ...]
    undoes: int | None = None
    """The edit that it takes back."""
    is_undone: bool = False


def issue_key(series: str, week: Week) -> str:
    """Return by which key edits of an issue itself are found, such as `dair 2026-W26`."""
    return f"{series} {week}"


def parse_issue_key(key: str) -> tuple[str, Week] | None:
    """Return the series and week of a key as `issue_key` writes it; None for a paper's."""
    series, _, name = key.rpartition(" ")
    week = parse(name)
    return (series, week) if series and isinstance(week, Week) else None
