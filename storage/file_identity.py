"""Recognises a write-ahead log that belongs to another file than the one it lies beside.

SQLite applies whatever log lies beside a file. Where a copy is put in the place of an archive by
hand, and the former one's log is still there, that corrupts the copy. So each archive has an
identity, a random number in its header (`user_version`, which SQLite leaves to programs), that
is renewed whenever the archive is opened without a log. A file beside it says to which identity
the log belongs. Source of the offsets: https://www.sqlite.org/fileformat2.html#the_database_header.
"""

import logging
import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from storage.database import Database, DatabaseUnusable
from storage.sqlite_files import assign_identity, new_identity

_MAGIC = b"SQLite format 3\0"
_IDENTITY_OFFSET, _HEADER_SIZE = 60, 100
_SIDE_FILES = ("-wal", "-shm", "-journal")
_LOG = logging.getLogger(__name__)


def set_aside_foreign_log(database: Database) -> tuple[Path, ...]:
    """Rename a log that belongs to another file; return under which names it is kept.

    To be called before anything opens the file.
    """
    path = database.file
    if path is None:
        return ()
    known = _owners(path)
    if not known or not _has_log(path) or _identity(path) in (None, *known):
        return ()
    now = datetime.now(UTC)
    kept = []
    for side in _SIDE_FILES:
        file = path.with_name(path.name + side)
        if file.exists():
            name = f"{path.name}.foreign-{now:%Y%m%dT%H%M%S%f}{side}"
            kept.append(file.rename(path.with_name(name)))
    fields = {"file": str(path), "kept": ", ".join(map(str, kept))}
    _LOG.warning("Foreign write-ahead log set aside", extra={"fields": fields})
    return tuple(kept)


def renew(database: Database, *, even_unchanged: bool = False) -> None:
    """Give an archive a new identity, where no log lies beside it and no other program does so.

    A copy that is made of it later then has another identity than copies that were made before.
    A file that nothing was written to since then keeps its identity, so that a command that only
    reads writes nothing; a program that goes on for long renews it all the same, as a copy may
    have been made meanwhile. Without the right to write here, everything stays as it is.
    """
    path = database.file
    if path is None or _has_log(path) or not (even_unchanged or _has_changed(path)):
        return
    problems = suppress(OSError, sqlite3.Error, DatabaseUnusable)
    with problems, database.try_lock("identity") as is_free:
        if not is_free or _has_log(path) or (former := _identity(path)) is None:
            return
        identity = new_identity()
        # Both count until the new one has reached the file: a crash leaves either.
        _write_owners(path, former, identity)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            assign_identity(connection, identity)
        if _identity(path) == identity:
            _write_owners(path, identity)


def _has_changed(path: Path) -> bool:
    """Return whether a file is another one than that to which an identity was given last."""
    try:
        _, stamp = _owners_file(path).read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return True
    return stamp != _stamp(path) or (_identity(path),) != _owners(path)


def _stamp(path: Path) -> str:
    found = path.stat()
    return f"{found.st_mtime_ns} {found.st_size}"


def _has_log(path: Path) -> bool:
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size > 0
    except OSError:
        return False


def _identity(path: Path) -> int | None:
    """Return the identity in a file's header; None where it is no database, or an empty one."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_SIZE)
    except OSError:
        return None
    if not header.startswith(_MAGIC) or len(header) < _HEADER_SIZE:
        return None
    return int.from_bytes(header[_IDENTITY_OFFSET : _IDENTITY_OFFSET + 4], "big", signed=True)


def _owners(path: Path) -> tuple[int, ...]:
    """Return the identities that the log may belong to; nothing where that is not known."""
    try:
        lines = _owners_file(path).read_text(encoding="ascii").splitlines()
        return tuple(map(int, lines[0].split())) if lines else ()
    except (OSError, ValueError):
        return ()


def _write_owners(path: Path, *identities: int) -> None:
    file = _owners_file(path)
    fresh = file.with_name(f"{file.name}.new")
    with fresh.open("w", encoding="ascii") as written:
        written.write(f"{' '.join(map(str, identities))}\n{_stamp(path)}")
        written.flush()
        os.fsync(written.fileno())
    fresh.replace(file)


def _owners_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.identity-of-log")
