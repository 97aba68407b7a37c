"""Stores the states of parts: claimed, and then posted, to be retried or failed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from bot.model.channels import MessageRef
from bot.model.deliveries import DuePart, LedgerGap, Part, PartState, PostedPart
from bot.model.planning import Notice
from bot.ports.changes import Change
from storage.changes import announce
from storage.deliveries import crossposts, direct_messages, leases, message_edits
from storage.deliveries.notices import add_notice
from storage.deliveries.part_rows import add_chunks
from storage.schema.deliveries import deliveries, parts, subscriptions
from storage.schema.types import UtcDateTime, storable

_FREE = (
    select(parts.c.id, parts.c.attempts)
    .join(deliveries, deliveries.c.id == parts.c.delivery_id)
    .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
    .where(
        parts.c.id.in_(bindparam("numbers", expanding=True)),
        parts.c.state == PartState.OWED.value,
        subscriptions.c.is_paused.is_(False),
        subscriptions.c.is_ended.is_(False),
    )
    # What another transaction is changing is not free; SQLite has one that writes at a time.
    .with_for_update(of=parts, skip_locked=True)
)
_CLAIM = (
    update(parts)
    .where(parts.c.id.in_(bindparam("numbers", expanding=True)))
    .values(
        state=PartState.SENDING.value,
        attempts=parts.c.attempts + 1,
        first_tried_at=func.coalesce(parts.c.first_tried_at, bindparam("now", type_=UtcDateTime)),
    )
)
_MARK_POSTED = (
    update(parts)
    .where(
        parts.c.id == bindparam("number"),
        parts.c.state == PartState.SENDING.value,
        parts.c.attempts == bindparam("tried"),
    )
    .values(
        state=PartState.POSTED.value,
        message=bindparam("message_id"),
        thread=bindparam("thread_id"),
        url=bindparam("address"),
        posted_at=bindparam("now", type_=UtcDateTime),
        content=bindparam("shown"),
        error="",
    )
)
"""Built once, as they run for every message."""


def claim(
    connection: Connection,
    owner: str,
    wanted: Sequence[tuple[DuePart, int]],
    now: datetime,
) -> tuple[tuple[DuePart, ...], int]:
    """Mark parts as sending; see `bot.ports.outbox_ledger.DeliveryLedger.claim`.

    Returns the lease's beat as well, which grows with every claim.
    """
    platform = wanted[0][0].subscription.target.platform
    beat, gap = leases.count_claim(connection, platform, owner, now)
    if not beat:
        return (), 0
    numbers = [due_part.part.id for due_part, _ in wanted]
    found = {tuple(row) for row in connection.execute(_FREE, {"numbers": numbers})}
    free = [each for each in wanted if (each[0].part.id, each[0].part.attempts) in found]
    if not free:
        return (), beat
    # The rows are locked: nothing of them can have changed since they were read.
    mine = {"numbers": [due_part.part.id for due_part, _ in free], "now": now}
    connection.execute(_CLAIM, mine)
    add_chunks(connection, [each for each in free if not each[0].part.chunk])
    return tuple(_claimed(due_part, gap, now) for due_part, _ in free), beat


def postpone(connection: Connection, part: Part, due_at: datetime) -> None:
    """Postpone an owed part."""
    connection.execute(
        update(parts)
        .where(parts.c.id == part.id, parts.c.state == PartState.OWED.value)
        .values(due_at=due_at)
    )
    announce(connection, Change.OUTBOX)


def mark_posted(connection: Connection, posted: Sequence[PostedPart]) -> int:
    """Mark claimed parts as posted, each by its newest attempt; return how many."""
    values = [
        {
            "number": each.part.id,
            "tried": each.part.attempts,
            "message_id": storable(each.ref.id),
            "thread_id": storable(each.ref.thread),
            "address": storable(each.ref.url),
            "now": each.at,
            "shown": each.content,
        }
        for each in posted
    ]
    marked = connection.execute(_MARK_POSTED, values).rowcount
    crossposts.add(connection, posted)
    return marked


def supersede(connection: Connection, part: Part, thread: MessageRef, now: datetime) -> None:
    """Count an unclaimed part as posted by a message that was there before it."""
    connection.execute(
        update(parts)
        .where(parts.c.id == part.id, parts.c.state == PartState.OWED.value)
        .values(
            state=PartState.POSTED.value,
            message=thread.id,
            thread=thread.thread,
            url=thread.url,
            posted_at=now,
            error="",
            is_deleted=True,  # it stands for another message, which is edited by its own part
        )
    )


def mark_owed(connection: Connection, part: Part, due_at: datetime, error: str) -> bool:
    """Return a claimed part to the queue."""
    announce(connection, Change.OUTBOX)
    return _mark(connection, part, state=PartState.OWED.value, due_at=due_at, error=error)


def mark_failed(
    connection: Connection, due_part: DuePart, error: str, now: datetime, *, is_unconfirmed: bool
) -> bool:
    """Give a part up, and store a notice for the subscriber."""
    state = PartState.FAILED.value
    if not _mark(connection, due_part.part, state=state, error=error, is_untold=is_unconfirmed):
        return False
    message_edits.forget(connection, due_part.part)
    if due_part.delivery.purpose.is_personal:
        direct_messages.note_refused(connection, due_part, error)
    if due_part.delivery.purpose.is_asked:
        return True  # the member who asked is told in a reply; what curators decide is in lists
    week = str(due_part.delivery.week)
    position = str(due_part.part.position)
    facts = {"week": week, "reason": error, "position": position, "key": due_part.part.key}
    notice = Notice("untold" if is_unconfirmed else "failed", due_part.part.key, facts)
    add_notice(connection, due_part.subscription.id, notice, now)
    return True


def discard_part(connection: Connection, part: Part) -> None:
    """Delete a part that was never sent."""
    connection.execute(
        delete(parts).where(parts.c.id == part.id, parts.c.state == PartState.OWED.value)
    )


def _claimed(due_part: DuePart, gap: LedgerGap | None, now: datetime) -> DuePart:
    """Return a part as it is once it is claimed."""
    part = due_part.part
    part = replace(
        part,
        state=PartState.SENDING,
        attempts=part.attempts + 1,
        first_tried_at=part.first_tried_at or now,
    )
    return replace(due_part, part=part, gap=gap)


def _mark(connection: Connection, part: Part, **values: Any) -> bool:
    """Record what became of an attempt; only the newest attempt may."""
    stored = {name: storable(value) for name, value in values.items()}
    changed = connection.execute(
        update(parts)
        .where(
            parts.c.id == part.id,
            parts.c.state == PartState.SENDING.value,
            parts.c.attempts == part.attempts,
        )
        .values(stored)
    )
    return changed.rowcount == 1
