"""Finds and settles parts that failed and may have been posted all the same."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from bot.model.deliveries import PartState
from bot.model.delivery_reports import UnconfirmedPart
from bot.ports.changes import Change
from storage.changes import announce
from storage.deliveries.row_mapping import (
    delivery_from_row,
    load_subscriptions,
    part_from_row,
)
from storage.reader import ConnectionReader
from storage.schema.deliveries import deliveries, parts

_UNCONFIRMED = (parts.c.state == PartState.FAILED.value, parts.c.is_untold)


def find(connection: Connection, key: str) -> UnconfirmedPart | None:
    """Return the unconfirmed part with a key."""
    wanted = select(parts).where(parts.c.key == key, *_UNCONFIRMED)
    row = connection.execute(wanted).mappings().first()
    if row is None:
        return None
    of_part = select(deliveries).where(deliveries.c.id == row["delivery_id"])
    delivery = connection.execute(of_part).mappings().one()
    known = load_subscriptions(ConnectionReader(connection), [delivery["subscription_id"]])
    for subscription in known.values():
        part = part_from_row(row, subscription.target)
        return UnconfirmedPart(part, delivery_from_row(delivery), subscription)
    return None


def settle(
    connection: Connection, key: str, now: datetime, *, is_there: bool, whole: bool
) -> bool:
    """Count an unconfirmed part, or all of its delivery, as posted, or enqueue it again."""
    found = find(connection, key)
    if found is None:
        return False
    values: dict[str, Any] = {"is_untold": False, "error": ""}
    if is_there:
        values |= {"state": PartState.POSTED.value, "posted_at": now}
    else:
        values |= {"state": PartState.OWED.value, "due_at": now, "first_tried_at": None}
    meant = parts.c.delivery_id == found.delivery.id if whole else parts.c.key == key
    connection.execute(update(parts).where(meant, *_UNCONFIRMED).values(values))
    if not is_there:
        announce(connection, Change.OUTBOX)
        # What hangs under it failed with it, and can be posted now.
        connection.execute(
            update(parts)
            .where(
                parts.c.delivery_id == found.delivery.id,
                parts.c.position == found.part.position,
                parts.c.state == PartState.FAILED.value,
                parts.c.is_untold.is_(False),
            )
            .values(state=PartState.OWED.value, due_at=now, error="", first_tried_at=None)
        )
    return True
