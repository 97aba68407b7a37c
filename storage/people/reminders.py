"""Stores the papers that people want to be reminded of."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from bot.model.channels import Person
from bot.model.deliveries import Purpose
from bot.model.people import Reminder
from bot.model.weeks import Week
from storage.deliveries import direct_messages
from storage.people.persons import is_of, number_of
from storage.schema.people import people, reminders

_BATCH = 100
"""How many reminders are enqueued at once."""


def add(
    connection: Connection, person: Person, wanted: Reminder, limit: int, now: datetime
) -> Reminder | None:
    """Keep a reminder in place of the paper's pending one; None where there are too many."""
    number = number_of(connection, person, now)
    pending = (reminders.c.person_id == number, reminders.c.is_enqueued.is_(False))
    connection.execute(delete(reminders).where(*pending, reminders.c.paper == wanted.paper))
    count = select(func.count()).select_from(reminders).where(*pending)
    if connection.execute(count).scalar_one() >= limit:
        return None
    values = {"person_id": number, "paper": wanted.paper, "due_at": wanted.due_at}
    made = connection.execute(insert(reminders).values(values)).inserted_primary_key
    assert made is not None  # noqa: S101 - for the type checker
    return Reminder(wanted.paper, wanted.due_at, made[0])


def remove(connection: Connection, person: Person, number: int) -> Reminder | None:
    """Delete a reminder that was not sent yet; return it, or None where it is not there."""
    own = (reminders.c.id == number, is_of(reminders.c.person_id, person))
    row = connection.execute(select(reminders).where(*own)).first()
    if row is None:
        return None
    connection.execute(delete(reminders).where(*own))
    direct_messages.delete_unsent(connection, Purpose.REMINDER, number)
    return _reminder(row)


def list_pending(connection: Connection, person: Person) -> tuple[Reminder, ...]:
    """Return the reminders of a person that are to come, the next one first."""
    own = select(reminders).where(
        is_of(reminders.c.person_id, person), reminders.c.is_enqueued.is_(False)
    )
    rows = connection.execute(own.order_by(reminders.c.due_at, reminders.c.id))
    return tuple(map(_reminder, rows))


def find(connection: Connection, number: int) -> Reminder | None:
    """Return a reminder, also one that is being sent."""
    row = connection.execute(select(reminders).where(reminders.c.id == number)).first()
    return _reminder(row) if row is not None else None


def has_due(connection: Connection, now: datetime) -> bool:
    """Return whether `enqueue_due` has something to do."""
    is_due = (reminders.c.is_enqueued.is_(False), reminders.c.due_at <= now)
    return connection.execute(select(reminders.c.id).where(*is_due).limit(1)).first() is not None


def enqueue_due(connection: Connection, now: datetime) -> int:
    """Enqueue the messages of reminders that are due; return how many."""
    due = (
        select(
            reminders, people.c.platform, people.c.workspace, people.c.person, people.c.language
        )
        .join(people, people.c.id == reminders.c.person_id)
        .where(reminders.c.is_enqueued.is_(False), reminders.c.due_at <= now)
        .order_by(reminders.c.due_at, reminders.c.id)
        .limit(_BATCH)
    )
    rows = connection.execute(due).all()
    for row in rows:
        what = (Purpose.REMINDER, Week.of(row.due_at.date()), row.id)
        direct_messages.enqueue_direct(connection, row, what, row.due_at, now)
    numbers = [row.id for row in rows]
    connection.execute(
        update(reminders).where(reminders.c.id.in_(numbers)).values(is_enqueued=True)
    )
    return len(rows)


def _reminder(row: Row[Any]) -> Reminder:
    return Reminder(row.paper, row.due_at, row.id)
