"""Stores direct messages that people asked for, as deliveries of their own."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, select, update

from bot.model.channels import direct_target
from bot.model.deliveries import DIRECT, Delivery, DuePart, PartState, Purpose
from bot.model.planning import PlannedDelivery
from bot.model.subscriptions import Layout
from bot.model.weeks import Week
from storage.deliveries.discussions import hidden_subscription
from storage.deliveries.queue import add_deliveries
from storage.schema.deliveries import deliveries, notices, parts, slots, subscriptions
from storage.schema.people import people
from storage.schema.types import storable

SENT_FOR = timedelta(days=5)
"""How long after its time a direct message is still begun."""

_PERSONAL = tuple(each.value for each in Purpose if each.is_personal)


def enqueue_direct(
    connection: Connection,
    person: Row[Any],
    what: tuple[Purpose, Week, int],
    due_at: datetime,
    now: datetime,
) -> bool:
    """Let a person get a direct message; False where it was enqueued before.

    `what` is its purpose, its week and the number of what it is about, or 0.
    """  # fmt: skip
    purpose, week, subject = what
    target = direct_target(person.platform, person.workspace, person.person)
    number = hidden_subscription(connection, target, person.language, now)
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.id == number, subscriptions.c.language != person.language)
        .values(language=person.language)
    )
    delivery = Delivery(
        number, purpose, week, Layout.OVERVIEW, due_at, due_at + SENT_FOR, paper=subject
    )
    planned = PlannedDelivery(delivery, ((DIRECT, 0),))
    return bool(add_deliveries(connection, [planned]))


def newest_due(platform: str, person: str) -> Select[Any]:
    """Return the query of when a person's newest message of followed papers was due."""
    return (
        select(func.max(deliveries.c.due_at))
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .where(
            *_is_of(platform, person),
            deliveries.c.purpose == Purpose.FOLLOW.value,
            # One that expired told nothing: the next one does.
            deliveries.c.skipped == "",
        )
    )


def count_of_person(connection: Connection, platform: str, person: str) -> int:
    """Return how many direct messages of a person are stored, sent or not."""
    stored = (
        select(func.count())
        .select_from(deliveries)
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .where(*_is_of(platform, person))
    )
    return int(connection.execute(stored).scalar_one())


def note_refused(connection: Connection, due_part: DuePart, reason: str) -> None:
    """Keep why a direct message did not arrive, until its person is told."""
    target = due_part.subscription.target
    connection.execute(
        update(people)
        .where(people.c.platform == target.platform, people.c.person == storable(target.person))
        .values(undelivered=storable(reason))
    )


def delete_of_person(connection: Connection, platform: str, person: str) -> None:
    """Delete all direct messages of a person, sent or not, at once."""
    own = select(subscriptions.c.id).where(*_is_of(platform, person))
    _delete(connection, deliveries.c.subscription_id.in_(own))
    for table in (slots, notices):
        connection.execute(delete(table).where(table.c.subscription_id.in_(own)))
    connection.execute(delete(subscriptions).where(*_is_of(platform, person)))


def delete_old(connection: Connection, before: datetime) -> None:
    """Delete the direct messages that were due before then; none of them is sent any more."""
    _delete(connection, deliveries.c.purpose.in_(_PERSONAL) & (deliveries.c.due_at < before))


def delete_unsent(connection: Connection, purpose: Purpose, subject: int) -> None:
    """Delete what was not sent yet of one subject, such as a reminder."""
    unsent = select(parts.c.delivery_id).where(parts.c.state == PartState.OWED.value)
    is_it = (deliveries.c.purpose == purpose.value) & (deliveries.c.paper == subject)
    _delete(connection, is_it & deliveries.c.id.in_(unsent))


def _delete(connection: Connection, condition: ColumnElement[bool]) -> None:
    wanted = list(connection.scalars(select(deliveries.c.id).where(condition)))
    for number in wanted:
        connection.execute(delete(parts).where(parts.c.delivery_id == number))
        connection.execute(delete(deliveries).where(deliveries.c.id == number))


def _is_of(platform: str, person: str) -> tuple[ColumnElement[bool], ...]:
    channel = direct_target(platform, "", person).channel
    return (
        subscriptions.c.platform == platform,
        subscriptions.c.channel == storable(channel),
    )
