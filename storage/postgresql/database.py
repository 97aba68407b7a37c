"""A database of PostgreSQL: connections, locks, the newest tables."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects.postgresql.base import PGTypeCompiler
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from bot.ports.changes import ChangeFeed
from storage import changes
from storage.database import BESIDE_OTHERS, SCHEMA_REVISION, DatabaseUnusable, run_migrations
from storage.postgresql import errors
from storage.postgresql.batch_cursor import BatchCursor
from storage.postgresql.change_feed import CHANNEL, PostgresqlChangeFeed
from storage.reader import DriverReader, marked_for_psycopg
from storage.schema.json_values import dump_json, load_json

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

_NETWORK = {
    # A network that drops everything is noticed within half a minute.
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "application_name": "paperboy",
}
"""Options of the connection, unless the address has them: https://www.postgresql.org/docs/current/libpq-connect.html."""

_SESSION = (
    # A program that was stopped inside a transaction must not keep the others from writing.
    "SET idle_in_transaction_session_timeout = '60s'",
    "SET lock_timeout = '60s'",
    "SET datestyle = 'ISO'",
)

_SESSION_OF_LEDGER = (
    # Its transactions are short, and another program posts only after those of one that stands
    # still. Several may wait for each other there, and each has its time.
    "SET idle_in_transaction_session_timeout = '10s'",
)

_ROOM_LOCK = "lock_of_room"
"""The execution option with the advisory lock of transactions that write, one at a time."""

_TABLES_OF_OTHERS = """
SELECT count(*) FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT EXISTS (
    SELECT 1 FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
"""
"""Extensions may have tables in every schema; they hold no archive."""


@dataclass(frozen=True, slots=True)
class PostgresqlDatabase:
    """Fulfils `storage.database.Database` with a database of a server."""

    url: URL
    kind: ClassVar = "postgresql"
    file: ClassVar[Path | None] = None

    @classmethod
    def of(cls, url: URL) -> "PostgresqlDatabase":
        """Return the database that an address names, with what connections need."""
        missing = {name: value for name, value in _NETWORK.items() if name not in url.query}
        return cls(url.set(drivername="postgresql+psycopg").update_query_dict(missing))

    @property
    def name(self) -> str:
        return self.url.set(drivername="postgresql", query={}).render_as_string()

    @property
    def read_options(self) -> Mapping[str, Any]:
        return {
            "reads_only": True,
            "isolation_level": "REPEATABLE READ",
            "postgresql_readonly": True,
        }

    def open_engine(self, room: str) -> Engine:
        engine = create_engine(
            self.url,
            # Of an INSERT too: SQLAlchemy would ask for it once psycopg has forgotten it.
            execution_options={**_in_room(room), "preserve_rowcount": True},
            connect_args={"cursor_factory": BatchCursor},
            **_ENGINE_OPTIONS,
        )
        _configure(engine, room)
        return engine

    def open_async_engine(self, room: str) -> "AsyncEngine":
        # As on SQLite: what asks once needs none of it.
        from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415

        engine = create_async_engine(self.url, execution_options=_in_room(room), **_ENGINE_OPTIONS)
        _configure(engine.sync_engine, room)
        return engine

    def connect(self) -> "psycopg.Connection[Any]":
        """Return a connection without transactions. Raises psycopg.Error."""
        connection = psycopg.connect(self._address, autocommit=True)
        for statement in _SESSION:
            connection.execute(statement)
        return connection

    def open_reader(self) -> DriverReader:
        return _Reader(self.connect(), "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def change_feed(self) -> ChangeFeed:
        return PostgresqlChangeFeed(self._address, partial(errors.explain, self.name))

    @property
    def _address(self) -> str:
        """The address as libpq reads it, with the password."""
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def prepare(self) -> Path | None:
        version = self._version()
        if version == SCHEMA_REVISION:
            return None
        if version is not None and version > SCHEMA_REVISION:
            raise DatabaseUnusable(
                f"{self.name} was written by a newer Paperboy (its tables are {version}, this "
                f"program knows {SCHEMA_REVISION}). Install the newer version again."
            )
        engine = self.open_engine("migrations")
        engine.dialect.type_compiler_instance = _ColumnTypes(engine.dialect)
        run_migrations(self, engine, "head", partial(errors.explain, self.name))
        return None

    def _version(self) -> str | None:
        with self.translate_errors(), self.connect() as connection:
            if _first(connection, "SHOW server_encoding") != "UTF8":
                raise DatabaseUnusable(
                    f"{self.name} does not store every letter; make a database with "
                    "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0."
                )
            if _first(connection, "SELECT current_schema()") is None:
                raise DatabaseUnusable(
                    f"{self.name} has no schema for its tables; create the schema that the user's "
                    "search_path names."
                )
            if _has_archive(connection):
                found = _first(connection, "SELECT version_num FROM alembic_version")
                return None if found is None else str(found)
            if _first(connection, _TABLES_OF_OTHERS):
                raise DatabaseUnusable(
                    f"{self.name} is a database of another program; name another database or "
                    "schema for the archive."
                )
            return None

    def exists(self) -> bool:
        with self.translate_errors(), self.connect() as connection:
            return _has_archive(connection)

    def copy_to(self, target: Path) -> None:
        raise DatabaseUnusable(
            f"{self.name} is copied with PostgreSQL's own program: pg_dump --format=custom "
            f"--file={target} {self.name}"
        )

    def begin(self, connection: Connection) -> None:
        changes.take_announced(connection)  # of a transaction that was rolled back
        options = connection.get_execution_options()
        if not options.get("reads_only") and not options.get(BESIDE_OTHERS):
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (options[_ROOM_LOCK],))

    def before_commit(self, connection: Connection) -> None:
        """Tell the other programs, in the transaction itself, what it changed."""
        for change in changes.take_announced(connection):
            connection.exec_driver_sql("SELECT pg_notify(%s, %s)", (CHANNEL, change.value))

    def freeze(self, connection: Connection) -> None:
        tables = connection.exec_driver_sql(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
        )
        names = ", ".join(f'"{row[0]}"' for row in tables)
        connection.exec_driver_sql(f"LOCK TABLE {names} IN EXCLUSIVE MODE")

    def read_counters(self, connection: Connection) -> dict[str, int]:
        rows = connection.exec_driver_sql(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()"
        )
        return {row[0].removesuffix("_id_seq"): row[1] or 0 for row in rows}

    def write_counters(self, connection: Connection, counters: Mapping[str, int]) -> None:
        for table in self.read_counters(connection):
            highest = f"SELECT coalesce(max(id), 0) FROM {table}"  # noqa: S608 - a table of ours
            number = max(
                counters.get(table, 0), connection.exec_driver_sql(highest).scalar_one(), 0
            )
            if number:
                connection.exec_driver_sql(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", (table, number)
                )

    def erase_deleted(self) -> None:
        """Do nothing: vacuuming, which the server does by itself, removes deleted rows."""

    def delete_copies(self, before: datetime) -> int:  # noqa: ARG002 - see below
        return 0  # there are none: what makes copies of a server is the operator's

    def check_integrity(self) -> tuple[str, ...]:
        """Read every row with every value; PostgreSQL itself keeps rows and references right."""
        broken = []
        with self.translate_errors(), self.connect() as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
            ).fetchall()
            for (table,) in tables:
                try:
                    rows = f'SELECT count(every_row::text) FROM "{table}" AS every_row'  # noqa: S608 - ours
                    connection.execute(rows)
                except (psycopg.InternalError, psycopg.DataError) as error:
                    broken.append(f"{table}: {errors.first_line(error)}")
        return tuple(broken)

    @contextmanager
    def try_lock(self, purpose: str) -> Iterator[bool]:
        """Hold an advisory lock of a connection of its own."""
        with self.translate_errors():
            connection = self.connect()
        try:
            with self.translate_errors():
                taken = _first(connection, "SELECT pg_try_advisory_lock(%s)", _lock_key(purpose))
            yield bool(taken)
        finally:
            # A server that learns of the end of a connection lets the lock go a little later.
            with suppress(psycopg.Error):
                connection.execute("SELECT pg_advisory_unlock_all()")
            connection.close()

    def is_conflict(self, error: Exception) -> bool:
        return errors.is_conflict(error)

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, psycopg.Error) as error:
            if errors.is_of_operation(error):
                raise DatabaseUnusable(errors.explain(self.name, error)) from error
            raise


