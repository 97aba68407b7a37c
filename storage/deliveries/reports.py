"""Reads the reports of subscriptions, and the counts of platforms."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from bot.model.channels import Target
from bot.model.deliveries import ON_TIME_LIMIT, Part, PartState
from bot.model.delivery_reports import DeliveryReport, PlatformStats, SubscriptionReport
from storage.connections import chunks
from storage.deliveries.row_mapping import (
    delivery_from_row,
    part_from_row,
    slot_from_row,
    subscription_from_row,
)
from storage.schema.deliveries import deliveries, outboxes, parts, slots, subscriptions

_WEEK = timedelta(days=7)


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
    of_deliveries = newest.all()
    made = _parts_of([row["id"] for row in of_deliveries], connection, subscription.target)
    return SubscriptionReport(
        subscription,
        tuple(slot_from_row(row) for row in weeks),
        tuple(
            DeliveryReport(delivery_from_row(row), tuple(made[row["id"]])) for row in of_deliveries
        ),
    )


def _parts_of(
    numbers: Sequence[int], connection: Connection, target: Target
) -> Mapping[int, Sequence[Part]]:
    """Return the parts of deliveries by the number of each, in their order."""
    found: dict[int, list[Part]] = {number: [] for number in numbers}
    for some in chunks(numbers):
        wanted = select(parts).where(parts.c.delivery_id.in_(some)).order_by(parts.c.sequence)
        for row in connection.execute(wanted).mappings():
            found[row["delivery_id"]].append(part_from_row(row, target))
    return found


def platform_stats(connection: Connection, now: datetime) -> tuple[PlatformStats, ...]:
    """Return the counts of each platform."""
    found = {row.platform: row for row in connection.execute(select(outboxes))}
    names = sorted({*found, *connection.scalars(select(parts.c.platform).distinct())})
    return tuple(_platform_stats(connection, name, found.get(name), now) for name in names)


def _platform_stats(
    connection: Connection, platform: str, outbox: Row[Any] | None, now: datetime
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
        retried += int(attempts) - number if state == PartState.POSTED.value else 0
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
        halted=outbox.halted if outbox else "",
        late=_count_late(connection, platform, now),
        overdue=_overdue(connection, platform, now),
        lease_age=(now - outbox.seen_at).total_seconds()
        if outbox and outbox.owner and outbox.seen_at
        else None,
    )


_IS_UNSENT = parts.c.state.in_((PartState.OWED.value, PartState.SENDING.value))


def _count_late(connection: Connection, platform: str, now: datetime) -> int:
    late = (
        select(func.count())
        .select_from(parts.join(deliveries, deliveries.c.id == parts.c.delivery_id))
        .where(parts.c.platform == platform, _IS_UNSENT)
        .where(deliveries.c.due_at < now - ON_TIME_LIMIT)
    )
    return connection.scalar(late) or 0


def _overdue(connection: Connection, platform: str, now: datetime) -> float:
    """Return for how many seconds the first unsent part could have been sent."""
    first = connection.scalar(
        select(func.min(parts.c.due_at)).where(
            parts.c.platform == platform, _IS_UNSENT, parts.c.due_at <= now
        )
    )
    return (now - first).total_seconds() if first else 0.0
