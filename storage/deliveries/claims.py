"""Stores the states of parts: claimed, and then posted, to be retried or failed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, update

from bot.model.channels import MessageRef
from bot.model.deliveries import DuePart, Notice, Part, PartState, Purpose
from storage.deliveries import leases
from storage.deliveries.due_parts import load_parts
from storage.deliveries.notices import add_notice
from storage.deliveries.queue import add_chunks
from storage.schema.deliveries import parts
from storage.schema.types import storable


def claim(
    connection: Connection,
    owner: str,
    wanted: Sequence[tuple[DuePart, int]],
    now: datetime,
) -> tuple[tuple[DuePart, ...], int]:
    """Mark parts as sending; see `bot.ports.ledger.DeliveryLedger.claim`.

    Returns the lease's beat as well, which grows with every claim.
    """
    beat = leases.count_claim(connection, wanted[0][0].subscription.target.platform, owner, now)
    if not beat:
        return (), 0
    claimed = []
    for due_part, chunks in wanted:
        if not _claim(connection, due_part.part, now):
            continue
        if not due_part.part.chunk:
            add_chunks(connection, due_part, chunks)
        claimed.append(due_part.part.id)
    return load_parts(connection, claimed), beat


def postpone(connection: Connection, part: Part, due_at: datetime) -> None:
    """Postpone an owed part."""
    connection.execute(
        update(parts)
        .where(parts.c.id == part.id, parts.c.state == PartState.OWED.value)
        .values(due_at=due_at)
    )


def mark_posted(connection: Connection, part: Part, ref: MessageRef, now: datetime) -> bool:
    """Mark a claimed part as posted."""
    return _mark(
        connection,
        part,
        state=PartState.POSTED.value,
        message=ref.id,
        thread=ref.thread,
        url=ref.url,
        posted_at=now,
        error="",
    )


def mark_owed(connection: Connection, part: Part, due_at: datetime, error: str) -> bool:
    """Return a claimed part to the queue."""
    return _mark(connection, part, state=PartState.OWED.value, due_at=due_at, error=error)


def mark_failed(
    connection: Connection, due_part: DuePart, error: str, now: datetime, *, is_unconfirmed: bool
) -> bool:
    """Give a part up, and store a notice for the subscriber."""
    state = PartState.FAILED.value
    if not _mark(connection, due_part.part, state=state, error=error, is_untold=is_unconfirmed):
        return False
    if due_part.delivery.purpose is Purpose.DISCUSSION:
        return True  # the reply to the member who asked for it says so
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


def _claim(connection: Connection, part: Part, now: datetime) -> bool:
    """Count an attempt where the part is still as it was read."""
    changed = connection.execute(
        update(parts)
        .where(
            parts.c.id == part.id,
            parts.c.state == PartState.OWED.value,
            parts.c.attempts == part.attempts,
        )
        .values(
            state=PartState.SENDING.value,
            attempts=part.attempts + 1,
            first_tried_at=func.coalesce(parts.c.first_tried_at, now),
        )
    )
    return changed.rowcount == 1


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