class _ColumnTypes(PGTypeCompiler):
    """Gives the columns of migrations, which are the same for all databases, SQLite's meaning.

    Whole numbers have 64 bits, and texts sort by code point, whatever the server's locale.
    """

    def visit_INTEGER(self, type_: Any, **_kw: Any) -> str:  # noqa: ARG002, N802 - SQLAlchemy's
        return "BIGINT"

    def visit_TEXT(self, type_: Any, **_kw: Any) -> str:  # noqa: ARG002, N802 - SQLAlchemy's
        return 'TEXT COLLATE "C"'

    visit_VARCHAR = visit_TEXT  # noqa: N815 - SQLAlchemy's


_ENGINE_OPTIONS: Mapping[str, Any] = {
    "json_serializer": dump_json,
    "json_deserializer": load_json,
    # After a restart of the server the first work of a program does not fail.
    "pool_pre_ping": True,
    "max_overflow": 5,
}


def _configure(engine: Engine, room: str) -> None:
    session = (*_SESSION, *_SESSION_OF_LEDGER) if room == "ledger" else _SESSION
    event.listen(engine, "connect", partial(_on_connect, session))


def _on_connect(session: Iterable[str], connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for statement in session:
        cursor.execute(statement)
    cursor.close()
    connection.commit()


def _in_room(room: str) -> Mapping[str, Any]:
    return {_ROOM_LOCK: _lock_key(room)}


def _lock_key(purpose: str) -> int:
    """Return the number of an advisory lock: 64 bits, the same in every program."""
    digest = hashlib.sha256(f"paperboy: {purpose}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def _has_archive(connection: "psycopg.Connection[Any]") -> bool:
    found = "to_regclass('alembic_version') IS NOT NULL AND to_regclass('issues') IS NOT NULL"
    return bool(_first(connection, f"SELECT {found}"))


def _first(connection: "psycopg.Connection[Any]", statement: Any, *values: object) -> Any:
    row = connection.execute(statement, values).fetchone()
    return row[0] if row else None


class _Reader(DriverReader):
    @property
    def is_lost(self) -> bool:
        return bool(self.connection.closed)

    def execute(self, statement: str, values: Sequence[Any] = ()) -> "psycopg.Cursor[Any]":
        # PostgreSQL's texts have no NUL, so nothing is found by one.
        given = [
            value.replace("\0", "\ufffd") if isinstance(value, str) else value for value in values
        ]
        found: psycopg.Cursor[Any] = self.connection.execute(marked_for_psycopg(statement), given)
        return found
