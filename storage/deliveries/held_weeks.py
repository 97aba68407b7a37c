"""Keeps weeks that curators hold from being posted."""

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
from bot.model.deliveries import PartState, Purpose, SlotState
from bot.model.reviews import EVERYWHERE, Review, ReviewState
from bot.model.weeks import Week
from storage.schema.deliveries import deliveries, parts, slots, subscriptions
from storage.schema.reviews import reviews


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


def is_held(connection: Connection, target: Target, series: str, week: Week) -> bool:
    """Return whether a week is held in a channel."""
    of_week = (
        reviews.c.series == series,
        reviews.c.year == week.year,
        reviews.c.number == week.number,
    )
    states = {
        (row.platform, row.workspace): row.state
        for row in connection.execute(select(reviews).where(*of_week))
    }
    state = states.get((target.platform, target.workspace), states.get(("", "")))
    return state == ReviewState.HELD.value


def take_back(connection: Connection, review: Review) -> None:
    """Dequeue what a review holds and what was not begun; its slots wait again.

    What is approved later is posted as an issue that came late.
    """
    # Locked first: what a program claims meanwhile it has begun.
    rows = connection.execute(
        _parts(review, parts.c.id, parts.c.delivery_id, parts.c.state).with_for_update(of=parts)
    ).all()
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
    begun = _parts(review, func.count(deliveries.c.id.distinct()))
    begun = begun.where(parts.c.state != PartState.OWED.value)
    return int(connection.execute(begun).scalar_one())


def _parts(review: Review, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(parts)
        .join(deliveries, deliveries.c.id == parts.c.delivery_id)
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .where(
            subscriptions.c.series == review.series,
            deliveries.c.purpose == Purpose.ISSUE.value,
            deliveries.c.year == review.week.year,
            deliveries.c.number == review.week.number,
            is_governed_by(review),
        )
    )
