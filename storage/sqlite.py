"""SQLite: a file, with the right settings, the newest tables, and a copy before any change."""

import logging
import os
import re
import secrets
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from storage.database import SCHEMA_REVISION, DatabaseUnusable, run_migrations, said_by_driver
from storage.schema.types import dump_json, load_json

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

KEPT_UPGRADE_COPIES = 3
_COPY = r"\.before-(?:\d+|restore)-(\d{8}T\d{6})\d*(?:-wal|-shm)?"
"""What follows the file's name in that of a copy of an upgrade, or of what a restore replaced."""
"""How many of the copies that were made before upgrades are kept."""

BUSY_TIMEOUT_MS = 5000
"""How long a writer waits for another one; see `BEGIN IMMEDIATE` below."""


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

    def open_engine(self, room: str) -> Engine:  # noqa: ARG002 - SQLite has one writer at a time
        return open_engine(self.path)

    def open_async_engine(self, room: str) -> "AsyncEngine":  # noqa: ARG002 - as above
        return open_async_engine(self.path)

    def change_feed(self) -> None:
        """Return None: a file tells nothing."""

    def prepare(self) -> Path | None:
        return prepare(self.path)

    def exists(self) -> bool:
        return self.path.exists() and self.path.stat().st_size > 0

    def copy_to(self, target: Path) -> None:
        copy(self.path, target)

    def freeze(self, connection: Connection) -> None:
        """Do nothing: a transaction that writes is alone already."""

    def read_counters(self, connection: Connection) -> dict[str, int]:
        rows = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")
        return {row[0]: row[1] for row in rows}

    def write_counters(self, connection: Connection, counters: Mapping[str, int]) -> None:
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
        pattern = re.compile(re.escape(self.path.name) + _COPY)
        deleted = 0
        try:
            for file in self.path.absolute().parent.iterdir():
                match = pattern.fullmatch(file.name)
                if match and _made_at(match[1]) < before:
                    file.unlink(missing_ok=True)
                    deleted += 1
        except OSError as error:
            raise DatabaseUnusable(explain_error(self.path, error)) from None
        return deleted

    def check_integrity(self) -> tuple[str, ...]:
        return check_integrity(self.path)

    @contextmanager
    def try_lock(self, purpose: str) -> Iterator[bool]:
        """Hold the lock that SQLite itself has on a file beside the database.

        It works wherever the database does, and costs no write.
        """
        file = self.path.with_name(f"{self.path.name}.{purpose}")
        try:
            connection = sqlite3.connect(file, timeout=0, isolation_level=None)
        except sqlite3.Error as error:
            raise DatabaseUnusable(explain_error(file, error)) from None
        with closing(connection):
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.Error as error:
                if "locked" not in str(error):
                    raise DatabaseUnusable(explain_error(file, error)) from None
                yield False
            else:
                yield True

    def is_conflict(self, error: DBAPIError) -> bool:  # noqa: ARG002 - SQLite has one writer
        return False

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Turn a full disk, a lock or a damaged file into words; other errors are bugs."""
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            cause = said_by_driver(error)
            if isinstance(cause, sqlite3.OperationalError) or is_damage(cause):
                raise DatabaseUnusable(explain_error(self.path, error)) from error
            raise


def open_async_engine(path: Path) -> "AsyncEngine":
    """Return an engine on a file whose tables are the newest ones; see `prepare`."""
    # Half of SQLAlchemy's time to import is this; a command that asks once needs none of it.
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415

    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        json_serializer=dump_json,
        json_deserializer=load_json,
    )
    _configure(engine.sync_engine)
    return engine


def open_engine(path: Path) -> Engine:
    """Return the same for work in threads."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        json_serializer=dump_json,
        json_deserializer=load_json,
    )
    _configure(engine)
    return engine


