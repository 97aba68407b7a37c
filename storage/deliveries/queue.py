"""Stores decided slots, and enqueues deliveries with their parts."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as insert_new

from bot.model.deliveries import (
    Delivery,
    DeliveryHistory,
    DuePage,
    Notice,
    PartState,
    PlannedDelivery,
    Purpose,
    SlotOutcome,
    SlotState,
    StoredSlot,
    SubscriptionPlan,
    ordering_key,
)
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week
from storage.connections import chunks
from storage.deliveries.notices import add_notice
from storage.deliveries.subscriptions import (
    readable_subscriptions,
    slot_from_row,
    subscription_from_row,
)
from storage.schema.deliveries import deliveries, parts, slots, subscriptions
from storage.schema.types import UtcDateTime

KEY_LENGTH = 25
"""Characters of a part's key: 125 bits, so that no two parts share one."""

_FAR = timedelta(days=8)
"""No slot is further away than a week and a change of clocks."""
_JUMP = timedelta(hours=1)
_WEEK = timedelta(days=7)
_HORIZON = timedelta(days=7)
"""How far ahead of the clock an issue may be dated; see `bot.digests.decision`."""
_PARTS, _CHUNKS = 10_000, 1_000
"""The most parts of a delivery, and messages of a part, that sequence numbers have room for."""


_WAITING = exists().where(
    slots.c.subscription_id == subscriptions.c.id, slots.c.state == SlotState.WAITING.value
)
_DUE = (
    select(subscriptions)
    .where(
        subscriptions.c.is_ended.is_(False),
        subscriptions.c.is_paused.is_(False),
        subscriptions.c.id > bindparam("after"),
        or_(
            subscriptions.c.next_at <= bindparam("now", type_=UtcDateTime),
            # What lies too far ahead was reckoned while the clock was wrong.
            subscriptions.c.next_at > bindparam("far", type_=UtcDateTime),
            _WAITING,
        ),
    )
    .order_by(subscriptions.c.id)
    .limit(bindparam("most"))
)


def due(
    connection: Connection, now: datetime, lookback: timedelta, page: tuple[int, int]
) -> DuePage:
    """Return a page of the subscriptions that have something to be decided.

    `page` is the number after which it begins, and its size.
    """
    after, limit = page
    wanted = {"now": now, "far": now + _FAR, "after": after, "most": limit}
    rows = connection.execute(_DUE, wanted).mappings().all()
    found = readable_subscriptions(rows)
    known = _histories(connection, list(found), now, lookback)
    return DuePage(
        tuple((each, known[number]) for number, each in found.items()),
        rows[-1]["id"] if len(rows) == limit else None,
    )


def _histories(
    connection: Connection, numbers: Sequence[int], now: datetime, lookback: timedelta
) -> dict[int, DeliveryHistory]:
    newest: dict[int, Week] = {}
    delivered: dict[int, set[Week]] = {number: set() for number in numbers}
    kept: dict[int, dict[Week, StoredSlot]] = {number: {} for number in numbers}
    since = now - lookback
    for part in chunks(numbers):
        wanted = {"numbers": part, "since": since}
        horizon = {"horizon": _order(now + _HORIZON)}
        for number, order in connection.execute(_NEWEST, {"numbers": part} | horizon):
            newest[number] = Week(*divmod(order, _ORDER))
        # An issue is a week older than its slot.
        recent = {"numbers": part, "oldest": _order(since - 2 * _WEEK)}
        for number, order in connection.execute(_DELIVERED, recent):
            delivered[number].add(Week(*divmod(order, _ORDER)))
        for row in connection.execute(_SLOTS, wanted).mappings():
            slot = slot_from_row(row)
            kept[row["subscription_id"]][slot.week] = slot
    return {
        number: DeliveryHistory(newest.get(number), kept[number], frozenset(delivered[number]))
        for number in numbers
    }


def _order(moment: datetime) -> int:
    """Return the week of a moment as a whole number that sorts."""
    year, number, _ = moment.isocalendar()
    return year * _ORDER + number


