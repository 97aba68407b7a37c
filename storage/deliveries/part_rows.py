"""Stores the parts of deliveries, each with a key of its own."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import BindParameter, Connection, RowMapping, bindparam, insert, select

from bot.model.deliveries import DuePart, PartState, Purpose, ordering_key
from bot.model.planning import PlannedDelivery
from bot.ports.changes import Change
from storage.changes import announce
from storage.deliveries.part_keys import part_key, sequence_number
from storage.deliveries.row_mapping import SUBSCRIPTIONS, StoredRow, subscription_from_row
from storage.reader import ConnectionReader, rows_among
from storage.schema.deliveries import deliveries, parts

_NUMBERS: BindParameter[Any] = bindparam("numbers", expanding=True)
_DELIVERIES = select(deliveries).where(deliveries.c.id.in_(_NUMBERS))
_SUBSCRIPTIONS = SUBSCRIPTIONS.select("WHERE id IN ({marks})")
_PARTS = select(parts).where(parts.c.id.in_(_NUMBERS))
_CHUNKS = select(parts.c.delivery_id, parts.c.kind, parts.c.position, parts.c.chunk).where(
    parts.c.delivery_id.in_(_NUMBERS), parts.c.chunk > 0
)
_WITH_KEYS = "SELECT key FROM parts WHERE key IN ({marks})"
_ADD = insert(parts)
"""Built once: each delivery needs them."""


def add_parts(connection: Connection, made: Sequence[tuple[StoredRow, PlannedDelivery]]) -> None:
    """Store the parts of deliveries, whose rows are there."""
    whose = sorted({row["subscription_id"] for row, _ in made})
    owners = _load_owners(connection, whose)
    rows: list[dict[str, Any]] = []
    for delivery, planned in made:
        subscription = owners[delivery["subscription_id"]]
        rows += [
            _part_values(subscription, delivery, place)
            | {
                "paper": planned.papers.get(place[1], 0),
                "sequence": sequence_number(delivery["id"], rank, 0),
                "chunk": 0,
                "key": partial(part_key, subscription["token"], delivery, place, 0),
            }
            for rank, place in enumerate(planned.parts)
        ]
    _insert_parts(connection, rows)
    if rows:
        announce(connection, Change.OUTBOX)


def add_chunks(
    connection: Connection,
    wanted: Sequence[tuple[DuePart, int]],
    late_at: datetime | None = None,
) -> None:
    """Make parts of the messages that follow the first one of parts, each with their number.

    `late_at`: when an edit added them; None for those that are posted with the first one.
    """
    longer = {due_part.part.id: (due_part, number) for due_part, number in wanted if number > 1}
    if not longer:
        return
    first = {
        row["id"]: row
        for row in connection.execute(_PARTS, {"numbers": sorted(longer)}).mappings()
    }
    owing, owners = _owners(connection, {row["delivery_id"] for row in first.values()})
    known = {tuple(row) for row in connection.execute(_CHUNKS, {"numbers": sorted(owing)})}
    rows = []
    for number, (due_part, length) in longer.items():
        delivery = owing[first[number]["delivery_id"]]
        subscription = owners[delivery["subscription_id"]]
        place = (due_part.part.kind, due_part.part.position)
        missing = [
            (place, chunk)
            for chunk in range(1, length)
            if (delivery["id"], *place, chunk) not in known
        ]
        rows += [
            _part_values(subscription, delivery, place)
            | {
                "paper": first[number]["paper"],
                "sequence": first[number]["sequence"] + sequence_number(0, 0, chunk),
                "chunk": chunk,
            }
            | ({"is_late": True, "due_at": late_at} if late_at else {})
            | {"key": partial(part_key, subscription["token"], delivery, place, chunk)}
            for place, chunk in missing
        ]
    _insert_parts(connection, rows)


def _insert_parts(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Insert parts, the key of each given as what makes it, with its turn.

    A delivery whose week was renamed keeps its keys, as its messages carry them; the delivery
    that now has its former name is given others.
    """
    makers = [row["key"] for row in rows]
    for row, maker in zip(rows, makers, strict=True):
        row["key"] = maker()
    unsure = list(zip(rows, makers, strict=True))
    for turn in count(1):
        keys = [row["key"] for row, _ in unsure]
        taken = {key for (key,) in rows_among(ConnectionReader(connection), _WITH_KEYS, keys)}
        # All messages of a delivery have keys of one turn.
        renamed = {row["delivery_id"] for row, _ in unsure if row["key"] in taken}
        unsure = [each for each in unsure if each[0]["delivery_id"] in renamed]
        if not unsure:
            break
        for row, maker in unsure:
            row["key"] = maker(turn)
    if rows:
        connection.execute(_ADD, rows)


def _part_values(
    subscription: StoredRow, delivery: StoredRow, place: tuple[str, int]
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


def _owners(
    connection: Connection, numbers: Collection[int]
) -> tuple[dict[int, RowMapping], dict[int, dict[str, Any]]]:
    """Return the rows of deliveries with these numbers, and of their subscriptions."""
    owing = connection.execute(_DELIVERIES, {"numbers": sorted(numbers)}).mappings().all()
    whose = sorted({row["subscription_id"] for row in owing})
    return {row["id"]: row for row in owing}, _load_owners(connection, whose)


def _load_owners(connection: Connection, numbers: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return the rows of subscriptions by number."""
    rows = rows_among(ConnectionReader(connection), _SUBSCRIPTIONS, numbers)
    return {row["id"]: row for row in SUBSCRIPTIONS.decode(rows)}
