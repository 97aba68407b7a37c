"""Chooses the database that an address means."""

from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from storage.database import Database, DatabaseUnusable
from storage.sqlite import SqliteDatabase

_SQLITE = ("sqlite", "sqlite+aiosqlite")


def find_database(address: str | Path) -> Database:
    """Return the database that a URL names; a plain path means a file of SQLite.

    Raises DatabaseUnusable where it names none that could hold an archive.
    """
    if isinstance(address, Path) or "://" not in address:
        return SqliteDatabase(Path(address).expanduser())
    try:
        url = make_url(address)
    except ArgumentError:
        raise DatabaseUnusable(
            "The database URL cannot be read; write sqlite:///path/to/file or a plain path."
        ) from None
    if url.drivername not in _SQLITE:
        raise DatabaseUnusable(
            f"Databases of the kind {url.drivername!r} cannot be used yet; "
            "set PAPERBOY_DATABASE_URL to sqlite:///path/to/file."
        )
    if not url.database or url.database == ":memory:":
        raise DatabaseUnusable("The archive needs a file; write sqlite:///path/to/file.")
    return SqliteDatabase(Path(url.database).expanduser())
