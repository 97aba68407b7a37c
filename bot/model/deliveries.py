"""Deliveries: their parts and the states of these, and leases, as the ledger stores them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from bot.model.channels import MessageRef, Target
from bot.model.discussions import Recap, ThreadCounts
from bot.model.subscriptions import Layout, Subscription
from bot.model.weeks import Week

ON_TIME_LIMIT = timedelta(hours=1)
"""What goes out at most this long after its slot is on time, also where the slot is at night."""


class Purpose(Enum):
    """What a delivery is about."""

    ISSUE = "issue"
    ABSENCE = "absence"
    """The message that an issue was not published."""
    DISCUSSION = "discussion"
    """A paper's message and its thread, requested with *Discuss*."""
    REPORT = "report"
    """A mistake that a member reported, shown to curators; `Delivery.paper` is its number."""
    FOLLOW = "follow"
    """New papers that a person follows, as a direct message; its week is the one it is sent in."""
    REMINDER = "reminder"
    """A paper that a person wants to be reminded of; `Delivery.paper` is the reminder's number."""
    REVIEW = "review"
    """A new week that waits for curators; `Delivery.paper` is the number of its review."""
    REVIEW_REMINDER = "review_reminder"
    """That a week still waits for them; the number is the same."""
    CONFLICT = "conflict"
    """A corrected text that its source has changed; `Delivery.paper` is the conflict's number."""

    @property
    def is_asked(self) -> bool:
        """Return whether it is posted beside the digests, so that it pauses none."""
        return self not in {Purpose.ISSUE, Purpose.ABSENCE}

    @property
    def is_personal(self) -> bool:
        """Return whether it goes to one person alone."""
        return self in {Purpose.FOLLOW, Purpose.REMINDER}

    @property
    def is_for_curators(self) -> bool:
        """Return whether it is posted in curators' channels."""
        return self in {
            Purpose.REPORT, Purpose.REVIEW, Purpose.REVIEW_REMINDER, Purpose.CONFLICT,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Delivery:
    """One issue, absence message or discussion for one subscription."""

    subscription: int
    purpose: Purpose
    week: Week
    """The issue's week."""
    layout: Layout
    due_at: datetime
    """The slot that it is for, or when it was requested."""
    expires_at: datetime
    """After this it is no longer begun."""
    skipped: str = ""
    """Why it was skipped; empty where it was enqueued."""
    paper: int = 0
    """The archive's id of a discussion's paper, or the number of what it is about; else 0."""
    opened_by: str = ""
    """The platform's id of the person who opened a discussion; empty for other purposes."""
    recap: Recap | None = None
    """What an issue's digest says of last week's discussions; None for nothing."""
    id: int = 0


class PartState(Enum):
    """The state of a part."""

    OWED = "owed"
    """Still to be sent."""
    SENDING = "sending"
    """Claimed; perhaps posted: not to be repeated before the platform was searched."""
    POSTED = "posted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Part:
    """One native message of a delivery."""

    key: str
    """Deterministic and unique, 25 characters at most; the platform finds the message by it."""
    kind: str
    """A value of `bot.digests.layouts.MessageKind`, or 'note'."""
    position: int
    """The paper's position in the issue, from 1; 0 for the whole issue."""
    chunk: int = 0
    """The index of the message, from 0, if the text needs several messages."""
    state: PartState = PartState.OWED
    is_unconfirmed: bool = False
    """Whether only a person can tell if it was posted."""
    attempts: int = 0
    """How often it was claimed; only the newest claim may record a result."""
    error: str = ""
    ref: MessageRef | None = None
    first_tried_at: datetime | None = None
    due_at: datetime | None = None
    """UTC: when it is tried next."""
    posted_at: datetime | None = None
    id: int = 0
    paper: int = 0
    """The archive's id of its paper; 0 for the whole issue, and for parts of old ledgers."""
    content: str = ""
    """What it shows, as `OutgoingMessage.content`; empty where that is not known."""
    edited_at: datetime | None = None
    """UTC: when its text was edited last; None where it shows what was posted."""
    is_late: bool = False
    """Whether it holds what an edit left no room for in the messages before it."""


@dataclass(frozen=True, slots=True)
class PostedPart:
    """A part that was posted."""

    part: Part
    """As it was claimed."""
    ref: MessageRef
    at: datetime
    """UTC: when it was posted."""
    content: str = ""
    """What it shows; empty where a search found it, so that this is not known."""
    is_for_followers: bool = False
    """Whether it is to be published to the channels that follow its own."""


@dataclass(frozen=True, slots=True)
class DueCrosspost:
    """A posted message that is to be published to the channels that follow its own."""

    part: int
    """The ledger's id of its part."""
    key: str
    ref: MessageRef
    posted_at: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Discussion:
    """The state of a paper's thread in a channel; the thread may not exist yet."""

    thread: MessageRef | None = None
    """The first message in the thread; None until it is posted."""
    own_messages: int = 0
    """How many messages of the thread are the bot's own."""
    error: str = ""
    """Why it cannot be opened; empty otherwise."""
    counts: ThreadCounts | None = None
    """The thread's numbers as they were counted last; None where they never were."""


OVERVIEW = "overview"
"""The kind of part that shows the whole issue."""
POST = "post"
"""The kind of part that is a paper's post in a forum."""
OPENING = "opening"
"""The kind of part that stands in the thread of its paper's message."""
REPORT = "report"
"""The kind of part that shows curators a report."""
DIRECT = "direct"
"""The kind of part that is a direct message."""
REVIEW = "review"
"""The kind of part that shows curators a week that waits for them."""
CONFLICT = "conflict"
"""The kind of part that shows curators a conflict with a source."""


@dataclass(frozen=True, slots=True)
class LedgerGap:
    """A time of which a ledger knows nothing, as it was restored from an older copy."""

    since: datetime | None
    """The last sign of life in the copy; None where it has none."""
    until: datetime
    """When the copy took the ledger's place."""


@dataclass(frozen=True, slots=True)
class DuePart:
    """The next part of a channel, with everything that sending it needs."""

    part: Part
    delivery: Delivery
    subscription: Subscription
    is_first: bool
    """Whether it is the first of its delivery."""
    root: MessageRef | None = None
    """The posted message whose thread it belongs to; None if there is none."""
    posts: Mapping[int, str] = field(default_factory=dict)
    """Of a forum's overview: the addresses of the posts of its papers, by their positions."""
    gap: LedgerGap | None = None
    """What the ledger does not know of its platform's past."""
    known_thread: MessageRef | None = None
    """The thread that the paper of a digest's message has in the channel already."""

    @property
    def is_superseded(self) -> bool:
        """Return whether a thread that is there already takes its place."""
        begins_thread = self.part.kind in {OPENING, POST}
        return self.known_thread is not None and begins_thread and not self.part.chunk

    @property
    def is_threaded(self) -> bool:
        """Return whether it belongs into the thread of another message.

        True for openings and for further chunks of a paper's message; in a forum also for
        further chunks of the overview, and elsewhere for those that an edit added: in the channel
        they would stand below newer messages.
        """
        is_in_post = (
            bool(self.part.position) or self.delivery.layout is Layout.FORUM or self.part.is_late
        )
        return self.part.kind == OPENING or (bool(self.part.chunk) and is_in_post)

    @property
    def is_pinned(self) -> bool:
        """Return whether it is the overview's post in a forum, which is pinned."""
        return self.is_forum_overview and not self.part.chunk

    @property
    def is_forum_overview(self) -> bool:
        """Return whether it belongs to the overview of a forum, which comes after the posts."""
        return self.delivery.layout is Layout.FORUM and self.part.kind == OVERVIEW

    @property
    def ordering_key(self) -> str:
        """Return the line that it stands in, by a name that is unique on the platform.

        A channel has one for its digests and one for what people asked for: a digest that waits,
        for the morning perhaps, must not hold up a discussion.
        """
        return ordering_key(self.subscription.target, self.delivery.purpose)


def ordering_key(target: Target, purpose: Purpose) -> str:
    """Return the key of a queue whose parts are sent strictly in order."""
    place = f"{target.workspace}/{target.channel}"
    if purpose.is_personal:
        # A reminder does not wait for news of next week.
        return f"{place}/{purpose.value}"
    return f"{place}/discussions" if purpose.is_asked else place


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to send on a platform; while its beat grows, no other program may take it."""

    owner: str
    beat: int
    """Counts the renewals; a lease whose beat stays the same has expired."""
