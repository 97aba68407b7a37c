"""Stores deliveries with their parts, and discards those that expired."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    bindparam,
    delete,
    exists,
    insert,
    literal_column,
    select,
    update,
)

from bot.model.deliveries import (
    Delivery,
    DuePart,
    Notice,
    PartState,
    PlannedDelivery,
    Purpose,
    ordering_key,
)
from bot.model.weeks import Week
from storage.deliveries import held_weeks
from storage.deliveries.notices import add_notice
from storage.deliveries.part_keys import part_key, sequence_number
from storage.deliveries.row_mapping import recap_to_json, subscription_from_row
from storage.schema.deliveries import deliveries, parts, slots, subscriptions
from storage.schema.people import followed_issues
from storage.schema.types import UtcDateTime

_JUMP = timedelta(hours=1)

_KEY = ("subscription_id", "purpose", "year", "number", "paper")
"""The columns of which a delivery has a combination of its own."""
_SAME = select(deliveries.c.id, deliveries.c.skipped).where(
    *(deliveries.c[name] == bindparam(f"same_{name}") for name in _KEY)
)
_ADD_DELIVERY = insert(deliveries)
_ADD_PARTS = insert(parts)
_DELIVERY = select(deliveries).where(deliveries.c.id == bindparam("row"))
_SUBSCRIPTION = select(subscriptions).where(subscriptions.c.id == bindparam("row"))
_WITH_KEYS = select(parts.c.id).where(parts.c.key.in_(bindparam("keys", expanding=True))).limit(1)
"""Built once: each delivery needs them."""


def enqueue(
    connection: Connection, planned: PlannedDelivery, now: datetime, *, is_asked: bool = True
) -> bool:
    """Store a delivery; False where it was enqueued or posted before."""
    delivery = planned.delivery
    values = delivery_values(delivery)
    if is_asked and delivery.purpose is Purpose.ISSUE:
        place = connection.execute(_SUBSCRIPTION, {"row": delivery.subscription}).mappings().one()
        channel = subscription_from_row(place).target
        if held_weeks.is_held(connection, channel, place["series"], delivery.week):
            return False  # curators began to hold it while it was asked for
    known = connection.execute(_SAME, {f"same_{name}": values[name] for name in _KEY}).first()
    if known is None:
        made = connection.execute(_ADD_DELIVERY, values).inserted_primary_key
        assert made is not None  # noqa: S101 - for the type checker
        _add_parts(connection, made[0], planned)
        return True
    if not is_asked:
        return False
    if known.skipped:
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id == known.id)
            .values(skipped="", due_at=delivery.due_at, expires_at=delivery.expires_at)
        )
        _add_parts(connection, known.id, planned)
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
    return again.rowcount > 0


def add_chunks(
    connection: Connection, due_part: DuePart, chunks: int, late_at: datetime | None = None
) -> None:
    """Make parts of the messages that follow the first one of a part.

    `late_at`: when an edit added them; None for those that are posted with the first one.
    """
    if chunks <= 1:
        return
    of_part = parts.c.id == due_part.part.id
    first = connection.execute(select(parts).where(of_part)).mappings().one()
    delivery = connection.execute(_DELIVERY, {"row": first["delivery_id"]}).mappings().one()
    of_subscription = {"row": delivery["subscription_id"]}
    row = connection.execute(_SUBSCRIPTION, of_subscription).mappings().one()
    place = (due_part.part.kind, due_part.part.position)
    of_place = (
        parts.c.delivery_id == delivery["id"],
        parts.c.kind == place[0],
        parts.c.position == place[1],
    )
    known = set(connection.scalars(select(parts.c.chunk).where(*of_place)))
    missing = [chunk for chunk in range(1, chunks) if chunk not in known]
    if not missing:
        return
    keys = _free_keys(connection, row["token"], delivery, [(place, chunk) for chunk in missing])
    rows = [
        _part_values(row, delivery, place)
        | {
            "paper": first["paper"],
            "sequence": first["sequence"] + sequence_number(0, 0, chunk),
            "chunk": chunk,
            "key": key,
        }
        | ({"is_late": True, "due_at": late_at} if late_at else {})
        for chunk, key in zip(missing, keys, strict=True)
    ]
    connection.execute(insert(parts), rows)


_EXPIRED = (
    select(deliveries.c.id)
    .join(parts, parts.c.delivery_id == deliveries.c.id)
    .where(
        # The first condition is that of the index of the unsent parts, so that SQLite uses it.
        parts.c.state.in_([literal_column("'owed'"), literal_column("'sending'")]),
        parts.c.state == PartState.OWED.value,
        deliveries.c.expires_at < bindparam("now", type_=UtcDateTime),
    )
    .limit(1)
)
_AHEAD = select(slots.c.year).where(slots.c.at > bindparam("soon", type_=UtcDateTime)).limit(1)


def has_expired(connection: Connection, now: datetime) -> bool:
    """Return whether `expire` has something to do; most often it has not."""
    if connection.execute(_AHEAD, {"soon": now + _JUMP}).first() is not None:
        return True
    return connection.execute(_EXPIRED, {"now": now}).first() is not None


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


def _add_parts(connection: Connection, number: int, planned: PlannedDelivery) -> None:
    delivery = connection.execute(_DELIVERY, {"row": number}).mappings().one()
    of_subscription = {"row": delivery["subscription_id"]}
    subscription = connection.execute(_SUBSCRIPTION, of_subscription).mappings().one()
    messages = [(place, 0) for place in planned.parts]
    keys = _free_keys(connection, subscription["token"], delivery, messages)
    rows: Sequence[dict[str, Any]] = [
        _part_values(subscription, delivery, place)
        | {
            "paper": planned.papers.get(place[1], 0),
            "sequence": sequence_number(number, rank, 0),
            "chunk": 0,
            "key": key,
        }
        for rank, (place, key) in enumerate(zip(planned.parts, keys, strict=True))
    ]
    if rows:
        connection.execute(_ADD_PARTS, rows)


def _free_keys(
    connection: Connection,
    token: str,
    delivery: RowMapping,
    messages: Sequence[tuple[tuple[str, int], int]],
) -> list[str]:
    """Return the keys of messages, each a place and a chunk.

    A delivery whose week was renamed keeps its keys, as its messages carry them; the delivery
    that now has its former name is given others.
    """
    for turn in count():
        keys = [part_key(token, delivery, place, chunk, turn) for place, chunk in messages]
        if connection.execute(_WITH_KEYS, {"keys": keys}).first():
            continue
        return keys
    raise AssertionError


def _part_values(
    subscription: RowMapping | Mapping[str, Any], delivery: RowMapping, place: tuple[str, int]
) -> dict[str, Any]:
    """Return what all messages of a part have in common: its kind and position."""
    kind, position = place
    return {
        "delivery_id": delivery["id"],
        "platform": subscription["platform"],
        "place": ordering_key(
            subscription_from_row(subscription).target, Purpose(delivery["purpose"])
        ),
        "kind": kind,
        "position": position,
        "state": PartState.OWED.value,
        "is_untold": False,
        "attempts": 0,
        "error": "",
        "message": "",
        "thread": "",
        "url": "",
        "due_at": delivery["due_at"],
    }
