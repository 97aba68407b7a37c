"""Restores the database from a copy, so that nothing is posted twice and nothing is lost."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from storage.database import Database, DatabaseUnusable, transaction
from storage.deliveries import leases
from storage.people.forgotten import ForgottenPeople
from storage.sqlite import SqliteDatabase, open_engine

_SIDE_FILES = ("", "-wal", "-shm")
"""A database and what SQLite keeps beside it; a log left beside another file corrupts that."""


def record_restored(database: Database) -> None:
    """Let the ledger remember that it was put back by other means, such as pg_restore.

    Raises DatabaseUnusable.
    """
    database.prepare()
    now = datetime.now(UTC)
    engine = database.open_engine("ledger")
    try:
        with database.translate_errors(), transaction(database, engine) as connection:
            leases.record_gap(connection, now, now)
    finally:
        engine.dispose()


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    former: Path | None
    """Where the database before is kept; None where there was none."""
    forgotten: int
    """People whom the copy still knew, and who were forgotten since: they are again."""


def restore(database: Database, source: Path) -> Restored:
    """Put a copy in the place of the database.

    The ledger remembers the time that the copy does not know, and the platforms are searched
    before anything of that time is posted. Raises DatabaseUnusable where the copy is missing,
    damaged or no archive, or where a program has the database open; nothing is changed then.
    """
    path = database.file
    if path is None:
        raise DatabaseUnusable(
            f"{database.name} is no file. Put a copy back with PostgreSQL's pg_restore, and then "
            "say `paperboy restore` without a file."
        )
    if source.resolve() == path.resolve():
        raise DatabaseUnusable(f"{source} is the archive itself; name a copy of it.")
    _require_intact(source)
    copied_at = datetime.fromtimestamp(source.stat().st_mtime, UTC)
    now = datetime.now(UTC)
    fresh = path.with_name(f"{path.name}.restoring")
    for side in _SIDE_FILES:
        fresh.with_name(fresh.name + side).unlink(missing_ok=True)
    SqliteDatabase(source).copy_to(fresh)
    restored = SqliteDatabase(fresh)
    restored.prepare()
    engine = open_engine(fresh)
    try:
        with transaction(restored, engine) as connection:
            leases.record_gap(connection, copied_at, now)
            forgotten = ForgottenPeople(path).apply(connection, now)
    finally:
        engine.dispose()
    _close(fresh)
    former = _set_aside(path, now)
    fresh.rename(path)
    return Restored(former, forgotten)


def _require_intact(source: Path) -> None:
    if not source.exists():
        raise DatabaseUnusable(f"There is no file {source}.")
    if source.is_dir():
        raise DatabaseUnusable(f"{source} is a folder; name the copy itself.")
    if broken := SqliteDatabase(source).check_integrity():
        raise DatabaseUnusable(f"{source} cannot be restored: {broken[0]}")
    with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as found:
        tables = {row[0] for row in found.execute("SELECT name FROM sqlite_master")}
    if "alembic_version" not in tables:
        raise DatabaseUnusable(f"{source} is no archive of Paperboy.")


def _set_aside(path: Path, now: datetime) -> Path | None:
    """Rename the database and its side files, as one that can still be opened."""
    if not path.exists():
        return None
    _close(path)
    former = path.with_name(f"{path.name}.before-restore-{now:%Y%m%dT%H%M%S%f}")
    for side in _SIDE_FILES:
        file = path.with_name(path.name + side)
        if file.exists():
            file.rename(former.with_name(former.name + side))
    return former


def _close(path: Path) -> None:
    """Fold the write-ahead log into a file. Raises DatabaseUnusable where another has it open."""
    try:
        with closing(sqlite3.connect(path, timeout=1)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise DatabaseUnusable(
                f"{path} is in use; stop Paperboy first, and then restore."
            ) from None
    except sqlite3.DatabaseError:
        return  # it is damaged, which may be why it is replaced; it is kept as it is
