"""Transfers an archive with all its deliveries to another database, exactly."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select
from sqlalchemy.exc import DataError

from storage.archive.row_mapping import load_papers
from storage.connections import chunks
from storage.database import Database, DatabaseUnusable, said_by_driver, transaction
from storage.facts import TRANSFER_FACT, require_present, save_fact
from storage.reader import ConnectionReader
from storage.schema import all_tables
from storage.schema.archive import facts, papers
from storage.schema.deliveries import outboxes
from storage.search import index_tables

_RECENT = timedelta(minutes=2)
"""A program that showed a sign of life since then may still run; it does so more often."""

_BATCH = 500

_NAMES = "SELECT id, paper_id, newest, letters, name FROM names"


def transfer(source: Database, target: Database, show: Callable[[int, int], None]) -> int:
    """Copy an archive to an empty database, and let the former one be used no more.

    `show` is called with the rows that were written and that there are. Returns their number.
    Raises DatabaseUnusable where there is no archive, where it is in use, or where the target is
    not empty; the target stays empty then.
    """
    if source == target:
        raise DatabaseUnusable(f"{source.name} is where the archive is; name another database.")
    if not source.exists():
        raise DatabaseUnusable(f"There is no archive at {source.name}.")
    source.prepare()
    target.prepare()
    engines = source.open_engine("archive"), target.open_engine("archive")
    try:
        with (
            source.translate_errors(),
            target.translate_errors(),
            transaction(source, engines[0]) as old,
        ):
            source.freeze(old)
            _require_unused(source, old)
            with transaction(target, engines[1]) as new:
                _require_empty(target, new)
                total = _copy(source, target, (old, new), show)
            save_fact(old, TRANSFER_FACT, target.name)
    finally:
        for engine in engines:
            engine.dispose()
    return total


def _require_unused(source: Database, connection: Connection) -> None:
    require_present(ConnectionReader(connection))
    recent = datetime.now(UTC) - _RECENT
    in_use = select(func.count()).where(outboxes.c.owner != "", outboxes.c.seen_at > recent)
    if connection.scalar(in_use):
        raise DatabaseUnusable(
            f"Paperboy ran on {source.name} within the last two minutes; stop it first, so that "
            "nothing is posted meanwhile."
        )


def _require_empty(target: Database, connection: Connection) -> None:
    for table in all_tables():
        if table is not facts and connection.scalar(select(func.count()).select_from(table)):
            raise DatabaseUnusable(
                f"{target.name} holds an archive already; name an empty database or a new file."
            )


def _copy(
    source: Database,
    target: Database,
    connections: tuple[Connection, Connection],
    show: Callable[[int, int], None],
) -> int:
    old, new = connections
    sizes = {
        table.name: int(old.scalar(select(func.count()).select_from(table)) or 0)
        for table in all_tables()
    }
    names = int(old.exec_driver_sql("SELECT count(*) FROM names").scalar_one())
    total = sum(sizes.values()) + names + sizes["papers"]
    done = 0
    new.execute(delete(facts))
    for table in all_tables():
        for rows in _batches(old, table):
            _insert(target, new, table, rows)
            done += len(rows)
            show(done, total)
    target.write_counters(new, source.read_counters(old))
    # What is derived is written anew, but for the numbers of names, by which ties are broken.
    writer = import_module(f"storage.search.{target.kind}").IndexWriter(new)
    for batch in old.exec_driver_sql(f"{_NAMES} ORDER BY id").partitions(_BATCH):
        index_tables.add_names(writer, [tuple(row) for row in batch])
        done += len(batch)
        show(done, total)
    for numbers in chunks(list(new.scalars(select(papers.c.id).order_by(papers.c.id)))):
        loaded = load_papers(ConnectionReader(new), numbers)
        index_tables.add_texts(writer, map(loaded.indexed_paper, loaded.versions))
        done += len(numbers)
        show(done, total)
    return total


def _batches(connection: Connection, table: Table) -> Iterator[Sequence[dict[str, Any]]]:
    found = connection.execute(select(table).order_by(*table.primary_key))
    for rows in found.mappings().partitions(_BATCH):
        yield [dict(row) for row in rows]


def _insert(
    target: Database, connection: Connection, table: Table, rows: Sequence[dict[str, Any]]
) -> None:
    try:
        connection.execute(insert(table), rows)
    except DataError as error:
        raise DatabaseUnusable(
            f"A row of the table {table.name} cannot be stored in {target.name}: "
            f"{said_by_driver(error)}"
        ) from None
