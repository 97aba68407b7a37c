"""Stores leases, and the states of parts: claimed, posted, to be retried or failed."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as insert_new

from bot.model.channels import MessageRef, Target
from bot.model.deliveries import DuePart, Lease, LedgerGap, Notice, Part, PartState, Purpose
from storage.deliveries.notices import add_notice
from storage.deliveries.queue import part_key, part_values, sequence_number
from storage.deliveries.subscriptions import (
    NO_SERIES,
    delivery_from_row,
    part_from_row,
    readable_subscriptions,
)
from storage.schema.deliveries import deliveries, outboxes, parts, subscriptions
from storage.schema.types import UtcDateTime, storable

_LOG = logging.getLogger(__name__)

_JUMP = timedelta(hours=25)
"""Nothing is put off for longer; what seems to be was put off while the clock was wrong."""


def acquire_or_renew(
    connection: Connection,
    platform: str,
    owner: str,
    stale: Lease | None,
    sign: tuple[datetime, int],
) -> Lease:
    """Acquire or renew the lease of a platform; return the lease as it is now.

    `sign` is the present time, and the last beat that is known outside the database.
    """
    now, stamped = sign
    of_platform = outboxes.c.platform == platform
    known = connection.execute(select(outboxes).where(of_platform)).first()
    if known is None:
        values = {"platform": platform, "owner": owner, "beat": stamped + 1, "halted": ""}
        gap = {"gap_from": None, "gap_until": now} if stamped else {}
        connection.execute(insert(outboxes).values({**values, **gap, "seen_at": now}))
        return Lease(owner, stamped + 1)
    found = Lease(known.owner, known.beat)
    if found.owner in ("", owner) or found == stale:
        found = Lease(owner, max(known.beat, stamped) + 1)
        changed = {"owner": owner, "beat": found.beat, "seen_at": now}
        if stamped > known.beat:
            changed |= {"gap_from": known.gap_from or known.seen_at, "gap_until": now}
            fields = {"platform": platform, "since": str(known.seen_at)}
            _LOG.warning("Ledger is older than its stamp", extra={"fields": fields})
        connection.execute(update(outboxes).where(of_platform).values(changed))
    return found


def record_gap(connection: Connection, copied_at: datetime, now: datetime) -> None:
    """Record that the database was restored from a copy: what followed it is not known."""
    known = {row.platform: row for row in connection.execute(select(outboxes))}
    for platform in {*known, *connection.scalars(select(subscriptions.c.platform).distinct())}:
        row = known.get(platform)
        since = (row.gap_from or row.seen_at if row else None) or copied_at
        values = {"owner": "", "gap_from": since, "gap_until": now}
        connection.execute(
            insert_new(outboxes)
            .values({"platform": platform, "beat": 0, "halted": "", **values})
            .on_conflict_do_update(index_elements=["platform"], set_=values)
        )


def release(connection: Connection, platform: str, owner: str) -> None:
    """Give the lease up."""
    connection.execute(
        update(outboxes)
        .where(outboxes.c.platform == platform, outboxes.c.owner == owner)
        .values(owner="")
    )


def record_halt(connection: Connection, platform: str, reason: str) -> None:
    """Store why a platform stopped, or that it runs."""
    reason = storable(reason)
    values = {"platform": platform, "owner": "", "beat": 0, "halted": reason}
    connection.execute(
        insert_new(outboxes)
        .values(values)
        .on_conflict_do_update(index_elements=["platform"], set_={"halted": reason})
    )


def _next_parts_statement(*more: ColumnElement[bool]) -> Select[Any]:
    """Return the query of the first unsent part of each channel, where it is due or in doubt."""
    first = (
        select(func.min(parts.c.sequence).label("sequence"))
        .join(deliveries, deliveries.c.id == parts.c.delivery_id)
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .where(
            parts.c.platform == bindparam("platform"),
            # As it stands in the index of the unsent parts, so that SQLite uses that.
            parts.c.state.in_([literal_column("'owed'"), literal_column("'sending'")]),
            subscriptions.c.is_paused.is_(False),
            subscriptions.c.is_ended.is_(False),
            *more,
        )
        .group_by(parts.c.place)
        .subquery()
    )
    may_be_sent = or_(
        parts.c.state == PartState.SENDING.value,
        parts.c.due_at <= bindparam("now", type_=UtcDateTime),
        parts.c.due_at > bindparam("far", type_=UtcDateTime),
    )
    return (
        select(parts.c.id)
        .join(first, first.c.sequence == parts.c.sequence)
        .where(may_be_sent)
        .order_by(parts.c.due_at, parts.c.sequence)
        .limit(bindparam("most"))
    )


_NEXT_PARTS = _next_parts_statement()
_NEXT_PART_OF_CHANNEL = _next_parts_statement(parts.c.place == bindparam("place"))
"""Built once: an outbox asks for them every second."""


def next_parts(
    connection: Connection, platform: str, now: datetime, limit: int, channel: str | None
) -> tuple[DuePart, ...]:
    """Return the first unsent part of each channel, where it is due or in doubt."""
    wanted = {"platform": platform, "now": now, "far": now + _JUMP, "most": limit}
    if channel is None:
        found = connection.scalars(_NEXT_PARTS, wanted)
    else:
        found = connection.scalars(_NEXT_PART_OF_CHANNEL, {**wanted, "place": channel})
    return _load_parts(connection, found.all())


def claim(
    connection: Connection,
    owner: str,
    wanted: Sequence[tuple[DuePart, int]],
    now: datetime,
) -> tuple[tuple[DuePart, ...], int]:
    """Mark parts as sending; see `bot.ports.ledger.DeliveryLedger.claim`.

    Returns the lease's beat as well, which grows with every claim.
    """
    beat = _beat(connection, wanted[0][0].subscription.target.platform, owner, now)
    if not beat:
        return (), 0
    claimed = []
    for due_part, chunks in wanted:
        if not _claim(connection, due_part.part, now):
            continue
        if not due_part.part.chunk:
            _split(connection, due_part, chunks)
        claimed.append(due_part.part.id)
    return _load_parts(connection, claimed), beat


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


def previous_overview(connection: Connection, due_part: DuePart) -> MessageRef | None:
    """Return the overview that was posted before this one, for the same subscription."""
    row = (
        connection.execute(
            select(parts)
            .join(deliveries, deliveries.c.id == parts.c.delivery_id)
            .where(
                deliveries.c.subscription_id == due_part.subscription.id,
                deliveries.c.id != due_part.delivery.id,
                parts.c.kind == due_part.part.kind,
                parts.c.chunk == 0,
                parts.c.state == PartState.POSTED.value,
            )
            .order_by(parts.c.posted_at.desc())
            .limit(1)
        )
        .mappings()
        .first()
    )
    return part_from_row(row, due_part.subscription.target).ref if row else None


def pause_channel(connection: Connection, target: Target, reason: str, now: datetime) -> None:
    """Pause every subscription of a channel, and tell its subscribers."""
    active = (*_active_in(target), subscriptions.c.channel == target.channel)
    _pause(connection, active, reason, now)


def pause_workspace(connection: Connection, target: Target, reason: str, now: datetime) -> None:
    """Pause every subscription of a channel's workspace, and tell each recipient once."""
    _pause(connection, _active_in(target), reason, now, is_told_once=True)


