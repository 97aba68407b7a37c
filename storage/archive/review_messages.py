"""Posts to curators which weeks wait for them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, select, update

from bot.model.channels import Target
from bot.model.deliveries import REVIEW, Delivery, Purpose
from bot.model.planning import PlannedDelivery
from bot.model.reports import CuratorChannel
from bot.model.reviews import Review, ReviewState
from bot.model.subscriptions import Layout
from bot.model.weeks import Week
from storage.deliveries.discussions import hidden_subscription
from storage.deliveries.queue import add_deliveries
from storage.schema.deliveries import subscriptions
from storage.schema.reports import curator_channels
from storage.schema.reviews import reviews

_SHOWN_FOR = timedelta(days=30)


def find_channels(connection: Connection, series: str) -> list[CuratorChannel]:
    """Return where a series is reviewed: where it has digests, or else wherever curators are."""
    is_wanted = exists().where(
        subscriptions.c.platform == curator_channels.c.platform,
        subscriptions.c.workspace == curator_channels.c.workspace,
        subscriptions.c.series == series,
        subscriptions.c.is_ended.is_(False),
    )
    return list_channels(connection, is_wanted) or list_channels(connection)


def list_channels(connection: Connection, *wanted: ColumnElement[bool]) -> list[CuratorChannel]:
    """Return the curators' channels, all or those that meet conditions."""
    rows = connection.execute(
        select(curator_channels).where(*wanted).order_by(*curator_channels.primary_key)
    )
    return [
        CuratorChannel(Target(row.platform, row.workspace, row.channel), row.language)
        for row in rows
    ]


def show(
    connection: Connection, found: Sequence[Review], channel: CuratorChannel, now: datetime
) -> None:
    """Let the review of a channel's workspace be posted there, once."""
    for each in found:
        if _is_same(each.place, channel.target):
            _post(connection, each, channel, Purpose.REVIEW, (now, now + _SHOWN_FOR))


def remind(connection: Connection, number: int, now: datetime) -> None:
    """Remind the curators of a pending review, once."""
    changed = connection.execute(
        update(reviews)
        .where(
            reviews.c.id == number,
            reviews.c.state == ReviewState.PENDING.value,
            reviews.c.is_reminded.is_(False),
        )
        .values(is_reminded=True)
    )
    if not changed.rowcount:
        return
    found = review_from_row(
        connection.execute(select(reviews).where(reviews.c.id == number)).one()
    )
    for channel in find_channels(connection, found.series):
        if _is_same(found.place, channel.target):
            _post(connection, found, channel, Purpose.REVIEW_REMINDER, (now, found.due_at or now))


def review_from_row(row: Row[Any]) -> Review:
    """Return the review of a row."""
    return Review(
        row.id,
        row.series,
        Week(row.year, row.number),
        Target(row.platform, row.workspace, ""),
        ReviewState(row.state),
        row.submitted_at,
        due_at=row.due_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
        is_reviewed=row.is_reviewed,
        is_reminded=row.is_reminded,
    )


def _post(
    connection: Connection,
    review: Review,
    channel: CuratorChannel,
    purpose: Purpose,
    period: tuple[datetime, datetime],
) -> None:
    now, expires_at = period
    held_by = hidden_subscription(connection, channel.target, channel.language, now)
    delivery = Delivery(
        held_by, purpose, review.week, Layout.OVERVIEW, now, expires_at, paper=review.id
    )
    add_deliveries(connection, [PlannedDelivery(delivery, ((REVIEW, 0),))])


def _is_same(place: Target, other: Target) -> bool:
    """Return whether two places are in one workspace."""
    return (place.platform, place.workspace) == (other.platform, other.workspace)
