"""Chooses the database that an address means."""

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.database import Database, DatabaseUnusable
from storage.sqlite import SqliteDatabase

_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")
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
    if url.drivername in _POSTGRESQL:
        return _postgresql(url)
    if url.drivername not in _SQLITE:
        raise DatabaseUnusable(
            f"Databases of the kind {url.drivername!r} cannot be used; set PAPERBOY_DATABASE_URL "
            "to sqlite:///path/to/file or postgresql://user:password@host/name."
        )
    if not url.database or url.database == ":memory:":
        raise DatabaseUnusable("The archive needs a file; write sqlite:///path/to/file.")
    return SqliteDatabase(Path(url.database).expanduser())


def _postgresql(url: URL) -> Database:
    if not url.database:
        raise DatabaseUnusable(
            "The database URL names no database; write postgresql://user:password@host/name."
        )
    try:
        # Its driver is an extra.
        from storage.postgresql.database import PostgresqlDatabase  # noqa: PLC0415
    except ImportError as error:
        raise DatabaseUnusable(
            "PostgreSQL needs the Python package 'psycopg', which is not installed or finds no "
            f"libpq ({error}). Install it: pip install 'paperboy[postgresql]'."
        ) from None
    return PostgresqlDatabase.of(url)
