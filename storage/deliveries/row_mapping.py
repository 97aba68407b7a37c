"""Maps rows of the tables of deliveries to the model."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import RowMapping

from bot.model.channels import MessageRef, Target
from bot.model.deliveries import Delivery, Part, PartState, Purpose
from bot.model.discussions import Recap, RecapItem
from bot.model.planning import SlotState, StoredSlot
from bot.model.subscriptions import Layout, Subscription
from bot.model.weeks import Week

_LOG = logging.getLogger(__name__)

SAME_NAMED_COLUMNS = (
    "weekday", "at", "zone", "language", "mention", "patience", "says_absence",
    "grace", "quiet_from", "quiet_until", "subscriber", "admin_channel", "has_recap",
)  # fmt: skip
"""The settings of a subscription, but for tags, their mentions and layout; columns have the same
names."""


def readable_subscriptions(rows: Iterable[RowMapping]) -> dict[int, Subscription]:
    """Return rows as subscriptions by number, without those that cannot be read.

    A row may come from another version or from an operator's hand; it must not stop the others.
    """
    found = {}
    for row in rows:
        try:
            found[row["id"]] = subscription_from_row(row)
        except (ValueError, TypeError) as error:
            fields = {"subscription": row["id"], "error": str(error)}
            _LOG.error("Unreadable subscription", extra={"fields": fields})
    return found


def subscription_from_row(row: RowMapping | Mapping[str, Any]) -> Subscription:
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


def delivery_from_row(row: RowMapping) -> Delivery:
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


def slot_from_row(row: RowMapping) -> StoredSlot:
    """Return a row as a slot."""
    week = Week(row["year"], row["number"])
    return StoredSlot(week, row["at"], SlotState(row["state"]), row["waits_until"])


def part_from_row(row: RowMapping, target: Target) -> Part:
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