def prepare(path: Path) -> Path | None:
    """Create the file or bring an older one up to date; return the copy made before, if any.

    Raises DatabaseUnusable where the file is no database, is newer than this program or cannot be
    written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            _create_private(path)
        version = _version(path)
    except (OSError, sqlite3.Error) as error:
        raise DatabaseUnusable(explain_error(path, error)) from None
    if version == SCHEMA_REVISION:
        return None
    if version is not None and version > SCHEMA_REVISION:
        raise DatabaseUnusable(
            f"{path} was written by a newer Paperboy (its tables are {version}, this program "
            f"knows {SCHEMA_REVISION}). Install the newer version again."
        )
    backup = None
    if version is not None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        backup = path.with_name(f"{path.name}.before-{SCHEMA_REVISION}-{stamp}")
        copy(path, backup)
        _prune_upgrade_copies(path)
    migrate(path, "head")
    return backup


def _made_at(stamp: str) -> datetime:
    return datetime.strptime(stamp, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def _prune_upgrade_copies(path: Path) -> None:
    """Delete all copies made before upgrades except the newest ones."""
    pattern = re.compile(re.escape(path.name) + r"\.before-\d+-(\d+T\d+)")
    stamps = {file: pattern.fullmatch(file.name) for file in path.parent.iterdir()}
    copies = {file: match[1] for file, match in stamps.items() if match}
    for file in sorted(copies, key=copies.__getitem__)[:-KEPT_UPGRADE_COPIES]:
        file.unlink(missing_ok=True)


def copy(source: Path, target: Path) -> None:
    """Write a consistent copy, also while others write.

    Raises DatabaseUnusable where it cannot be written, or where the source is damaged; there is
    no copy then.
    """
    try:
        _create_private(target)
    except FileExistsError:
        raise DatabaseUnusable(
            f"{target} exists already; name a new file, so that nothing is lost."
        ) from None
    except OSError as error:
        raise DatabaseUnusable(f"{target} cannot be written: {error.strerror}.") from None
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
            assign_identity(new, new_identity())
            new.commit()
            is_whole = new.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise DatabaseUnusable(
            explain_error(source if is_damage(error) else target, error)
        ) from None
    if not is_whole:
        target.unlink(missing_ok=True)
        raise DatabaseUnusable(f"{source}: {_DAMAGED}. It was not copied.")


def new_identity() -> int:
    """Return a random identity of a file; see `storage.file_identity`."""
    return secrets.randbelow(2**31 - 1) + 1


def assign_identity(connection: sqlite3.Connection, identity: int) -> None:
    """Give the file of a connection an identity."""
    connection.execute(f"PRAGMA user_version = {identity}")


def _create_private(path: Path) -> None:
    """Create an empty file for its owner alone: the archive holds tokens and what people chose.

    SQLite gives the files beside it the same mode. Raises FileExistsError and other OSErrors.
    """
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def check_integrity(path: Path) -> tuple[str, ...]:
    """Return what SQLite finds broken in the file; nothing where it is whole.

    Raises DatabaseUnusable where that cannot be found out, as on a full disk.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as found:
            broken = [row[0] for row in found.execute("PRAGMA integrity_check") if row[0] != "ok"]
            broken += [
                f"{table}: row {row} points to a missing row of {parent}"
                for table, row, parent, _ in found.execute("PRAGMA foreign_key_check")
            ]
    except sqlite3.Error as error:
        if is_damage(error):
            return (explain_error(path, error),)
        raise DatabaseUnusable(explain_error(path, error)) from None
    return tuple(broken)


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
    """Bring a file's tables up to a revision; raises Unusable where it cannot be written."""
    engine = open_engine(path)
    # A table that others point to can be recreated only with foreign keys off; see `check`.
    event.listen(engine, "connect", _disable_foreign_keys)
    run_migrations(engine, revision, partial(explain_error, path))


def _configure(engine: Engine) -> None:
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)


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


def _on_begin(connection: Connection) -> None:
    # A read that becomes a write fails at once whatever the timeout, so writers say so first.
    immediate = connection.get_execution_options().get("reads_only") is not True
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


_ELSEWHERE = (
    "Another file can be named in PAPERBOY_DATABASE_URL, such as /srv/paperboy/paperboy.sqlite3"
)
_ERASE_ATTEMPTS, _ERASE_PAUSE_SECONDS = 50, 0.1
"""How often the log is tried to be emptied, while others read from it."""
_LOG = logging.getLogger(__name__)
_DAMAGED = "it is damaged; restore a copy of it with `paperboy restore FILE`"
_DAMAGE_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_REASONS = (
    ("not a database", "it is not a database, or a damaged one; restore a copy of it"),
    ("malformed", _DAMAGED),
    ("full", "the disk is full; make room and start again"),
    ("locked", "another program holds it; end that one and start again"),
    ("readonly", f"it cannot be written; check who owns it. {_ELSEWHERE}"),
    ("disk I/O error", "the disk failed to read or write it; check the disk, and the room on it"),
    (
        "unable to open",
        f"it cannot be opened; check the folder and who owns it. {_ELSEWHERE}",
    ),
)


def is_damage(error: BaseException | None) -> bool:
    """Return whether SQLite's error says that the file is damaged, or no database."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _DAMAGE_CODES


def explain_error(path: Path, error: Exception) -> str:
    """Return what SQLite's error means for the operator, and what to do."""
    if isinstance(error, OSError):
        return f"{path} cannot be made: {error.strerror or error}. {_ELSEWHERE}."
    said = str(said_by_driver(error))
    reason = next((sentence for word, sentence in _REASONS if word in said), said)
    return f"{path}: {reason}."
