"""Keeps weeks that curators hold from being posted."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    exists,
    func,
    not_,
    select,
    update,
)

from bot.model.channels import Target
from bot.model.deliveries import PartState, Purpose
from bot.model.planning import SlotState
from bot.model.reviews import EVERYWHERE, Review, ReviewState
from bot.model.weeks import Week
from storage.reader import ConnectionReader
from storage.schema.deliveries import deliveries, parts, slots, subscriptions
from storage.schema.reviews import reviews

_STATES = (parts.c.id, parts.c.delivery_id, parts.c.state)
_HOLDS = (
    "SELECT platform, workspace, state FROM reviews WHERE series = ? AND year = ? AND number = ?"
)


def is_governed_by(review: Review) -> ColumnElement[bool]:
    """Return the condition that a review is the one that counts for a subscription."""
    if review.place == EVERYWHERE:
        return is_governed_everywhere(review.series, review.week)
    place = review.place
    return and_(
        subscriptions.c.platform == place.platform, subscriptions.c.workspace == place.workspace
    )


def is_governed_everywhere(series: str, week: Week) -> ColumnElement[bool]:
    """Return the condition that a subscription's workspace has no review of its own of a week."""
    own = exists().where(
        reviews.c.series == series,
        reviews.c.year == week.year,
        reviews.c.number == week.number,
        reviews.c.platform == subscriptions.c.platform,
        reviews.c.workspace == subscriptions.c.workspace,
    )
    return not_(own)


Holds = Mapping[tuple[str, str], str]
"""The states of a week's reviews by platform and workspace, both empty for all others."""


def is_held(connection: Connection, target: Target, series: str, week: Week) -> bool:
    """Return whether a week is held in a channel."""
    return is_held_in(find_holds(connection, series, week), target)


def find_holds(connection: Connection, series: str, week: Week) -> Holds:
    """Return the states of a week's reviews."""
    rows = ConnectionReader(connection).rows(_HOLDS, (series, week.year, week.number))
    return {(platform, workspace): state for platform, workspace, state in rows}


def is_held_in(holds: Holds, target: Target) -> bool:
    """Return whether a week with these reviews is held in a channel."""
    state = holds.get((target.platform, target.workspace), holds.get(("", "")))
    return state == ReviewState.HELD.value


def take_back(connection: Connection, review: Review) -> None:
    """Dequeue what a review holds and what was not begun; its slots wait again.

    What is approved later is posted as an issue that came late.
    """
    place = (review.series, review.week)
    _dequeue_unbegun(connection, _parts(place, *_STATES).where(is_governed_by(review)))


def withdraw(connection: Connection, series: str, week: Week) -> None:
    """Dequeue what was not begun of a week that curators withdrew, in the same way."""
    _dequeue_unbegun(connection, _parts((series, week), *_STATES))


def _dequeue_unbegun(connection: Connection, query: Select[Any]) -> None:
    # Locked first: what a program claims meanwhile it has begun.
    rows = connection.execute(query.with_for_update(of=parts)).all()
    begun = {row.delivery_id for row in rows if row.state != PartState.OWED.value}
    for number in {row.delivery_id for row in rows} - begun:
        delivery = connection.execute(select(deliveries).where(deliveries.c.id == number)).one()
        connection.execute(delete(parts).where(parts.c.delivery_id == number))
        connection.execute(delete(deliveries).where(deliveries.c.id == number))
        of_subscription = slots.c.subscription_id == delivery.subscription_id
        newest = select(func.max(slots.c.at)).where(of_subscription, slots.c.at <= delivery.due_at)
        connection.execute(
            update(slots)
            .where(of_subscription, slots.c.at == newest.scalar_subquery())
            .values(state=SlotState.WAITING.value)
        )


def count_begun(connection: Connection, review: Review) -> int:
    """Return in how many channels a week was posted, or is being posted."""
    begun = _parts((review.series, review.week), func.count(deliveries.c.id.distinct()))
    begun = begun.where(is_governed_by(review), parts.c.state != PartState.OWED.value)
    return int(connection.execute(begun).scalar_one())


def _parts(place: tuple[str, Week], *columns: Any) -> Select[Any]:
    series, week = place
    return (
        select(*columns)
        .select_from(parts)
        .join(deliveries, deliveries.c.id == parts.c.delivery_id)
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .where(
            subscriptions.c.series == series,
            deliveries.c.purpose == Purpose.ISSUE.value,
            deliveries.c.year == week.year,
            deliveries.c.number == week.number,
        )
    )
