"""The things Paperboy knows: weeks, issues, papers and their texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Self

from bot.metadata import Counts, Record

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
    record: Record | None = None
    """What arXiv says of it; None where nothing is known."""

    @property
    def all_tags(self) -> tuple[str, ...]:
        """Return the given tags, and after them those that were inferred."""
        return (*self.tags, *self.inferred_tags)


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
    counts: Counts | None = None
    """What was counted of it, where it has no introduction; None before it was stored."""


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
class MessageRef:
    """A message that was posted."""

    target: Target
    id: str
    thread: str = ""
    """The thread it stands in; empty in the channel itself."""
    url: str = ""
    """Where a person opens it; empty where the platform has no address for it."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks."""

    platform: str
    id: str
    language: str = ""
    """'ko', 'en', 'both' as the platform or the person says; empty where nobody does."""
    may_manage: bool = False
    """Whether the person may decide what is posted in the channel."""


class Layout(Enum):
    """How a digest fills a channel."""

    OVERVIEW = "overview"
    """One message; threads are opened on demand."""
    THREADS = "threads"
    """The overview, then a message for each paper, each the root of its thread."""
    FORUM = "forum"
    """A post for each paper, then the overview as a post of its own."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel's wish for the issues of a series, once a week."""

    target: Target
    series: str
    weekday: int | None = 0
    """0 is Monday, as in `date.weekday`; None for no day: only what somebody asks for."""
    at: time = time(9)
    """Of the clock on the wall in `zone`."""
    zone: str = "UTC"
    """A name of the IANA database, such as `Asia/Seoul`."""
    language: str = "both"
    """'ko', 'en' or 'both'."""
    layout: Layout = Layout.OVERVIEW
    tags: tuple[str, ...] = ()
    """Only papers with one of these; empty for all."""
    mention: str = ""
    """A role or group that an admin chose to be mentioned; never from content."""
    patience: timedelta = timedelta(hours=36)
    """How long after the slot an issue that is not there yet is waited for."""
    says_absence: bool = False
    """Whether the channel is told when the patience ends; otherwise it stays silent."""
    grace: timedelta = timedelta(days=3)
    """How late a missed digest may still go out."""
    quiet_from: time = time(22)
    quiet_until: time = time(8)
    """What is not on time is not posted between these; equal for no quiet hours."""
    subscriber: str = ""
    """The platform's id of the person who subscribed, who is told of failures."""
    admin_channel: str = ""
    """Where failures are told instead; empty for a direct message to the subscriber."""
    is_paused: bool = False
    pause_reason: str = ""
    """Why the platform made us pause; empty where an admin did."""
    next_at: datetime | None = None
    """When it is to be looked at again, as far as the ledger knows."""
    since: datetime | None = None
    """From when on its slots count; None before it was stored."""
    is_ended: bool = False
    """Whether it was taken back; its history is kept."""
    token: str = ""
    """What the keys of its parts begin with; unlike that of any other Paperboy's."""
    id: int = 0
    """The ledger's number of it; 0 before it was stored."""


class Purpose(Enum):
    """What a delivery brings."""

    ISSUE = "issue"
    ABSENCE = "absence"
    """The word that an issue did not come."""
    DISCUSSION = "discussion"
    """A paper's message and its thread, because somebody wants to talk about it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An issue, or the word of its absence, that a subscription is owed or was given."""

    subscription: int
    purpose: Purpose
    week: Week
    """The issue's week."""
    layout: Layout
    due_at: datetime
    """The slot that it is for, or when somebody asked for it."""
    expires_at: datetime
    """When it is too late to begin with it."""
    skipped: str = ""
    """Why it was never owed; empty where it was."""
    paper: int = 0
    """The archive's number of the paper, where it is about one alone; else 0."""
    id: int = 0


class PartState(Enum):
    """What has become of a part."""

    OWED = "owed"
    SENDING = "sending"
    """Perhaps on its way, perhaps there: not to be repeated before the platform was asked."""
    POSTED = "posted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Part:
    """One native message of a delivery."""

    key: str
    """Deterministic and unique, 25 characters at most; the platform finds the message by it."""
    kind: str
    """A value of `bot.digests.layouts.Kind`, or 'note'."""
    position: int
    """The paper's position in the issue; 0 where the whole issue is meant."""
    chunk: int = 0
    """Which of the messages, where what is said does not fit into one."""
    state: PartState = PartState.OWED
    is_untold: bool = False
    """Whether nobody but a person can tell if it is there."""
    attempts: int = 0
    """How often it was claimed; the newest claim alone may say what became of it."""
    error: str = ""
    ref: MessageRef | None = None
    first_tried_at: datetime | None = None
    due_at: datetime | None = None
    """When it is tried next."""
    posted_at: datetime | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Discussion:
    """How it stands with the thread of a paper in a channel; there is one, or none yet."""

    thread: MessageRef | None = None
    """The first message in the thread; None before it is there."""
    own: int = 0
    """How many of the thread's messages are Paperboy's."""
    error: str = ""
    """Why it cannot be opened; empty where it can, or is."""
