"""Rows of people: who they are, and when and how they get direct messages."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, update

from bot.model.channels import Person
from bot.model.people import PersonSettings
from storage.schema.people import people
from storage.schema.types import storable
from storage.schema.upserts import insert_or

_ADD_PERSON = insert_or(people).on_conflict_do_nothing()
_SEEN_AGAIN = timedelta(days=1)
"""How exactly it is known when a person was here last."""


def is_person(person: Person) -> ColumnElement[bool]:
    """Return the condition of a person's row."""
    return (people.c.platform == person.platform) & (people.c.person == storable(person.id))


def is_of(column: ColumnElement[int], person: Person) -> ColumnElement[bool]:
    """Return the condition of rows whose column is a person's number."""
    return column.in_(select(people.c.id).where(is_person(person)))


def number_of(connection: Connection, person: Person, now: datetime) -> int:
    """Return the number of a person who is here now, given to one who is new."""
    values = {"platform": person.platform, "person": storable(person.id), "seen_at": now}
    if connection.execute(_ADD_PERSON, values).rowcount != 1:
        note_use(connection, person, now)
    return int(connection.execute(select(people.c.id).where(is_person(person))).scalar_one())


def note_use(connection: Connection, person: Person, now: datetime) -> None:
    """Record that a person was here, where that was not recorded lately."""
    is_long_ago = people.c.seen_at.is_(None) | (people.c.seen_at < now - _SEEN_AGAIN)
    connection.execute(update(people).where(is_person(person), is_long_ago).values(seen_at=now))


def is_use_unknown(connection: Connection, person: Person, now: datetime) -> bool:
    """Return whether `note_use` has something to record."""
    row = connection.execute(select(people.c.seen_at).where(is_person(person))).first()
    return row is not None and (row.seen_at is None or row.seen_at < now - _SEEN_AGAIN)


def find_settings(connection: Connection, person: Person) -> PersonSettings | None:
    """Return when and how a person gets direct messages; None where that was never chosen."""
    row = connection.execute(select(people).where(is_person(person))).first()
    return settings_of(row) if row is not None and row.zone else None


def settings_of(row: Row[Any]) -> PersonSettings:
    """Return the settings of a row."""
    return PersonSettings(row.workspace, row.language, row.at, row.zone)


def set_settings(
    connection: Connection, person: Person, settings: PersonSettings, now: datetime
) -> None:
    """Keep when and how a person gets direct messages."""
    number = number_of(connection, person, now)
    values = {
        "workspace": storable(settings.workspace),
        "language": settings.language,
        "at": settings.at,
        "zone": settings.zone,
    }
    connection.execute(update(people).where(people.c.id == number).values(values))


def undelivered(connection: Connection, person: Person) -> str:
    """Return why the person's last direct message did not arrive; empty where it did."""
    found = connection.scalar(select(people.c.undelivered).where(is_person(person)))
    return str(found or "")


def set_undelivered(connection: Connection, person: Person, reason: str) -> None:
    """Keep why a direct message did not arrive, until the person was told; empty for told."""
    connection.execute(
        update(people).where(is_person(person)).values(undelivered=storable(reason))
    )
