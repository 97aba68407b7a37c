"""Stores deliveries with their parts, and discards those that expired."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    exists,
    select,
    update,
)

from bot.model.deliveries import Delivery, PartState, Purpose
from bot.model.planning import Notice, PlannedDelivery
from bot.model.weeks import Week
from bot.ports.changes import Change
from storage.changes import announce
from storage.connections import chunks
from storage.deliveries import held_weeks
from storage.deliveries.notices import add_notice
from storage.deliveries.part_rows import add_parts
from storage.deliveries.row_mapping import (
    DELIVERIES,
    StoredRow,
    recap_to_json,
    subscription_from_row,
)
from storage.reader import ConnectionReader, Reader, format_moment, question_marks
from storage.schema.deliveries import deliveries, parts, slots, subscriptions
from storage.schema.people import followed_issues
from storage.schema.upserts import insert_or

_JUMP = timedelta(hours=1)

_KEY = ("subscription_id", "purpose", "year", "number", "paper")
"""The columns of which a delivery has a combination of its own."""
_SAME = select(deliveries.c.id, deliveries.c.skipped).where(
    *(deliveries.c[name] == bindparam(f"same_{name}") for name in _KEY)
)
_ADD_DELIVERIES = insert_or(deliveries).on_conflict_do_nothing()
"""Built once: each delivery needs them."""


def add_deliveries(connection: Connection, planned: Sequence[PlannedDelivery]) -> int:
    """Store deliveries that are not there yet, with their parts; the others stay as they are.

    All together take as many statements as one. Returns how many were stored.
    """
    return sum(_add_deliveries(connection, some) for some in chunks(planned))


def _add_deliveries(connection: Connection, planned: Sequence[PlannedDelivery]) -> int:
    rows = {_key(row): (row, each) for each in planned for row in [delivery_values(each.delivery)]}
    before = {_key(row) for row in _find_alike(connection, rows)}
    new = {key: found for key, found in rows.items() if key not in before}
    if not new:
        return 0
    connection.execute(_ADD_DELIVERIES, [row for row, _ in new.values()])
    made = [(row, new[_key(row)][1]) for row in _find_alike(connection, rows) if _key(row) in new]
    add_parts(connection, made)
    return len(made)


def _find_alike(
    connection: Connection, keys: Collection[tuple[Any, ...]]
) -> Iterator[dict[str, Any]]:
    """Yield the deliveries of which each column of the key is one of these, `paper` apart."""
    columns = {name: sorted({key[place] for key in keys}) for place, name in enumerate(_KEY[:-1])}
    condition = " AND ".join(
        f"{name} IN ({question_marks(len(own))})" for name, own in columns.items()
    )
    values = [value for own in columns.values() for value in own]
    reader = ConnectionReader(connection)
    return DELIVERIES.decode(reader.rows(DELIVERIES.select(f"WHERE {condition}"), values))


def enqueue(connection: Connection, planned: PlannedDelivery, now: datetime) -> bool:
    """Store a delivery that was asked for; False where it was enqueued or posted before."""
    delivery = planned.delivery
    values = delivery_values(delivery)
    if delivery.purpose is Purpose.ISSUE:
        of_owner = select(subscriptions).where(subscriptions.c.id == delivery.subscription)
        place = connection.execute(of_owner).mappings().one()
        channel = subscription_from_row(place).target
        if held_weeks.is_held(connection, channel, place["series"], delivery.week):
            return False  # curators began to hold it while it was asked for
    known = connection.execute(_SAME, {f"same_{name}": values[name] for name in _KEY}).first()
    if known is None:
        add_deliveries(connection, (planned,))
        return True
    if known.skipped:
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id == known.id)
            .values(skipped="", due_at=delivery.due_at, expires_at=delivery.expires_at)
        )
        of_key = select(deliveries).where(deliveries.c.id == known.id)
        row = connection.execute(of_key).mappings().one()
        add_parts(connection, [(row, planned)])
        return True
    again = connection.execute(
        update(parts)
        .where(
            parts.c.delivery_id == known.id,
            parts.c.state == PartState.FAILED.value,
            parts.c.is_untold.is_(False),
        )
        .values(state=PartState.OWED.value, due_at=now, error="", first_tried_at=None)
    )
    announce(connection, Change.OUTBOX)
    return again.rowcount > 0


# The first condition is that of the index of the unsent parts, so that SQLite uses it.
_EXPIRED = (
    "SELECT 1 FROM deliveries JOIN parts ON parts.delivery_id = deliveries.id "
    "WHERE state IN ('owed', 'sending') AND state = 'owed' AND expires_at < ? LIMIT 1"
)
_AHEAD = "SELECT 1 FROM slots WHERE at > ? LIMIT 1"


def has_expired(reader: Reader, now: datetime) -> bool:
    """Return whether `expire` has something to do; most often it has not."""
    return bool(
        reader.rows(_AHEAD, (format_moment(now + _JUMP),))
        or reader.rows(_EXPIRED, (format_moment(now),))
    )


def expire(connection: Connection, now: datetime) -> int:
    """Discard expired deliveries and decisions about the future."""
    connection.execute(delete(slots).where(slots.c.at > now + _JUMP))
    begun = exists().where(
        parts.c.delivery_id == deliveries.c.id, parts.c.state != PartState.OWED.value
    )
    owed = exists().where(
        parts.c.delivery_id == deliveries.c.id, parts.c.state == PartState.OWED.value
    )
    rows = connection.execute(
        select(deliveries).where(deliveries.c.expires_at < now, owed, ~begun)
    ).mappings().all()  # fmt: skip
    for row in rows:
        connection.execute(delete(parts).where(parts.c.delivery_id == row["id"]))
        connection.execute(
            update(deliveries).where(deliveries.c.id == row["id"]).values(skipped="late")
        )
        if Purpose(row["purpose"]).is_asked:
            continue  # it is no week of a digest, and has no admin who could be told
        week = str(Week(row["year"], row["number"]))
        add_notice(connection, row["subscription_id"], Notice("late", week, {"week": week}), now)
    return len(rows)


def rename_week(connection: Connection, series: str, old: Week, new: Week) -> None:
    """Let what was owed or posted of a week count for its right name: it is not posted again."""
    of_series = select(subscriptions.c.id).where(subscriptions.c.series == series)
    there = deliveries.alias()
    connection.execute(
        update(deliveries)
        .where(
            deliveries.c.subscription_id.in_(of_series),
            deliveries.c.year == old.year,
            deliveries.c.number == old.number,
            ~exists().where(
                there.c.subscription_id == deliveries.c.subscription_id,
                there.c.purpose == deliveries.c.purpose,
                there.c.year == new.year,
                there.c.number == new.number,
            ),
        )
        .values(year=new.year, number=new.number)
    )
    # Nor is it news again for those who follow something of it.
    known = (followed_issues.c.series == series, followed_issues.c.year == old.year)
    connection.execute(
        delete(followed_issues).where(
            followed_issues.c.series == series,
            followed_issues.c.year == new.year,
            followed_issues.c.number == new.number,
        )
    )
    connection.execute(
        update(followed_issues)
        .where(*known, followed_issues.c.number == old.number)
        .values(year=new.year, number=new.number)
    )


def delivery_values(delivery: Delivery) -> dict[str, Any]:
    """Return the row of a delivery."""
    return {
        "subscription_id": delivery.subscription,
        "purpose": delivery.purpose.value,
        "year": delivery.week.year,
        "number": delivery.week.number,
        "layout": delivery.layout.value,
        "due_at": delivery.due_at,
        "expires_at": delivery.expires_at,
        "skipped": delivery.skipped,
        "paper": delivery.paper,
        "opened_by": delivery.opened_by,
        "recap": recap_to_json(delivery.recap),
    }


def _key(row: StoredRow) -> tuple[Any, ...]:
    return tuple(row[name] for name in _KEY)