def _active_in(target: Target) -> tuple[ColumnElement[bool], ...]:
    return (
        subscriptions.c.platform == target.platform,
        subscriptions.c.workspace == target.workspace,
        subscriptions.c.is_paused.is_(False),
        subscriptions.c.is_ended.is_(False),
    )


def _pause(
    connection: Connection,
    active: Sequence[ColumnElement[bool]],
    reason: str,
    now: datetime,
    *,
    is_told_once: bool = False,
) -> None:
    reason = storable(reason)
    told: set[str] = set()
    # Discussions have no admin who could be told; the member who asked gets a reply.
    digests = select(subscriptions).where(*active, subscriptions.c.series != NO_SERIES)
    for row in connection.execute(digests.order_by(subscriptions.c.id)).mappings().all():
        recipient = row["admin_channel"] or row["subscriber"]
        if not (is_told_once and recipient in told):
            notice = Notice("paused", now.isoformat(), {"reason": reason})
            add_notice(connection, row["id"], notice, now)
        told.add(recipient)
    connection.execute(
        update(subscriptions).where(*active).values(is_paused=True, pause_reason=reason)
    )


def _beat(connection: Connection, platform: str, owner: str, now: datetime) -> int:
    """Count a sign of life of the lease's owner and return the beat; 0 for any other."""
    mine = (outboxes.c.platform == platform, outboxes.c.owner == owner)
    connection.execute(update(outboxes).where(*mine).values(beat=outboxes.c.beat + 1, seen_at=now))
    return connection.scalar(select(outboxes.c.beat).where(*mine)) or 0


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


