"""Reads all that is stored about a person, and deletes it, also once it was not used for long."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from bot.model.channels import Person
from bot.model.people import PersonData, SavedOrder
from storage.deliveries import direct_messages, votes
from storage.people import follows, reminders
from storage.people.persons import find_settings, is_of, is_person
from storage.people.saved import list_saved
from storage.schema.conflicts import conflicts
from storage.schema.curation import edits
from storage.schema.deliveries import deliveries, subscriptions
from storage.schema.people import follows as follows_table
from storage.schema.people import people, saved_papers
from storage.schema.people import reminders as reminders_table
from storage.schema.reports import reports
from storage.schema.reviews import reviews

_ALL = 1_000_000

_ACTORS = (edits.c.actor, reports.c.decided_by, reviews.c.decided_by, conflicts.c.decided_by)
"""Columns with people who did something, as `platform:id`."""


def person_data(connection: Connection, person: Person) -> PersonData:
    """Return all that is stored about a person."""
    opened = select(func.count()).select_from(deliveries).where(_has_opened(person))
    told = select(func.count()).select_from(subscriptions).where(_is_told(person))
    return PersonData(
        list_saved(connection, person, SavedOrder.NEWEST, (_ALL, 0)).papers,
        votes.count_of_person(connection, person.platform, person.id),
        connection.execute(opened).scalar_one(),
        connection.execute(told.where(subscriptions.c.series != "")).scalar_one(),
        connection.execute(
            select(func.count()).select_from(reports).where(_has_reported(person))
        ).scalar_one(),
        follows.list_follows(connection, person),
        reminders.list_pending(connection, person),
        find_settings(connection, person),
        direct_messages.count_of_person(connection, person.platform, person.id),
    )


def forget_person(connection: Connection, person: Person, now: datetime) -> PersonData:
    """Delete all that is stored about a person, and return what it was."""
    found = person_data(connection, person)
    forget_own(connection, person)
    votes.forget_voter(connection, person.platform, person.id, now)
    connection.execute(update(deliveries).where(_has_opened(person)).values(opened_by=""))
    connection.execute(update(subscriptions).where(_is_told(person)).values(subscriber=""))
    # What was reported stays of use to the curators without its author.
    connection.execute(
        update(reports).where(_has_reported(person)).values(person="", tell_at=None)
    )
    actor, unnamed = f"{person.platform}:{person.id}", f"{person.platform}:?"
    for column in _ACTORS:
        connection.execute(
            update(column.table).where(column == actor).values({column.name: unnamed})
        )
    return found


def forget_own(connection: Connection, person: Person) -> None:
    """Delete what is a person's own: saved papers, follows, reminders, direct messages."""
    direct_messages.delete_of_person(connection, person.platform, person.id)
    for table in (saved_papers, follows_table, reminders_table):
        connection.execute(delete(table).where(is_of(table.c.person_id, person)))
    connection.execute(delete(people).where(is_person(person)))


def named_persons(connection: Connection) -> set[Person]:
    """Return everyone whose id is somewhere in the database; `forget_person` removes it."""
    opened = select(subscriptions.c.platform, deliveries.c.opened_by).join_from(
        deliveries, subscriptions, deliveries.c.subscription_id == subscriptions.c.id
    )
    found = {
        Person(platform, number)
        for wanted in (
            select(people.c.platform, people.c.person),
            select(subscriptions.c.platform, subscriptions.c.subscriber),
            select(reports.c.platform, reports.c.person),
            opened,
        )
        for platform, number in connection.execute(wanted.distinct())
    }
    for column in _ACTORS:
        for actor in connection.execute(select(column).distinct()).scalars():
            platform, _, number = str(actor or "").partition(":")
            found.add(Person(platform, number))
    return {person for person in found if person.id}


def list_unused(connection: Connection, before: datetime, limit: int) -> tuple[Person, ...]:
    """Return people who were not here since then, some of them."""
    rows = connection.execute(
        select(people.c.platform, people.c.person)
        .where(people.c.seen_at < before)
        .order_by(people.c.seen_at, people.c.id)
        .limit(limit)
    )
    return tuple(Person(row.platform, row.person) for row in rows)


def _has_opened(person: Person) -> ColumnElement[bool]:
    of_platform = select(subscriptions.c.id).where(subscriptions.c.platform == person.platform)
    return (deliveries.c.opened_by == person.id) & deliveries.c.subscription_id.in_(of_platform)


def _has_reported(person: Person) -> ColumnElement[bool]:
    return (reports.c.platform == person.platform) & (reports.c.person == person.id)


def _is_told(person: Person) -> ColumnElement[bool]:
    return (subscriptions.c.platform == person.platform) & (
        subscriptions.c.subscriber == person.id
    )
