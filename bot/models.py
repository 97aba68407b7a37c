"""The things Paperboy knows: weeks, issues, papers and their texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Self

Localized = Mapping[str, str]
"""A text by language ('ko', 'en'; others may come). A language without text is left out."""

LANGUAGES = ("ko", "en")
"""The languages that members read, in the order they are shown when both are asked for."""

SAMPLE_SERIES = "sample"
"""The series of the bundled weeks; it makes room for the first real ones."""

_DAYS_TO_MIDDLE = timedelta(days=3)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week, the stable name of an issue: neither headings nor ranges of days are."""

    year: int
    number: int

    @classmethod
    def of(cls, start: date) -> Self:
        """Return the week of an issue that starts on this day.

        It is the ISO week of the start plus three days, which is unique over the whole history
        of the known sources; the ISO week of the first or the last day is not.
        """
        year, number, _ = (start + _DAYS_TO_MIDDLE).isocalendar()
        return cls(year, number)

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02}"


@dataclass(frozen=True, slots=True)
class Link:
    """Where a paper, its code or its announcement is found; always http or https."""

    kind: str
    """paper | pdf | code | post | project | book | blog | other; see `bot.keys.kind_of`."""
    label: str
    """The word that the source gave the link, as it stood."""
    url: str


@dataclass(frozen=True, slots=True, order=True)
class Appearance:
    """One place in one issue where a paper stood."""

    week: Week
    series: str
    position: int
    start: date


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper: in an entry as that issue worded it, on its own with all its wordings joined."""

    key: str
    """The canonical name, such as `arxiv:2310.01889`; see `bot.keys`."""
    aliases: tuple[str, ...] = ()
    """Other keys of the same paper, strongest first, without `key` itself."""
    titles: Localized = field(default_factory=dict)
    nickname: str = ""
    """The short name before the colon of its title, such as `MemWalker`; may be empty."""
    summaries: Localized = field(default_factory=dict)
    abstracts: Localized = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    """What the source or a curator said of it; slugs such as `survey-paper`."""
    inferred_tags: tuple[str, ...] = ()
    """What the vocabulary found in its texts, without those in `tags`."""
    links: tuple[Link, ...] = ()
    appearances: tuple[Appearance, ...] = ()
    """Newest first; empty where the paper was not read from the archive."""
    id: int = 0
    """The archive's number of it, kept for ever; 0 before it was stored."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper at its position (from 1) in an issue."""

    position: int
    paper: Paper


@dataclass(frozen=True, slots=True)
class Issue:
    """A week's list of one series."""

    series: str
    week: Week
    start: date
    end: date
    """The last day that it covers, inclusive."""
    titles: Localized = field(default_factory=dict)
    intros: Localized = field(default_factory=dict)
    """Paragraphs are separated by an empty line."""
    source_url: str = ""
    machine_made: bool = False
    """Whether the source says that a machine summarised or translated it."""
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a source that could not be used, or was used with a guess."""

    line: int
    """Counted from 1; 0 where the whole source is meant."""
    message: str
    lost: bool = False
    """Whether something was left out because of it (a guess loses nothing)."""
    week: Week | None = None
    """The week it belongs to, where that is known."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser made of a source: a value, never an exception, for rows that are wrong."""

    issues: tuple[Issue, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A place where messages are posted."""

    platform: str
    workspace: str
    """A Discord guild, a Slack team; empty where the platform has none."""
    channel: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks."""

    platform: str
    id: str
    language: str = ""
    """'ko', 'en', 'both' as the platform or the person says; empty where nobody does."""
    may_manage: bool = False
    """Whether the person may decide what is posted in the channel."""