_ORDER = 100
"""By which a year is multiplied so that weeks sort as whole numbers."""
_WEEK_ORDER = deliveries.c.year * _ORDER + deliveries.c.number
_OF_ISSUES = (
    deliveries.c.subscription_id.in_(bindparam("numbers", expanding=True)),
    deliveries.c.purpose == Purpose.ISSUE.value,
)
_NEWEST = (
    select(deliveries.c.subscription_id, func.max(_WEEK_ORDER))
    # A week from the future, dated wrongly, must not stand for all that come until then.
    .where(*_OF_ISSUES, bindparam("horizon") >= _WEEK_ORDER)
    .group_by(deliveries.c.subscription_id)
)
_DELIVERED = select(deliveries.c.subscription_id, _WEEK_ORDER).where(
    *_OF_ISSUES, bindparam("oldest") <= _WEEK_ORDER
)
_SLOTS = select(slots).where(
    slots.c.subscription_id.in_(bindparam("numbers", expanding=True)),
    slots.c.at >= bindparam("since", type_=UtcDateTime),
)


def _record_decision(
    connection: Connection, subscription: Subscription, outcome: SlotOutcome, now: datetime
) -> None:
    """Store a decision, unless another program had decided."""
    slot = outcome.slot
    place = {
        "subscription_id": subscription.id,
        "year": slot.week.year,
        "number": slot.week.number,
    }
    same = [slots.c[name] == value for name, value in place.items()]
    known = connection.execute(select(slots.c.state).where(*same)).scalar()
    if known not in (None, SlotState.WAITING.value):
        return
    values = {"at": slot.at, "state": slot.state.value, "waits_until": slot.waits_until}
    if known is None:
        connection.execute(insert(slots).values(place | values))
    else:
        connection.execute(update(slots).where(*same).values(values))
    for skipped in outcome.skipped:
        connection.execute(
            insert_new(deliveries).values(_delivery_values(skipped)).on_conflict_do_nothing()
        )
    for planned in outcome.planned:
        enqueue(connection, planned, now, is_asked=False)
    for notice in outcome.notices:
        add_notice(connection, subscription.id, notice, now)


def record_plans(connection: Connection, plans: Sequence[SubscriptionPlan], now: datetime) -> None:
    """Store plans; a slot that another program decided stays as it is."""
    for plan in plans:
        for outcome in plan.outcomes:
            _record_decision(connection, plan.subscription, outcome, now)
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.id == bindparam("number"))
        .values(next_at=bindparam("when", type_=UtcDateTime)),
        [{"number": plan.subscription.id, "when": plan.next_at} for plan in plans],
    )


def enqueue(
    connection: Connection, planned: PlannedDelivery, now: datetime, *, is_asked: bool = True
) -> bool:
    """Store a delivery; False where it was enqueued or posted before."""
    delivery = planned.delivery
    known = connection.execute(
        select(deliveries.c.id, deliveries.c.skipped).where(
            deliveries.c.subscription_id == delivery.subscription,
            deliveries.c.purpose == delivery.purpose.value,
            deliveries.c.year == delivery.week.year,
            deliveries.c.number == delivery.week.number,
            deliveries.c.paper == delivery.paper,
        )
    ).first()
    if known is None:
        values = _delivery_values(delivery)
        made = connection.execute(insert(deliveries).values(values)).inserted_primary_key
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


def part_values(
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


def part_key(token: str, delivery: RowMapping, place: tuple[str, int], chunk: int) -> str:
    """Return the key of a part: the same for the same message, whenever it is made."""
    kind, position = place
    name = (
        token,
        delivery["purpose"],
        delivery["year"],
        delivery["number"],
        kind,
        position,
        chunk,
        # A paper may get another thread where the first one was deleted.
        *([delivery["paper"], delivery["id"]] if delivery["paper"] else []),
    )
    digest = hashlib.sha256("/".join(map(str, name)).encode()).digest()
    return base64.b32encode(digest).decode().lower()[:KEY_LENGTH]


def sequence_number(delivery: int, rank: int, chunk: int) -> int:
    """Return the place of a message in the order of its channel."""
    return (delivery * _PARTS + rank) * _CHUNKS + chunk


def _add_parts(connection: Connection, number: int, planned: PlannedDelivery) -> None:
    delivery = connection.execute(
        select(deliveries).where(deliveries.c.id == number)
    ).mappings().one()  # fmt: skip
    subscription = connection.execute(
        select(subscriptions).where(subscriptions.c.id == delivery["subscription_id"])
    ).mappings().one()  # fmt: skip
    rows: Sequence[dict[str, Any]] = [
        part_values(subscription, delivery, place)
        | {
            "paper": planned.papers.get(place[1], 0),
            "sequence": sequence_number(number, rank, 0),
            "chunk": 0,
            "key": part_key(subscription["token"], delivery, place, 0),
        }
        for rank, place in enumerate(planned.parts)
    ]
    if rows:
        connection.execute(insert(parts), rows)


def _delivery_values(delivery: Delivery) -> dict[str, Any]:
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
    }
