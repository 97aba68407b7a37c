"""Stores what people keep, and forgets people: the port `bot.ports.people.PeopleStore`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from bot.model.channels import Person
from bot.model.people import PersonData, SavedOrder, SavedPage, SavedPaper
from storage.connections import Transactions
from storage.database import Database
from storage.deliveries import votes
from storage.schema.curation import edits
from storage.schema.deliveries import deliveries, subscriptions
from storage.schema.people import people, saved_papers
from storage.schema.reports import reports
from storage.schema.types import storable
from storage.schema.upserts import insert_or

_ADD_PERSON = insert_or(people).on_conflict_do_nothing()
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
_ALL = 1_000_000


class SqlPeopleStore:
    """Fulfils `bot.ports.people.PeopleStore`."""

    def __init__(self, database: Database, transactions: Transactions) -> None:
        self._database = database
        self._read = transactions.read
        self._write = transactions.write
        self._run = transactions.run

    async def save_paper(self, person: Person, paper: int, now: datetime) -> bool:
        return await self._write(_save_paper, person, paper, now)

    async def remove_paper(self, person: Person, paper: int) -> bool:
        return await self._write(_remove_paper, person, paper)

    async def mark_read(self, person: Person, paper: int, read_at: datetime | None) -> None:
        await self._write(_mark_read, person, paper, read_at)

    async def saved_papers(
        self, person: Person, order: SavedOrder, limit: int, offset: int = 0
    ) -> SavedPage:
        return await self._read(_saved_papers, person, order, (limit, offset))

    async def person_data(self, person: Person) -> PersonData:
        return await self._read(_person_data, person)

    async def forget_person(self, person: Person) -> PersonData:
        found = await self._write(_forget_person, person)
        await self._run(self._database.erase_deleted)
        return found


def _save_paper(connection: Connection, person: Person, paper: int, now: datetime) -> bool:
    connection.execute(_ADD_PERSON, {"platform": person.platform, "person": storable(person.id)})
    number = connection.execute(select(people.c.id).where(_is(person))).scalar_one()
    values = {"person_id": number, "paper": paper, "saved_at": now, "read_at": None}
    return connection.execute(_ADD_PAPER, values).rowcount == 1


def _remove_paper(connection: Connection, person: Person, paper: int) -> bool:
    gone = connection.execute(
        delete(saved_papers).where(_is_of(person), saved_papers.c.paper == paper)
    )
    return gone.rowcount > 0


def _mark_read(
    connection: Connection, person: Person, paper: int, read_at: datetime | None
) -> None:
    connection.execute(
        update(saved_papers)
        .where(_is_of(person), saved_papers.c.paper == paper)
        .values(read_at=read_at)
    )


def _saved_papers(
    connection: Connection, person: Person, order: SavedOrder, part: tuple[int, int]
) -> SavedPage:
    limit, offset = part
    wanted = (
        select(saved_papers)
        .where(_is_of(person))
        .order_by(*_ORDERS[order])
        .limit(limit)
        .offset(offset)
    )
    found = tuple(
        SavedPaper(row.paper, row.saved_at, row.read_at) for row in connection.execute(wanted)
    )
    total = select(func.count()).select_from(saved_papers).where(_is_of(person))
    return SavedPage(found, connection.execute(total).scalar_one())


def _person_data(connection: Connection, person: Person) -> PersonData:
    opened = select(func.count()).select_from(deliveries).where(_has_opened(person))
    told = select(func.count()).select_from(subscriptions).where(_is_told(person))
    return PersonData(
        _saved_papers(connection, person, SavedOrder.NEWEST, (_ALL, 0)).papers,
        votes.count_of_person(connection, person.platform, person.id),
        connection.execute(opened).scalar_one(),
        connection.execute(told.where(subscriptions.c.series != "")).scalar_one(),
        connection.execute(
            select(func.count()).select_from(reports).where(_has_reported(person))
        ).scalar_one(),
    )


def _forget_person(connection: Connection, person: Person) -> PersonData:
    found = _person_data(connection, person)
    connection.execute(delete(saved_papers).where(_is_of(person)))
    connection.execute(delete(people).where(_is(person)))
    votes.forget_voter(connection, person.platform, person.id)
    connection.execute(update(deliveries).where(_has_opened(person)).values(opened_by=""))
    connection.execute(update(subscriptions).where(_is_told(person)).values(subscriber=""))
    # What was reported stays of use to the curators without its author.
    connection.execute(
        update(reports).where(_has_reported(person)).values(person="", tell_at=None)
    )
    actor, unnamed = f"{person.platform}:{person.id}", f"{person.platform}:?"
    for column in (edits.c.actor, reports.c.decided_by):
        connection.execute(
            update(column.table).where(column == actor).values({column.name: unnamed})
        )
    return found


def _is(person: Person) -> ColumnElement[bool]:
    return (people.c.platform == person.platform) & (people.c.person == storable(person.id))


def _is_of(person: Person) -> ColumnElement[bool]:
    return saved_papers.c.person_id.in_(select(people.c.id).where(_is(person)))


def _has_opened(person: Person) -> ColumnElement[bool]:
    of_platform = select(subscriptions.c.id).where(subscriptions.c.platform == person.platform)
    return (deliveries.c.opened_by == person.id) & deliveries.c.subscription_id.in_(of_platform)


def _has_reported(person: Person) -> ColumnElement[bool]:
    return (reports.c.platform == person.platform) & (reports.c.person == person.id)


def _is_told(person: Person) -> ColumnElement[bool]:
    return (subscriptions.c.platform == person.platform) & (
        subscriptions.c.subscriber == person.id
    )
