"""Stores how often each command was asked, and counts what was posted and discussed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, extract, func, select

from bot.model.deliveries import PartState, Purpose
from bot.model.usage import PAGE, SITE, Usage, UsageKey
from bot.model.weeks import Month
from storage.schema.deliveries import deliveries, parts, subscriptions
from storage.schema.discussions import thread_counts
from storage.schema.types import storable
from storage.schema.upserts import insert_or
from storage.schema.usage import usage

_KEY = (usage.c.platform, usage.c.workspace, usage.c.year, usage.c.month, usage.c.name)


def add(connection: Connection, counts: Mapping[UsageKey, int]) -> None:
    """Add to the stored counts."""
    rows: list[dict[str, Any]] = [
        {
            "year": key.month.year,
            "month": key.month.number,
            "platform": storable(key.platform),
            "workspace": storable(key.workspace),
            "name": storable(key.name),
            "uses": count,
        }
        for key, count in counts.items()
    ]
    statement = insert_or(usage)
    more = {"uses": usage.c.uses + statement.excluded.uses}
    connection.execute(
        statement.on_conflict_do_update(index_elements=_KEY, set_=more), sorted(rows, key=str)
    )


def read(connection: Connection, platform: str, workspace: str) -> Usage:
    """Return the counts of a server or team."""
    return Usage(
        {(month, name): count for month, name, count in _asked(connection, platform, workspace)},
        {month: count for month, name, count in _asked(connection, SITE, "") if name == PAGE},
        _posted(connection, (platform, workspace), Purpose.ISSUE),
        _posted(connection, (platform, workspace), Purpose.DISCUSSION),
        _replies(connection, platform, workspace),
    )


def _asked(connection: Connection, platform: str, workspace: str) -> list[tuple[Month, str, int]]:
    rows = connection.execute(
        select(usage).where(
            usage.c.platform == storable(platform), usage.c.workspace == storable(workspace)
        )
    )
    return [(Month(row.year, row.month), row.name, row.uses) for row in rows]


def _replies(connection: Connection, platform: str, workspace: str) -> int:
    total = connection.scalar(
        select(func.sum(thread_counts.c.replies)).where(
            thread_counts.c.platform == storable(platform),
            thread_counts.c.workspace == storable(workspace),
        )
    )
    return int(total or 0)


def _posted(
    connection: Connection, place: tuple[str, str], purpose: Purpose
) -> Mapping[Month, int]:
    """Return the deliveries of which a message was posted, by month."""
    year, month = extract("year", parts.c.posted_at), extract("month", parts.c.posted_at)
    rows = connection.execute(
        select(year, month, func.count(deliveries.c.id.distinct()))
        .join(deliveries, deliveries.c.id == parts.c.delivery_id)
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .where(
            subscriptions.c.platform == storable(place[0]),
            subscriptions.c.workspace == storable(place[1]),
            deliveries.c.purpose == purpose.value,
            parts.c.state == PartState.POSTED.value,
            parts.c.posted_at.is_not(None),
        )
        .group_by(year, month)
    )
    return {Month(int(row[0]), int(row[1])): row[2] for row in rows}
