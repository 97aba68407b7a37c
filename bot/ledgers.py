"""What the core asks of storage about deliveries: who is owed what, and what was paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from bot.models import (
    Delivery,
    Discussion,
    Layout,
    MessageRef,
    Part,
    Purpose,
    Subscription,
    Target,
    Week,
)

OVERVIEW = "overview"
"""The kind of part that shows the whole issue."""
OPENING = "opening"
"""The kind of part that stands in the thread of its paper's message."""


class Unavailable(Exception):
    """The database cannot be read or written just now (disk full, locked); nothing was changed."""


class SlotState(Enum):
    """What became of a slot."""

    WAITING = "waiting"
    """For an issue that is not there yet."""
    DELIVERED = "delivered"
    ABSENT = "absent"
    """It was waited for, and no issue came."""
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
class History:
    """What a decision has to know of a subscription's past."""

    newest: Week | None
    """The newest issue that was delivered, or skipped; None before the first."""
    slots: Mapping[Week, StoredSlot]


@dataclass(frozen=True, slots=True)
class Planned:
    """A delivery to be owed, and its parts in order."""

    delivery: Delivery
    parts: tuple[tuple[str, int], ...]
    """Of each: its kind, and the paper's position."""
    papers: Mapping[int, int] = field(default_factory=dict)
    """The archive's numbers of the papers, by their positions."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that whoever subscribed has to be told."""

    kind: str
    """'late', 'missed', 'failed', 'untold' or 'paused'; see `bot.wording.notices`."""
    subject: str
    """What it is about; of a kind and a subject a subscription is told once."""
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about a slot."""

    slot: StoredSlot
    planned: tuple[Planned, ...] = ()
    skipped: tuple[Delivery, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Owed:
    """A part that comes next in its channel, with all that is needed to post it."""

    part: Part
    delivery: Delivery
    subscription: Subscription
    is_first: bool
    """Whether its delivery begins with it."""
    root: MessageRef | None = None
    """The message that it hangs under, where it does and that was posted."""

    @property
    def hangs(self) -> bool:
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
    def channel(self) -> str:
        """Return the line that it stands in, by a name that is unique on the platform.

        A channel has one for its digests and one for its discussions: a digest that waits, for
        the morning perhaps, holds up nobody who wants to talk.
        """
        return line_of(self.subscription.target, self.delivery.purpose)


def line_of(target: Target, purpose: Purpose) -> str:
    """Return the name of a line in which parts wait for each other."""
    place = f"{target.workspace}/{target.channel}"
    return f"{place}/discussions" if purpose is Purpose.DISCUSSION else place


@dataclass(frozen=True, slots=True)
class Lease:
    """Who pays on a platform: as long as the beat goes on, nobody else does."""

    owner: str
    beat: int


@dataclass(frozen=True, slots=True)
class PendingNotice:
    """A notice that was not told yet."""

    id: int
    notice: Notice
    subscription: Subscription
    attempts: int


@dataclass(frozen=True, slots=True)
class Report:
    """What has become of a delivery."""

    delivery: Delivery
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """All that there is to tell of a subscription."""

    subscription: Subscription
    slots: tuple[StoredSlot, ...]
    """The newest first."""
    reports: tuple[Report, ...]
    """The newest first."""


@dataclass(frozen=True, slots=True)
class Tally:
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


class Subscriptions(Protocol):
    """Who wants what, kept. Every method may raise Unavailable."""

    async def subscribe(self, wanted: Subscription, now: datetime) -> Subscription:
        """Keep a subscription, new or changed, by its target and series; return it as stored."""
        ...

    async def subscriptions(self, target: Target | None = None) -> tuple[Subscription, ...]:
        """Return all that are not ended, of one channel or of all.

        A target without a workspace means its channel in any.
        """
        ...

    async def pause(self, number: int, now: datetime, *, paused: bool) -> None:
        """Stop a subscription or let it go on, its slots counting from now."""
        ...

    async def unsubscribe(self, number: int) -> None:
        """End a subscription; what it owed is not posted any more, its history is kept."""
        ...

    async def account(self, number: int, limit: int) -> Account:
        """Return a subscription with its newest slots and deliveries."""
        ...

    async def tallies(self, now: datetime) -> tuple[Tally, ...]:
        """Return what is counted on each platform."""
        ...


class Debts(Protocol):
    """What is owed to whom, kept. Every method may raise Unavailable."""

    async def due(
        self, now: datetime, reach: timedelta
    ) -> tuple[tuple[Subscription, History], ...]:
        """Return the subscriptions that have something to be decided.

        With each what a decision has to know: its slots of so long a time back.
        """
        ...

    async def history(self, number: int, since: datetime) -> History:
        """Return what a decision has to know of a subscription; its slots since then."""
        ...

    async def settle(self, subscription: Subscription, verdict: Verdict, now: datetime) -> bool:
        """Keep a decision; False where somebody had decided already, and nothing was kept."""
        ...

    async def reckon(self, number: int, next_at: datetime | None) -> None:
        """Keep when a subscription is due next; None for never."""
        ...

    async def owe(self, planned: Planned, now: datetime) -> bool:
        """Keep a delivery that somebody asked for; False where it was owed or paid before.

        One that was skipped is owed after all, and parts of it that failed are tried again.
        """
        ...

    async def tidy(self, now: datetime) -> int:
        """Let go of deliveries that were not begun in time; return how many.

        Decisions about slots that are still to come are forgotten: the clock had jumped ahead.
        """
        ...


class Payments(Protocol):
    """What an outbox asks. Every method may raise Unavailable."""

    async def beat(self, platform: str, owner: str, stale: Lease | None) -> Lease:
        """Take or keep the right to pay on a platform; return who has it now.

        It is taken from another only where its lease is still exactly the `stale` one.
        """
        ...

    async def leave(self, platform: str, owner: str) -> None:
        """Give the right to pay away."""
        ...

    async def halt(self, platform: str, reason: str) -> None:
        """Keep why a platform stopped; nothing where it goes on."""
        ...

    async def heads(
        self, platform: str, now: datetime, limit: int, channel: str | None = None
    ) -> tuple[Owed, ...]:
        """Return parts that no earlier unpaid one of their channel stands before.

        Those owed by now, and those that were left in sending; of one channel or of all.
        """
        ...

    async def claim(
        self, owner: str, wanted: Sequence[tuple[Owed, int]], now: datetime
    ) -> tuple[Owed, ...]:
        """Mark parts as sending where they are still owed, each with its number of chunks.

        Chunks that are not there yet become parts right after theirs. Return the parts that were
        marked, as they are now; none where somebody else has the right to pay.
        """
        ...

    async def put_off(self, part: Part, due_at: datetime) -> None:
        """Let a part that is owed wait until then."""
        ...

    async def mark_posted(self, part: Part, ref: MessageRef, now: datetime) -> bool:
        """Mark a part that one claimed as posted; False where somebody else claimed it since."""
        ...

    async def mark_owed(self, part: Part, due_at: datetime, error: str) -> bool:
        """Give a part that one claimed back, to be tried again then; False as above."""
        ...

    async def mark_failed(self, owed: Owed, error: str, now: datetime, *, is_untold: bool) -> bool:
        """Give a part up; False as above. Whoever subscribed is told."""
        ...

    async def withdraw(self, part: Part) -> None:
        """Forget a part that was never sent, because there is nothing to say any more."""
        ...

    async def overview_before(self, owed: Owed) -> MessageRef | None:
        """Return the overview that was posted before this one, for the same subscription."""
        ...

    async def pause_channel(self, target: Target, reason: str, now: datetime) -> None:
        """Pause every subscription of a channel; whoever subscribed is told."""
        ...

    async def notices(self, platform: str, now: datetime, limit: int) -> tuple[PendingNotice, ...]:
        """Return what is to be told by now, oldest first."""
        ...

    async def mark_told(self, number: int, due_at: datetime | None) -> None:
        """Mark a notice as told, or as to be tried again then."""
        ...


@dataclass(frozen=True, slots=True)
class WantedDiscussion:
    """A thread that somebody asked for."""

    target: Target
    planned: Planned
    """Its subscription is not known yet."""
    language: str
    """What is spoken in the channel: 'ko', 'en' or 'both'."""
    person: str
    """The platform's id of whoever asked, who is told where it fails."""


class Discussions(Protocol):
    """Which paper is talked about where, kept. Every method may raise Unavailable."""

    async def discussion(self, target: Target, paper: int) -> Discussion | None:
        """Return the thread of a paper in a channel, whoever it was opened for; None for none."""
        ...

    async def discuss(self, wanted: WantedDiscussion, now: datetime) -> None:
        """Owe a thread; nothing where it is owed or posted. What had failed is tried again."""
        ...


class Ledger(Subscriptions, Debts, Payments, Discussions, Protocol):
    """All of it."""
