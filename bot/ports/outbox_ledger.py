"""The port to what an outbox sends: parts, notices, edits and crossposts."""

from collections.abc import Sequence, Set
from datetime import datetime
from typing import Protocol

from bot.model.channels import MessageRef, Target
from bot.model.deliveries import DueCrosspost, DuePart, Lease, Part, PostedPart
from bot.model.delivery_reports import PendingNotice
from bot.model.message_edits import DueEdit, EditBatch, FinishedEdit


class DeliveryLedger(Protocol):
    """The parts that an outbox sends. Every method may raise StorageUnavailable."""

    async def acquire_or_renew(
        self, platform: str, owner: str, stale: Lease | None, now: datetime
    ) -> Lease:
        """Acquire or renew the lease of a platform; return the lease as it is now.

        It is taken from another owner only where its lease is still exactly the `stale` one.
        Where the ledger is older than the last sign of life, a copy has been put in its place:
        the time between is kept as the gap of its due parts.
        """
        ...

    async def release(self, platform: str, owner: str) -> None:
        """Give the lease up."""
        ...

    async def record_halt(self, platform: str, reason: str) -> None:
        """Store why a platform stopped; empty where it runs."""
        ...

    async def next_parts(
        self,
        platform: str,
        now: datetime,
        limit: int,
        channels: Sequence[str] | None = None,
        without: Set[str] = frozenset(),
    ) -> tuple[DuePart, ...]:
        """Return the first unsent part of each channel, or of these, or of all without some.

        Those that are due by now, and those that were left in the state `sending`.
        """
        ...

    async def next_due(self, platform: str, now: datetime) -> datetime | None:
        """Return when something will be due that `next_parts` does not return yet; None for never.

        The earliest of edits, notices and crossposts counts too, also where it is due by now.
        """
        ...

    async def claim(
        self, owner: str, wanted: Sequence[tuple[DuePart, int]], now: datetime
    ) -> tuple[DuePart, ...]:
        """Mark parts as sending where they are still owed, each with its number of chunks.

        Chunks that are not there yet become parts right after theirs. Return the parts that were
        marked, as they are now; none where another owner holds the lease. What was paused or
        ended since it was read is left as it is.
        """
        ...

    async def postpone(self, part: Part, due_at: datetime) -> None:
        """Let an unclaimed part wait until then."""
        ...

    async def mark_posted(self, posted: Sequence[PostedPart]) -> int:
        """Mark claimed parts as posted; return how many.

        Those that another program claimed since are left as they are.
        """
        ...

    async def supersede(self, part: Part, thread: MessageRef, now: datetime) -> None:
        """Count an unclaimed part as posted by the thread that its paper has already."""
        ...

    async def mark_owed(self, part: Part, due_at: datetime, error: str) -> bool:
        """Return a claimed part, to be tried again then; False where it was claimed since."""
        ...

    async def mark_failed(
        self, due_part: DuePart, error: str, now: datetime, *, is_unconfirmed: bool
    ) -> bool:
        """Give a part up and store a notice for the subscriber; False as above."""
        ...

    async def discard_part(self, part: Part) -> None:
        """Delete a part that was never sent, as its issue or paper was removed."""
        ...

    async def previous_overview(self, due_part: DuePart) -> MessageRef | None:
        """Return the previous overview of the same subscription, if one was posted."""
        ...

    async def pause_channel(self, target: Target, reason: str, now: datetime) -> None:
        """Pause every subscription of a channel, and store notices for the subscribers."""
        ...

    async def pause_workspace(self, target: Target, reason: str, now: datetime) -> None:
        """Pause every subscription of a channel's workspace; notify each recipient once."""
        ...

    async def pending_notices(
        self, platform: str, now: datetime, limit: int
    ) -> tuple[PendingNotice, ...]:
        """Return the notices that are due, oldest first."""
        ...

    async def claim_notice(self, number: int, claimed_at: datetime | None, now: datetime) -> bool:
        """Record that a notice is about to be sent; False where another program did so.

        `claimed_at` is when it was claimed before, as it was read.
        """
        ...

    async def mark_notified(
        self, number: int, claimed_at: datetime, due_at: datetime | None
    ) -> None:
        """Record that a notice was sent; or, with a time, that it was not and is due then.

        A claim of another time than `claimed_at` stays as it is.
        """
        ...

    async def postpone_notice(self, number: int, due_at: datetime) -> None:
        """Postpone a notice until a UTC time; whether it was sent stays unknown."""
        ...


class EditLedger(Protocol):
    """The posted messages that are to be edited. Every method may raise StorageUnavailable.

    They are requested by whatever changes the archive, in the transaction of the change.
    """

    async def workspaces_with_edits(self, platform: str, now: datetime) -> tuple[str, ...]:
        """Return the workspaces of a platform in which a message is to be edited by now."""
        ...

    async def due_edits(self, wanted: EditBatch, now: datetime) -> tuple[DueEdit, ...]:
        """Return messages that are to be edited by now, the longest due first."""
        ...

    async def claim_edits(
        self, owner: str, edits: Sequence[DueEdit], now: datetime, until: datetime
    ) -> tuple[DueEdit, ...]:
        """Let edits be due again only then, and return those that were as they were read.

        None where another owner holds the lease. A program that ends meanwhile leaves nothing
        behind: an edit can be repeated, once no request of it can be under way any more.
        """
        ...

    async def finish_edits(self, finished: Sequence[FinishedEdit], now: datetime) -> None:
        """Record edits; one that was requested again since is due at once.

        Messages that a card needs and that are not there yet become parts.
        """
        ...

    async def postpone_edit(self, edit: DueEdit, due_at: datetime) -> None:
        """Let an edit be due then, unless it was requested again since."""
        ...


class CrosspostLedger(Protocol):
    """The messages to be published to followers. Every method may raise StorageUnavailable.

    They are stored with what records that they were posted.
    """

    async def due_crossposts(
        self, platform: str, now: datetime, limit: int
    ) -> tuple[DueCrosspost, ...]:
        """Return messages that are to be published by now, the longest due first."""
        ...

    async def finish_crosspost(self, due: DueCrosspost) -> None:
        """Record that a message needs not be published any more."""
        ...

    async def postpone_crossposts(self, due: DueCrosspost, due_at: datetime) -> None:
        """Count an attempt of a message, and let those of its channel be due then."""
        ...


class OutboxLedger(DeliveryLedger, EditLedger, CrosspostLedger, Protocol):
    """What an outbox needs."""
