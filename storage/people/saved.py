"""Stores the papers that people keep."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from bot.model.channels import Person
from bot.model.people import SavedOrder, SavedPage, SavedPaper
from storage.people.persons import is_of, number_of
from storage.schema.people import saved_papers
from storage.schema.upserts import insert_or

_ADD_PAPER = insert_or(saved_papers).on_conflict_do_nothing()
_ORDERS: Mapping[SavedOrder, tuple[Any, ...]] = {
    SavedOrder.NEWEST: (saved_papers.c.saved_at.desc(), saved_papers.c.paper.desc()),
    SavedOrder.OLDEST: (saved_papers.c.saved_at, saved_papers.c.paper),
    SavedOrder.UNREAD: (
        saved_papers.c.read_at.is_not(None),
        saved_papers.c.saved_at.desc(),
        saved_papers.c.paper.desc(),
    ),
}


def save(connection: Connection, person: Person, paper: int, now: datetime) -> bool:
    """Keep a paper for a person; False where it was kept before."""
    values = {
        "person_id": number_of(connection, person, now),
        "paper": paper,
        "saved_at": now,
        "read_at": None,
    }
    return connection.execute(_ADD_PAPER, values).rowcount == 1


def remove(connection: Connection, person: Person, paper: int) -> bool:
    """Keep a paper no more; False where it was not kept."""
    gone = connection.execute(
        delete(saved_papers).where(
            is_of(saved_papers.c.person_id, person), saved_papers.c.paper == paper
        )
    )
    return gone.rowcount > 0


def mark_read(
    connection: Connection, person: Person, paper: int, read_at: datetime | None
) -> None:
    """Mark a paper that is kept as read, or as unread with None."""
    connection.execute(
        update(saved_papers)
        .where(is_of(saved_papers.c.person_id, person), saved_papers.c.paper == paper)
        .values(read_at=read_at)
    )


def list_saved(
    connection: Connection, person: Person, order: SavedOrder, part: tuple[int, int]
) -> SavedPage:
    """Return papers that a person keeps; `part` is how many, and after how many."""
    limit, offset = part
    wanted = (
        select(saved_papers)
        .where(is_of(saved_papers.c.person_id, person))
        .order_by(*_ORDERS[order])
        .limit(limit)
        .offset(offset)
    )
    found = tuple(
        SavedPaper(row.paper, row.saved_at, row.read_at) for row in connection.execute(wanted)
    )
    total = (
        select(func.count())
        .select_from(saved_papers)
        .where(is_of(saved_papers.c.person_id, person))
    )
    return SavedPage(found, connection.execute(total).scalar_one())
