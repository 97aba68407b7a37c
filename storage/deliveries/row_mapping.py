"""Maps rows of the tables of deliveries to the model."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping

from bot.model.channels import MessageRef, Target
from bot.model.deliveries import Delivery, Part, PartState, Purpose
from bot.model.discussions import Recap, RecapItem
from bot.model.planning import SlotState, StoredSlot
from bot.model.subscriptions import Layout, Subscription
from bot.model.weeks import Week
from storage.deliveries.table_rows import TableRows
from storage.reader import Reader, rows_among
from storage.schema.deliveries import deliveries, parts, slots, subscriptions

StoredRow = RowMapping | Mapping[str, Any]
"""The values of a row by the names of its columns, as SQLAlchemy or `TableRows` returns them."""

_LOG = logging.getLogger(__name__)

SUBSCRIPTIONS, SLOTS = TableRows(subscriptions), TableRows(slots)
DELIVERIES, PARTS = TableRows(deliveries), TableRows(parts)
_BY_NUMBER = SUBSCRIPTIONS.select("WHERE id IN ({marks})")

SAME_NAMED_COLUMNS = (
    "weekday", "at", "zone", "language", "mention", "patience", "says_absence",
    "grace", "quiet_from", "quiet_until", "subscriber", "admin_channel", "has_recap",
)  # fmt: skip
"""The settings of a subscription, but for tags, their mentions and layout; columns have the same
names."""


def readable_subscriptions(rows: Iterable[Sequence[Any]]) -> dict[int, Subscription]:
    """Return rows of `SUBSCRIPTIONS` by number, without those that cannot be read.

    A row may come from another version or from an operator's hand; it must not stop the others.
    """
    found = {}
    for row in rows:
        try:
            (values,) = SUBSCRIPTIONS.decode([row])
            found[values["id"]] = subscription_from_row(values)
        except (ValueError, TypeError) as error:
            fields = {"subscription": row[0], "error": str(error)}
            _LOG.error("Unreadable subscription", extra={"fields": fields})
    return found


def load_subscriptions(reader: Reader, numbers: Sequence[int]) -> dict[int, Subscription]:
    """Return subscriptions by number, without those that cannot be read."""
    return readable_subscriptions(rows_among(reader, _BY_NUMBER, numbers))


def subscription_from_row(row: StoredRow) -> Subscription:
    """Return a row as a subscription."""
    return Subscription(
        target=Target(row["platform"], row["workspace"], row["channel"]),
        series=row["series"],
        layout=Layout(row["layout"]),
        tags=tuple(row["tags"]),
        tag_mentions=tuple((tag, group) for tag, group in row["tag_mentions"]),
        is_paused=row["is_paused"],
        pause_reason=row["pause_reason"],
        next_at=row["next_at"],
        since=row["since"],
        rescheduled_at=row["rescheduled_at"],
        is_ended=row["is_ended"],
        token=row["token"],
        id=row["id"],
        **{name: row[name] for name in SAME_NAMED_COLUMNS},
    )


def delivery_from_row(row: StoredRow) -> Delivery:
    """Return a row as a delivery."""
    return Delivery(
        subscription=row["subscription_id"],
        purpose=Purpose(row["purpose"]),
        week=Week(row["year"], row["number"]),
        layout=Layout(row["layout"]),
        due_at=row["due_at"],
        expires_at=row["expires_at"],
        skipped=row["skipped"],
        paper=row["paper"],
        opened_by=row["opened_by"],
        recap=_recap_from_json(row["recap"]),
        id=row["id"],
    )


def recap_to_json(recap: Recap | None) -> dict[str, Any] | None:
    """Return a recap as it is stored with its delivery."""
    if recap is None:
        return None
    items = [[each.paper, each.url, each.replies, each.people] for each in recap.items]
    return {"items": items, "favourite": recap.favourite, "votes": recap.votes}


def _recap_from_json(stored: Mapping[str, Any] | None) -> Recap | None:
    if not stored:
        return None
    items = tuple(RecapItem(*each) for each in stored["items"])
    return Recap(items, stored["favourite"], stored["votes"])


def slot_from_row(row: StoredRow) -> StoredSlot:
    """Return a row as a slot."""
    week = Week(row["year"], row["number"])
    return StoredSlot(week, row["at"], SlotState(row["state"]), row["waits_until"])


def part_from_row(row: StoredRow, target: Target) -> Part:
    """Return a row as a part."""
    ref = MessageRef(target, row["message"], row["thread"], row["url"]) if row["message"] else None
    return Part(
        key=row["key"],
        kind=row["kind"],
        position=row["position"],
        chunk=row["chunk"],
        state=PartState(row["state"]),
        is_unconfirmed=row["is_untold"],
        attempts=row["attempts"],
        error=row["error"],
        ref=ref,
        first_tried_at=row["first_tried_at"],
        due_at=row["due_at"],
        posted_at=row["posted_at"],
        id=row["id"],
        paper=row["paper"],
        content=row["content"],
        edited_at=row["edited_at"],
        is_late=row["is_late"],
    )
