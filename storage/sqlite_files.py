"""The file of an archive on SQLite: made private, copied, checked, its old copies deleted."""

import os
import re
import secrets
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from storage import sqlite_errors
from storage.database import DatabaseUnusable

KEPT_UPGRADE_COPIES = 3
"""How many of the copies that were made before upgrades are kept."""

_COPY = r"\.before-(?:\d+|restore)-(\d{8}T\d{6})\d*(?:-wal|-shm)?"
"""What follows the file's name in that of a copy of an upgrade, or of what a restore replaced."""


def create_private(path: Path) -> None:
    """Create an empty file for its owner alone: the archive holds tokens and what people chose.

    SQLite gives the files beside it the same mode. Raises FileExistsError and other OSErrors.
    """
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def copy(source: Path, target: Path) -> None:
    """Write a consistent copy, also while others write.

    Raises DatabaseUnusable where it cannot be written, or where the source is damaged; there is
    no copy then.
    """
    try:
        create_private(target)
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
            sqlite_errors.explain(source if sqlite_errors.is_damage(error) else target, error)
        ) from None
    if not is_whole:
        target.unlink(missing_ok=True)
        raise DatabaseUnusable(f"{source}: {sqlite_errors.DAMAGED}. It was not copied.")


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
        if sqlite_errors.is_damage(error):
            return (sqlite_errors.explain(path, error),)
        raise DatabaseUnusable(sqlite_errors.explain(path, error)) from None
    return tuple(broken)


def delete_copies(path: Path, before: datetime) -> int:
    """Delete the copies that upgrades and restores left beside a file; return how many.

    Those that were made before then. Raises OSError.
    """
    pattern = re.compile(re.escape(path.name) + _COPY)
    deleted = 0
    for file in path.absolute().parent.iterdir():
        match = pattern.fullmatch(file.name)
        if match and _made_at(match[1]) < before:
            file.unlink(missing_ok=True)
            deleted += 1
    return deleted


def prune_upgrade_copies(path: Path) -> None:
    """Delete all copies made before upgrades except the newest ones."""
    pattern = re.compile(re.escape(path.name) + r"\.before-\d+-(\d+T\d+)")
    stamps = {file: pattern.fullmatch(file.name) for file in path.parent.iterdir()}
    copies = {file: match[1] for file, match in stamps.items() if match}
    for file in sorted(copies, key=copies.__getitem__)[:-KEPT_UPGRADE_COPIES]:
        file.unlink(missing_ok=True)


def new_identity() -> int:
    """Return a random identity of a file; see `storage.file_identity`."""
    return secrets.randbelow(2**31 - 1) + 1


def assign_identity(connection: sqlite3.Connection, identity: int) -> None:
    """Give the file of a connection an identity."""
    connection.execute(f"PRAGMA user_version = {identity}")


def _made_at(stamp: str) -> datetime:
    return datetime.strptime(stamp, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