def _split(connection: Connection, due_part: DuePart, chunks: int) -> None:
    """Make parts of the messages that follow the first one of a part."""
    if chunks <= 1:
        return
    of_part = parts.c.id == due_part.part.id
    first = connection.execute(select(parts).where(of_part)).mappings().one()
    of_delivery = deliveries.c.id == first["delivery_id"]
    delivery = connection.execute(select(deliveries).where(of_delivery)).mappings().one()
    of_subscription = subscriptions.c.id == delivery["subscription_id"]
    row = connection.execute(select(subscriptions).where(of_subscription)).mappings().one()
    place = (due_part.part.kind, due_part.part.position)
    for chunk in range(1, chunks):
        values = part_values(row, delivery, place) | {
            "paper": first["paper"],
            "sequence": first["sequence"] + sequence_number(0, 0, chunk),
            "chunk": chunk,
            "key": part_key(row["token"], delivery, place, chunk),
        }
        connection.execute(insert_new(parts).values(values).on_conflict_do_nothing())


def _load_parts(connection: Connection, numbers: Sequence[int]) -> tuple[DuePart, ...]:
    """Return parts in the order of their numbers, with all that is needed to post them."""
    if not numbers:
        return ()
    found = {}
    rows = connection.execute(select(parts).where(parts.c.id.in_(numbers))).mappings().all()
    due = {row["delivery_id"] for row in rows}
    given = connection.execute(select(deliveries).where(deliveries.c.id.in_(due))).mappings()
    owing = {row["id"]: row for row in given}
    names = {row["subscription_id"] for row in owing.values()}
    wanted = select(subscriptions).where(subscriptions.c.id.in_(names))
    known = readable_subscriptions(connection.execute(wanted).mappings())
    gaps = {
        row.platform: LedgerGap(row.gap_from, row.gap_until)
        for row in connection.execute(select(outboxes).where(outboxes.c.gap_until.is_not(None)))
    }
    for row in rows:
        delivery = owing[row["delivery_id"]]
        subscription = known.get(delivery["subscription_id"])
        if subscription is None:
            continue
        part = part_from_row(row, subscription.target)
        is_first = row["sequence"] == sequence_number(delivery["id"], 0, 0)
        gap = gaps.get(row["platform"])
        due_part = DuePart(part, delivery_from_row(delivery), subscription, is_first, gap=gap)
        if due_part.is_threaded:
            root = _thread_root(connection, row["delivery_id"], part, subscription.target)
            due_part = replace(due_part, root=root)
        found[part.id] = due_part
    return tuple(found[number] for number in numbers if number in found)


def _thread_root(
    connection: Connection, delivery: int, part: Part, target: Target
) -> MessageRef | None:
    """Return the message whose thread a part belongs to, preferring one inside the thread."""
    wanted = select(parts).where(
        parts.c.delivery_id == delivery,
        parts.c.position == part.position,
        parts.c.state == PartState.POSTED.value,
    )
    row = (
        connection.execute(wanted.order_by(parts.c.thread.desc(), parts.c.sequence).limit(1))
        .mappings()
        .first()
    )
    return part_from_row(row, target).ref if row else None
