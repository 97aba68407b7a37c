"""Reads the parts that are due or in doubt, with all that is needed to post them."""

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)

from bot.model.channels import MessageRef, Target
from bot.model.deliveries import DuePart, Part, PartState, Purpose
from storage.deliveries import discussions, leases
from storage.deliveries.part_keys import sequence_number
from storage.deliveries.row_mapping import delivery_from_row, part_from_row, readable_subscriptions
from storage.schema.deliveries import (
    crossposts,
    deliveries,
    message_edits,
    notices,
    parts,
    subscriptions,
)
from storage.schema.types import UtcDateTime

_JUMP = timedelta(hours=25)
"""Nothing is put off for longer; what seems to be was put off while the clock was wrong."""


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
        select(parts.c.id, parts.c.place)
        .join(first, first.c.sequence == parts.c.sequence)
        .where(may_be_sent)
        .order_by(parts.c.due_at, parts.c.sequence)
        .limit(bindparam("most"))
    )


_NEXT_PARTS = _next_parts_statement()
_NEXT_PARTS_OF_CHANNELS = _next_parts_statement(
    parts.c.place.in_(bindparam("places", expanding=True))
)
"""Built once: an outbox asks for them every second."""

_NEXT_DUE = (
    select(func.min(parts.c.due_at)).where(
        parts.c.platform == bindparam("platform"),
        # As it stands in the index of the unsent parts, so that SQLite uses that.
        parts.c.state.in_([literal_column("'owed'"), literal_column("'sending'")]),
        parts.c.state == PartState.OWED.value,
        parts.c.due_at > bindparam("now", type_=UtcDateTime),
    ),
    select(func.min(message_edits.c.due_at)).where(
        message_edits.c.platform == bindparam("platform")
    ),
    select(func.min(crossposts.c.due_at)).where(crossposts.c.platform == bindparam("platform")),
    select(func.min(notices.c.due_at))
    .join(subscriptions, subscriptions.c.id == notices.c.subscription_id)
    .where(subscriptions.c.platform == bindparam("platform"), notices.c.due_at.is_not(None)),
)

_NUMBERS: BindParameter[Any] = bindparam("numbers", expanding=True)
_PARTS = select(parts).where(parts.c.id.in_(_NUMBERS))
_DELIVERIES = select(deliveries).where(deliveries.c.id.in_(_NUMBERS))
_SUBSCRIPTIONS = select(subscriptions).where(subscriptions.c.id.in_(_NUMBERS))


def next_parts(
    connection: Connection,
    wanted: tuple[str, datetime, int],
    channels: Sequence[str] | None,
    without: Set[str],
) -> tuple[DuePart, ...]:
    """Return the first unsent part of each channel, where it is due or in doubt.

    `wanted` is the platform, the present time and the most parts that are returned.
    """
    platform, now, limit = wanted
    values = {"platform": platform, "now": now, "far": now + _JUMP, "most": limit + len(without)}
    if channels is None:
        found = connection.execute(_NEXT_PARTS, values)
    else:
        found = connection.execute(_NEXT_PARTS_OF_CHANNELS, {**values, "places": channels})
    numbers = [number for number, place in found if place not in without]
    return load_parts(connection, numbers[:limit])


def next_due(connection: Connection, platform: str, now: datetime) -> datetime | None:
    """Return when something will be due; see `bot.ports.outbox_ledger.DeliveryLedger`."""
    values = {"platform": platform, "now": now}
    found = [connection.execute(query, values).scalar() for query in _NEXT_DUE]
    return min((due_at for due_at in found if due_at), default=None)


def load_parts(connection: Connection, numbers: Sequence[int]) -> tuple[DuePart, ...]:
    """Return parts in the order of their numbers, with all that is needed to post them."""
    if not numbers:
        return ()
    found = {}
    rows = connection.execute(_PARTS, {"numbers": numbers}).mappings().all()
    due = list({row["delivery_id"] for row in rows})
    owing = {
        row["id"]: row for row in connection.execute(_DELIVERIES, {"numbers": due}).mappings()
    }
    names = list({row["subscription_id"] for row in owing.values()})
    known = readable_subscriptions(
        connection.execute(_SUBSCRIPTIONS, {"numbers": names}).mappings()
    )
    gaps = leases.find_gaps(connection)
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
        if row["paper"] and due_part.delivery.purpose is Purpose.ISSUE and not part.chunk:
            thread = discussions.find_other_thread(
                connection, subscription.target, row["paper"], row["delivery_id"]
            )
            due_part = replace(due_part, known_thread=thread)
        if due_part.is_forum_overview:
            posts = _posted_urls(connection, row["delivery_id"], subscription.target)
            due_part = replace(due_part, posts=posts)
        found[part.id] = due_part
    return tuple(found[number] for number in numbers if number in found)


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


def _posted_urls(connection: Connection, delivery: int, target: Target) -> dict[int, str]:
    """Return the addresses of the posted messages of a delivery's papers, by position."""
    wanted = select(parts).where(
        parts.c.delivery_id == delivery,
        parts.c.chunk == 0,
        parts.c.position > 0,
        parts.c.state == PartState.POSTED.value,
    )
    found = (part_from_row(row, target) for row in connection.execute(wanted).mappings())
    return {part.position: part.ref.url for part in found if part.ref and part.ref.url}


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
