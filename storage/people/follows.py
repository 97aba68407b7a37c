"""Stores what people follow."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select

from bot.model.channels import Person
from bot.model.people import Follow, FollowKind, FollowTerms
from bot.papers.follows import follow_key
from storage.people.persons import is_of, number_of
from storage.schema.people import follows
from storage.schema.types import storable
from storage.schema.upserts import insert_or

_ADD = insert_or(follows).on_conflict_do_nothing()


def add(
    connection: Connection, person: Person, follow: Follow, limit: int, now: datetime
) -> Follow | None:
    """Keep what a person follows; return it as stored, or None where there are too many."""
    number = number_of(connection, person, now)
    values = {
        "person_id": number,
        "kind": follow.kind.value,
        "key": follow_key(follow.kind, follow.terms),
        "name": storable(follow.name),
        "terms": _terms_to_json(follow.terms),
        "made_at": now,
    }
    same = (
        follows.c.person_id == number,
        follows.c.kind == values["kind"],
        follows.c.name == values["name"],
    )
    known = connection.execute(select(follows).where(*same)).first()
    if known is None:
        count = select(func.count()).where(follows.c.person_id == number)
        if connection.execute(count).scalar_one() >= limit:
            return None
        connection.execute(_ADD, values)
        known = connection.execute(select(follows).where(*same)).one()
    return _follow(known)


def remove(connection: Connection, person: Person, number: int) -> Follow | None:
    """Delete what a person follows; return it, or None where it is not there."""
    own = (follows.c.id == number, is_of(follows.c.person_id, person))
    row = connection.execute(select(follows).where(*own)).first()
    if row is not None:
        connection.execute(delete(follows).where(*own))
    return _follow(row) if row is not None else None


def list_follows(connection: Connection, person: Person) -> tuple[Follow, ...]:
    """Return what a person follows, in the order in which it was chosen."""
    own = select(follows).where(is_of(follows.c.person_id, person)).order_by(follows.c.id)
    return tuple(map(_follow, connection.execute(own)))


def _follow(row: Row[Any]) -> Follow:
    return Follow(FollowKind(row.kind), row.name, terms_from_json(row.terms), row.id, row.made_at)


def _terms_to_json(terms: FollowTerms) -> dict[str, Any]:
    stored = {
        "tags": terms.tags, "authors": terms.authors, "needed": terms.needed,
        "excluded": terms.excluded,
    }  # fmt: skip
    return {name: value for name, value in stored.items() if value}


def terms_from_json(stored: Mapping[str, Any]) -> FollowTerms:
    """Return what is stored of a follow's terms."""
    return FollowTerms(
        tuple(stored.get("tags", ())),
        tuple(stored.get("authors", ())),
        tuple(tuple(map(tuple, spellings)) for spellings in stored.get("needed", ())),
        tuple(map(tuple, stored.get("excluded", ()))),
    )
