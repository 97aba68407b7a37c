"""Deliveries: slots, parts and their states, notices and leases, as the ledger stores them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from bot.model.channels import MessageRef, Target
from bot.model.subscriptions import Layout, Subscription
from bot.model.weeks import Week


class Purpose(Enum):
    """What a delivery is about."""

    ISSUE = "issue"
    ABSENCE = "absence"
    """The message that an issue was not published."""
    DISCUSSION = "discussion"
    """A paper's message and its thread, requested with *Discuss*."""


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
    """The archive's number of the paper, where it is about one alone; else 0."""
    id: int = 0


class PartState(Enum):
    """The state of a part."""

    OWED = "owed"
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
    """The paper's position in the issue; 0 where the whole issue is meant."""
    chunk: int = 0
    """Which of the messages, where what is said does not fit into one."""
    state: PartState = PartState.OWED
    is_unconfirmed: bool = False
    """Whether only a person can tell if it was posted."""
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
    """The state of a paper's thread in a channel; the thread may not exist yet."""

    thread: MessageRef | None = None
    """The first message in the thread; None before it is there."""
    own_messages: int = 0
    """How many of the thread's messages are Paperboy's."""
    error: str = ""
    """Why it cannot be opened; empty where it can, or is."""


OVERVIEW = "overview"
"""The kind of part that shows the whole issue."""
OPENING = "opening"
"""The kind of part that stands in the thread of its paper's message."""


class SlotState(Enum):
    """The state of a slot."""

    WAITING = "waiting"
    """For an issue that is not there yet."""
    DELIVERED = "delivered"
    ABSENT = "absent"
    """No issue came until the patience ended."""
    MISSED = "missed"
    """The bot did not run, and came back too late."""


@dataclass(frozen=True, slots=True)
class StoredSlot:
    """A slot that was looked at."""

    week: Week
    at: datetime
    state: SlotState
    waits_until: datetime


@dataclass(frozen=True, slots=True)
class DeliveryHistory:
    """What a decision has to know of a subscription's past."""

    newest_week: Week | None
    """The newest issue that was delivered or skipped, of those that may exist by now."""
    slots: Mapping[Week, StoredSlot]
    """The recent slots that were decided, or are waiting."""
    delivered: frozenset[Week] = frozenset()
    """The recent issues that were delivered or skipped, in whatever order."""


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    """A delivery to enqueue, and its parts in order."""

    delivery: Delivery
    parts: tuple[tuple[str, int], ...]
    """Of each: its kind, and the paper's position."""
    papers: Mapping[int, int] = field(default_factory=dict)
    """The archive's numbers of the papers, by their positions."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to the subscriber about a delivery that failed or was late."""

    kind: str
    """'late', 'late_many', 'missed', 'failed', 'untold' or 'paused'; see `bot.cards.notices`."""
    subject: str
    """What it is about; of a kind and a subject a subscription gets one notice."""
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SlotOutcome:
    """What was decided about a slot."""

    slot: StoredSlot
    planned: tuple[PlannedDelivery, ...] = ()
    skipped: tuple[Delivery, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerGap:
    """A time of which a ledger knows nothing, as it was restored from an older copy."""

    since: datetime | None
    """The last sign of life in the copy; None where it has none."""
    until: datetime
    """When the copy took the ledger's place."""


@dataclass(frozen=True, slots=True)
class DuePart:
    """A part that comes next in its channel, with all that is needed to post it."""

    part: Part
    delivery: Delivery
    subscription: Subscription
    is_first: bool
    """Whether it is the first of its delivery."""
    root: MessageRef | None = None
    """The message that it hangs under, where it does and that was posted."""
    gap: LedgerGap | None = None
    """What the ledger does not know of its platform's past."""

    @property
    def is_threaded(self) -> bool:
        """Return whether it belongs under another message, in that one's thread.

        What opens a thread does, and what did not fit into a paper's message; in a forum also
        what did not fit into the overview's post.
        """
        is_in_post = bool(self.part.position) or self.delivery.layout is Layout.FORUM
        return self.part.kind == OPENING or (bool(self.part.chunk) and is_in_post)

    @property
    def is_pinned(self) -> bool:
        """Return whether it is the post that a forum shows first."""
        is_in_forum = self.delivery.layout is Layout.FORUM
        return is_in_forum and self.part.kind == OVERVIEW and not self.part.chunk

    @property
    def ordering_key(self) -> str:
        """Return the line that it stands in, by a name that is unique on the platform.

        A channel has one for its digests and one for its discussions: a digest that waits, for
        the morning perhaps, must not hold up a discussion.
        """
        return ordering_key(self.subscription.target, self.delivery.purpose)


def ordering_key(target: Target, purpose: Purpose) -> str:
    """Return the name of a line in which parts wait for each other."""
    place = f"{target.workspace}/{target.channel}"
    return f"{place}/discussions" if purpose is Purpose.DISCUSSION else place


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to send on a platform; while its beat grows, no other program may take it."""

    owner: str
    beat: int


@dataclass(frozen=True, slots=True)
class PendingNotice:
    """A notice that was not sent yet, or perhaps by a program that was ended then."""

    id: int
    notice: Notice
    subscription: Subscription
    attempts: int
    claimed_at: datetime | None = None
    """When a program began to send it, which then recorded nothing more."""

    @property
    def key(self) -> str:
        """Return the key of its message, by which a platform finds it again."""
        return f"{self.subscription.token}n{self.id}"


@dataclass(frozen=True, slots=True)
class UnconfirmedPart:
    """A part of which only a person can tell whether it was posted."""

    part: Part
    delivery: Delivery
    subscription: Subscription


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What has become of a delivery."""

    delivery: Delivery
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class SubscriptionReport:
    """All that there is to tell of a subscription."""

    subscription: Subscription
    slots: tuple[StoredSlot, ...]
    """The newest first."""
    reports: tuple[DeliveryReport, ...]
    """The newest first."""


@dataclass(frozen=True, slots=True)
class PlatformStats:
    """What there is to count of a platform's parts."""

    platform: str
    owed: int
    """What is to be posted yet, whatever is being sent included."""
    posted: int
    retried: int
    """How often parts were tried again."""
    failed: int
    untold: int
    """How many of the failed ones are there perhaps."""
    lag: float
    """The seconds that the newest posted part was late: from when it was first due."""
    worst_lag: float
    """The longest of the last week."""
    halted: str = ""
    """Why the platform stopped; empty where it did not."""


@dataclass(frozen=True, slots=True)
class DiscussionRequest:
    """A thread that a person asked for."""

    target: Target
    planned: PlannedDelivery
    """Its subscription is not known yet."""
    language: str
    """What is spoken in the channel: 'ko', 'en' or 'both'."""
    person: str
    """The platform's id of the person who asked, who is notified where it fails."""
