"""A database of SQLite: a file, with the right settings, the newest tables, and a copy before."""

import logging
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from storage import sqlite_errors, sqlite_files
from storage.database import SCHEMA_REVISION, DatabaseUnusable, run_migrations, said_by_driver
from storage.reader import DriverReader
from storage.schema.json_values import dump_json, load_json

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

BUSY_TIMEOUT_MS = 5000
"""How long a writer waits for another one; see `BEGIN IMMEDIATE` below."""

_ERASE_ATTEMPTS, _ERASE_PAUSE_SECONDS = 50, 0.1
"""How often the log is tried to be emptied, while others read from it."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SqliteDatabase:
    """Fulfils `storage.database.Database` with a file."""

    path: Path
    kind: ClassVar = "sqlite"

    @property
    def name(self) -> str:
        return str(self.path)

    @property
    def file(self) -> Path:
        return self.path

    @property
    def read_options(self) -> Mapping[str, Any]:
        return {"reads_only": True}

    def open_engine(self, room: str) -> "Engine":  # noqa: ARG002 - SQLite has one writer at a time
        return open_engine(self.path)

    def open_async_engine(self, room: str) -> "AsyncEngine":  # noqa: ARG002 - as above
        return open_async_engine(self.path)

    def open_reader(self) -> DriverReader:
        return open_reader(self.path)

    def change_feed(self) -> None:
        """Return None: a file tells nothing."""

    def prepare(self) -> Path | None:
        version = self._prepare_file()
        if version == SCHEMA_REVISION:
            return None
        if version is not None and version > SCHEMA_REVISION:
            raise DatabaseUnusable(
                f"{self.path} was written by a newer Paperboy (its tables are {version}, this "
                f"program knows {SCHEMA_REVISION}). Install the newer version again."
            )
        backup = None
        if version is not None:
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
            backup = self.path.with_name(f"{self.path.name}.before-{SCHEMA_REVISION}-{stamp}")
            sqlite_files.copy(self.path, backup)
            sqlite_files.prune_upgrade_copies(self.path)
        migrate(self.path, "head")
        return backup

    def _prepare_file(self) -> str | None:
        """Create the file where it is missing; return the revision of its tables, if any."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                sqlite_files.create_private(self.path)
            return _version(self.path)
        except (OSError, sqlite3.Error) as error:
            raise DatabaseUnusable(sqlite_errors.explain(self.path, error)) from None

    def exists(self) -> bool:
        return self.path.exists() and self.path.stat().st_size > 0

    def copy_to(self, target: Path) -> None:
        sqlite_files.copy(self.path, target)

    def begin(self, connection: "Connection") -> None:
        # A read that becomes a write fails at once whatever the timeout: writers say so first.
        immediate = connection.get_execution_options().get("reads_only") is not True
        # Straight to the driver: an outbox begins several transactions every second.
        cursor = connection.connection.cursor()
        cursor.execute("BEGIN IMMEDIATE" if immediate else "BEGIN")
        cursor.close()

    def before_commit(self, connection: "Connection") -> None:
        """Do nothing: a file tells nothing."""

    def freeze(self, connection: "Connection") -> None:
        """Do nothing: a transaction that writes is alone already."""

    def read_counters(self, connection: "Connection") -> dict[str, int]:
        rows = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")
        return {row[0]: row[1] for row in rows}

    def write_counters(self, connection: "Connection", counters: Mapping[str, int]) -> None:
        """Tables without a counter of their own go on after their highest row."""
        made = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
        )
        for table in made.scalars().all():
            row = (counters.get(table, 0), table)
            connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
            connection.exec_driver_sql(
                "INSERT INTO sqlite_sequence (seq, name) VALUES (?, ?)", row
            )

    def erase_deleted(self) -> None:
        """Empty the write-ahead log, which repeats pages of before.

        Deleted rows themselves are overwritten as they are deleted, by `secure_delete`.
        """
        with self.translate_errors(), closing(sqlite3.connect(self.path, timeout=0)) as connection:
            for _ in range(_ERASE_ATTEMPTS):
                # A program that reads from the log keeps it from being emptied for a moment.
                if not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                    return
                time.sleep(_ERASE_PAUSE_SECONDS)
        _LOG.warning("Write-ahead log not emptied", extra={"fields": {"file": self.path.name}})

    def delete_copies(self, before: datetime) -> int:
        try:
            return sqlite_files.delete_copies(self.path, before)
        except OSError as error:
            raise DatabaseUnusable(sqlite_errors.explain(self.path, error)) from None

    def check_integrity(self) -> tuple[str, ...]:
        return sqlite_files.check_integrity(self.path)

    @contextmanager
    def try_lock(self, purpose: str) -> Iterator[bool]:
        """Hold the lock that SQLite itself has on a file beside the database.

        It works wherever the database does, and costs no write.
        """
        file = self.path.with_name(f"{self.path.name}.{purpose}")
        try:
            connection = sqlite3.connect(file, timeout=0, isolation_level=None)
        except sqlite3.Error as error:
            raise DatabaseUnusable(sqlite_errors.explain(file, error)) from None
        with closing(connection):
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.Error as error:
                if "locked" not in str(error):
                    raise DatabaseUnusable(sqlite_errors.explain(file, error)) from None
                yield False
            else:
                yield True

    def is_conflict(self, error: Exception) -> bool:  # noqa: ARG002 - SQLite has one writer
        return False

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Turn a full disk, a lock or a damaged file into words; other errors are bugs."""
        try:
            yield
        except Exception as error:  # also one of SQLAlchemy, which a read does not import
            cause = said_by_driver(error)
            if isinstance(cause, sqlite3.OperationalError) or sqlite_errors.is_damage(cause):
                raise DatabaseUnusable(sqlite_errors.explain(self.path, error)) from error
            raise


def open_async_engine(path: Path) -> "AsyncEngine":
    """Return an engine on a file whose tables are the newest ones; see `Database.prepare`."""
    # Half of SQLAlchemy's time to import is this; a command that asks once needs none of it.
    from sqlalchemy.engine import URL  # noqa: PLC0415
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415

    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        json_serializer=dump_json,
        json_deserializer=load_json,
    )
    _configure(engine.sync_engine)
    return engine


def open_engine(path: Path) -> "Engine":
    """Return the same for work in threads."""
    # A command that only reads needs none of it.
    from sqlalchemy import create_engine  # noqa: PLC0415
    from sqlalchemy.engine import URL  # noqa: PLC0415

    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        json_serializer=dump_json,
        json_deserializer=load_json,
    )
    _configure(engine)
    return engine


def open_reader(path: Path) -> DriverReader:
    """Return what reads a file whose tables are the newest ones."""
    address = f"{path.absolute().as_uri()}?mode=ro"
    return DriverReader(sqlite3.connect(address, uri=True, check_same_thread=False), "BEGIN")


def _version(path: Path) -> str | None:
    if not path.exists():
        return None
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        if "alembic_version" not in tables:
            if tables:
                raise DatabaseUnusable(
                    f"{path} is a database of another program; name another file for the archive."
                )
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def migrate(path: Path, revision: str) -> None:
    """Bring a file's tables up to a revision. Raises DatabaseUnusable."""
    from sqlalchemy import event  # noqa: PLC0415

    engine = open_engine(path)
    # A table that others point to can be recreated only with foreign keys off.
    event.listen(engine, "connect", _disable_foreign_keys)
    database = SqliteDatabase(path)
    with database.translate_errors():
        run_migrations(database, engine, revision, partial(sqlite_errors.explain, path))


def _configure(engine: "Engine") -> None:
    from sqlalchemy import event  # noqa: PLC0415

    event.listen(engine, "connect", _on_connect)


def _on_connect(connection: Any, _record: object) -> None:
    # The driver's own transactions do not cover DDL and begin too late; we begin ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        # Not NORMAL: an intention that a power cut undoes would be carried out twice.
        "synchronous = FULL",
        "foreign_keys = ON",
        # What is deleted is overwritten, so that a person who is forgotten is in no free page.
        "secure_delete = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _disable_foreign_keys(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = OFF")
