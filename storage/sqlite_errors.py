"""Says SQLite's errors in plain words, for the operator who has to mend them (pure)."""

import sqlite3
from pathlib import Path

from storage.database import said_by_driver

_ELSEWHERE = (
    "Another file can be named in PAPERBOY_DATABASE_URL, such as /srv/paperboy/paperboy.sqlite3"
)
DAMAGED = "it is damaged; restore a copy of it with `paperboy restore FILE`"
_DAMAGE_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_REASONS = (
    ("not a database", "it is not a database, or a damaged one; restore a copy of it"),
    ("malformed", DAMAGED),
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


def explain(path: Path, error: Exception) -> str:
    """Return what SQLite's error means for the operator, and what to do."""
    if isinstance(error, OSError):
        return f"{path} cannot be made: {error.strerror or error}. {_ELSEWHERE}."
    said = str(said_by_driver(error))
    reason = next((sentence for word, sentence in _REASONS if word in said), said)
    return f"{path}: {reason}."
