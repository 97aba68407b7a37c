"""Stores the states of sources and their pages."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select

from bot.model.papers import Link
from bot.ports.source_state import GatheredPaper, PageState, SourceState
from storage.connections import Transactions
from storage.database import Database
from storage.schema.sources import source_pages, sources
from storage.schema.upserts import insert_or


class SqlSourceStateStore:
    """Implements `bot.ports.source_state.SourceStateStore`."""

    def __init__(self, database: Database, transactions: Transactions) -> None:
        self._database = database
        self._read = transactions.read
        self._write = transactions.write

    async def get(self, name: str) -> SourceState:
        return await self._read(_source, name)

    async def save(
        self, state: SourceState, pages: Sequence[PageState], gone: Sequence[str] = ()
    ) -> None:
        await self._write(_save, state, pages, gone)

    def sync_lock(self) -> AbstractContextManager[bool]:
        return self._database.try_lock("syncing")


def _source(connection: Connection, name: str) -> SourceState:
    of_name = sources.c.name == name
    row = connection.execute(select(sources).where(of_name)).mappings().first()
    if row is None:
        return SourceState(name)
    of_source = source_pages.c.source == name
    found = select(source_pages).where(of_source).order_by(source_pages.c.place)
    pages = [_page(page) for page in connection.execute(found)]
    return SourceState(**row, pages={page.address: page for page in pages})


def _page(row: Row[Any]) -> PageState:
    return PageState(
        address=row.address,
        etag=row.etag,
        last_modified=row.last_modified,
        digest=row.digest,
        checked_at=row.checked_at,
        leads=tuple(row.leads),
        weeks={week: tuple(keys) for week, keys in row.weeks.items()},
        problems=tuple(row.problems),
        alarm=tuple(row.alarm),
        gathered=tuple(map(_gathered, row.gathered)),
    )


def _gathered(values: Mapping[str, Any]) -> GatheredPaper:
    return GatheredPaper(**{**values, "links": tuple(Link(**link) for link in values["links"])})


def _save(
    connection: Connection, state: SourceState, pages: Sequence[PageState], gone: Sequence[str]
) -> None:
    values = asdict(replace(state, pages={}))
    del values["pages"]
    others = {name: value for name, value in values.items() if name != "name"}
    connection.execute(
        insert_or(sources)
        .values(values)
        .on_conflict_do_update(index_elements=["name"], set_=others)
    )
    of_source = source_pages.c.source == state.name
    connection.execute(delete(source_pages).where(of_source, source_pages.c.address.in_(gone)))
    last = connection.scalar(select(func.max(source_pages.c.place)).where(of_source)) or 0
    for place, page in enumerate(pages, start=last + 1):
        row = asdict(page)
        written = insert_or(source_pages).values(source=state.name, place=place, **row)
        connection.execute(
            written.on_conflict_do_update(index_elements=["source", "address"], set_=row)
        )
