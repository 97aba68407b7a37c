"""Stores subscriptions, and reads their reports and counts."""

import logging
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from bot.model.channels import MessageRef, Target
from bot.model.deliveries import (
    Delivery,
    DeliveryReport,
    Part,
    PartState,
    PlatformStats,
    Purpose,
    SlotState,
    StoredSlot,
    SubscriptionReport,
)
from bot.model.subscriptions import Layout, Subscription
from bot.model.weeks import Week
from storage.schema.deliveries import deliveries, outboxes, parts, slots, subscriptions

_LOG = logging.getLogger(__name__)

NO_SERIES = ""
"""The series of the subscription that a channel's discussions belong to: it has no digests."""

_TOKEN_BYTES = 8
_SAME_NAMED_COLUMNS = (
    "weekday", "at", "zone", "language", "mention", "patience", "says_absence",
    "grace", "quiet_from", "quiet_until", "subscriber", "admin_channel",
)  # fmt: skip
"""The settings of a subscription, but for tags and layout; columns have the same names."""
_WEEK = timedelta(days=7)


def subscribe(connection: Connection, wanted: Subscription, now: datetime) -> Subscription:
    """Keep a subscription, as `bot.ports.ledger.SubscriptionLedger.subscribe` promises."""
    settings = {name: getattr(wanted, name) for name in _SAME_NAMED_COLUMNS} | {
        "tags": list(wanted.tags),
        "layout": wanted.layout.value,
    }
    place = {
        "platform": wanted.target.platform,
        "workspace": wanted.target.workspace,
        "channel": wanted.target.channel,
        "series": wanted.series,
    }
    same = [subscriptions.c[name] == value for name, value in place.items()]
    known = connection.execute(select(subscriptions).where(*same)).mappings().first()
    next_at = None if wanted.series == NO_SERIES else now
    if known is None:
        fresh = {"is_paused": False, "pause_reason": "", "is_ended": False, "since": now}
        token = secrets.token_hex(_TOKEN_BYTES)
        values = {**place, **settings, **fresh, "token": token, "next_at": next_at}
        connection.execute(insert(subscriptions).values(values))
    else:
        again: dict[str, Any] = {"next_at": next_at}
        if known["weekday"] is None and wanted.weekday is not None:
            again["since"] = now  # until now there were no slots
        if any(known[name] != settings[name] for name in ("weekday", "at", "zone")):
            again["rescheduled_at"] = now
        if known["is_ended"]:
            again |= {"is_ended": False, "is_paused": False, "pause_reason": "", "since": now}
        connection.execute(
            update(subscriptions).where(subscriptions.c.id == known["id"]).values(settings | again)
        )
    return subscription_from_row(
        connection.execute(select(subscriptions).where(*same)).mappings().one()
    )


def find(connection: Connection, target: Target | None) -> tuple[Subscription, ...]:
    """Return the subscriptions that are not ended, of one channel or of all."""
    wanted = select(subscriptions).where(
        subscriptions.c.is_ended.is_(False), subscriptions.c.series != NO_SERIES
    )
    if target is not None:
        wanted = wanted.where(
            subscriptions.c.platform == target.platform,
            subscriptions.c.channel == target.channel,
        )
        if target.workspace:
            wanted = wanted.where(subscriptions.c.workspace == target.workspace)
    rows = connection.execute(wanted.order_by(subscriptions.c.id)).mappings()
    return tuple(readable_subscriptions(rows).values())


def find_refused(connection: Connection, platform: str) -> tuple[Subscription, ...]:
    """Return the subscriptions that a refusal of the platform paused."""
    wanted = select(subscriptions).where(
        subscriptions.c.platform == platform,
        subscriptions.c.is_paused.is_(True),
        subscriptions.c.pause_reason != "",
        subscriptions.c.is_ended.is_(False),
        subscriptions.c.series != NO_SERIES,
    )
    rows = connection.execute(wanted.order_by(subscriptions.c.id)).mappings()
    return tuple(readable_subscriptions(rows).values())


