"""What is stored about a person, by the platform's id alone."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import Enum

from bot.model.reviews import Review
from bot.model.weeks import Week


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
    follows: tuple["Follow", ...] = ()
    reminders: tuple["Reminder", ...] = ()
    """Those that are to come."""
    settings: "PersonSettings | None" = None
    messages: int = 0
    """How many direct messages are stored, sent or not, by their keys and times."""


class FollowKind(Enum):
    """What a person follows."""

    TAG = "tag"
    AUTHOR = "author"
    WORDS = "words"


Phrase = tuple[str, ...]
"""Tokens that stand one after the other; see `bot.lib.normalise.index_tokens`."""


@dataclass(frozen=True, slots=True)
class FollowTerms:
    """What a paper has to have, all of it; see `bot.papers.follows`."""

    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    """Names as `bot.papers.follows.author_key` writes them."""
    needed: tuple[tuple[Phrase, ...], ...] = ()
    """For each part its spellings, of which one has to occur in the texts."""
    excluded: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Follow:
    """A subject, an author or words that a person follows."""

    kind: FollowKind
    name: str
    """A tag's slug, an author's name, or words as they were typed."""
    terms: FollowTerms
    id: int = 0
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FollowedPapers:
    """What a follow found: the archive's ids of papers, none of which an earlier follow found."""

    follow: Follow
    papers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PersonSettings:
    """When and how a person gets direct messages."""

    workspace: str = ""
    """The workspace in which the person asked last; a platform may need it for an address."""
    language: str = "en"
    at: time = time(9)
    """Local time in `zone`."""
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class NewIssue:
    """An issue of which those who follow something are still to be told."""

    series: str
    week: Week
    seen_at: datetime
    news_at: datetime | None = None
    """When it became news: what is followed by then counts; None for not yet."""
    after: int = 0
    """The number of the last person for whom that was decided."""
    is_complete: bool = True
    """Whether all records of its papers are there that can be fetched: their authors."""
    reviews: tuple[Review, ...] = ()
    """What curators decided about it, or have still to decide, one for each place."""


@dataclass(frozen=True, slots=True)
class Follower:
    """A person for whom a new issue has papers."""

    number: int
    """The store's own number of the person."""
    at: time
    zone: str
    last_due_at: datetime | None
    """When the newest message of followed papers was, or will be, due."""


@dataclass(frozen=True, slots=True)
class FollowMessage:
    """A direct message about new papers that is to be sent."""

    number: int
    """Of the person, as in `Follower`."""
    week: Week
    """The week that it is sent in: of each there is one message at most."""
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Reminder:
    """A paper that a person wants to be reminded of."""

    paper: int
    due_at: datetime
    id: int = 0