def pause(connection: Connection, number: int, now: datetime, *, paused: bool) -> None:
    """Stop a subscription or let it go on."""
    values: dict[str, Any] = {"is_paused": paused, "pause_reason": ""}
    if not paused:
        known = connection.execute(
            select(subscriptions.c.pause_reason).where(subscriptions.c.id == number)
        ).scalar()
        values["next_at"] = now
        if not known:
            # An admin meant to skip the time between; a platform's refusal does not.
            values["since"] = now
    connection.execute(update(subscriptions).where(subscriptions.c.id == number).values(values))


def unsubscribe(connection: Connection, number: int) -> None:
    """End a subscription; its rows stay."""
    connection.execute(
        update(subscriptions).where(subscriptions.c.id == number).values(is_ended=True)
    )


def subscription_report(connection: Connection, number: int, limit: int) -> SubscriptionReport:
    """Return a subscription with its newest slots and deliveries."""
    row = connection.execute(select(subscriptions).where(subscriptions.c.id == number))
    subscription = subscription_from_row(row.mappings().one())
    weeks = connection.execute(
        select(slots)
        .where(slots.c.subscription_id == number)
        .order_by(slots.c.at.desc())
        .limit(limit)
    ).mappings()
    newest = connection.execute(
        select(deliveries)
        .where(deliveries.c.subscription_id == number)
        .order_by(deliveries.c.id.desc())
        .limit(limit)
    ).mappings()
    reports = []
    for delivery in newest:
        rows = connection.execute(
            select(parts).where(parts.c.delivery_id == delivery["id"]).order_by(parts.c.sequence)
        ).mappings()
        made = tuple(part_from_row(row, subscription.target) for row in rows)
        reports.append(DeliveryReport(delivery_from_row(delivery), made))
    return SubscriptionReport(
        subscription, tuple(slot_from_row(row) for row in weeks), tuple(reports)
    )


def platform_stats(connection: Connection, now: datetime) -> tuple[PlatformStats, ...]:
    """Return the counts of each platform."""
    halted = {row.platform: row.halted for row in connection.execute(select(outboxes))}
    names = sorted({*halted, *connection.scalars(select(parts.c.platform).distinct())})
    return tuple(_platform_stats(connection, name, halted.get(name, ""), now) for name in names)


def _platform_stats(
    connection: Connection, platform: str, halted: str, now: datetime
) -> PlatformStats:
    of_platform = parts.c.platform == platform
    counts: dict[str, int] = {}
    retried = 0
    for state, number, attempts in connection.execute(
        select(parts.c.state, func.count(), func.sum(parts.c.attempts))
        .where(of_platform)
        .group_by(parts.c.state)
    ):
        counts[state] = number
        retried += attempts - number if state == PartState.POSTED.value else 0
    late = [
        (posted - due).total_seconds()
        for posted, due in connection.execute(
            select(parts.c.posted_at, deliveries.c.due_at)
            .join(deliveries, deliveries.c.id == parts.c.delivery_id)
            .where(of_platform, parts.c.posted_at > now - _WEEK)
            .order_by(parts.c.posted_at)
        )
    ]
    untold = connection.scalar(
        select(func.count()).where(
            of_platform, parts.c.is_untold, parts.c.state == PartState.FAILED.value
        )
    )
    return PlatformStats(
        platform,
        owed=counts.get("owed", 0) + counts.get("sending", 0),
        posted=counts.get("posted", 0),
        retried=retried,
        failed=counts.get("failed", 0),
        untold=untold or 0,
        lag=late[-1] if late else 0.0,
        worst_lag=max(late, default=0.0),
        halted=halted,
    )


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
        is_paused=row["is_paused"],
        pause_reason=row["pause_reason"],
        next_at=row["next_at"],
        since=row["since"],
        rescheduled_at=row["rescheduled_at"],
        is_ended=row["is_ended"],
        token=row["token"],
        id=row["id"],
        **{name: row[name] for name in _SAME_NAMED_COLUMNS},
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
        id=row["id"],
    )


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
    )
