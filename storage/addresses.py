"""Chooses the database that an address means."""

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from storage.database import Database, DatabaseUnusable
from storage.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")
_SQLITE = ("sqlite", "sqlite+aiosqlite")
_SQLITE_FILE = re.compile(r"(?:sqlite|sqlite\+aiosqlite):///(?!:memory:$)([^?]+)")

_SUFFIXES = (".sqlite3", ".sqlite", ".db3", ".db")
"""What the name of a file ends in that stands alone; others may be meant for something else."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
"""What begins a URL; a single letter is a drive of Windows."""

_OF_SERVER = re.compile(r"[^/\\]*@|\w+\s*=")
"""A user and a server, or libpq's keywords: https://www.postgresql.org/docs/current/libpq-connect.html."""

_FORMS = (
    "set PAPERBOY_DATABASE_URL to a path with its folder, such as /srv/paperboy/paperboy.sqlite3 "
    "or ./paperboy.sqlite3, or to postgresql://user:password@host/name"
)


def find_database(address: str | Path) -> Database:
    """Return the database that a URL names; a plain path means a file of SQLite.

    Raises DatabaseUnusable where it names none that could hold an archive. The message repeats
    nothing that may be a password.
    """
    if isinstance(address, Path):
        return SqliteDatabase(address.expanduser())
    address = address.strip()
    if "\0" in address:
        raise DatabaseUnusable(f"The address of the database has a NUL; {_FORMS}.")
    return _of_url(address) if "://" in address else _file(_checked_path(address))


def _of_url(address: str) -> Database:
    if file := _SQLITE_FILE.fullmatch(address):
        return _file(file[1])
    # The usual address, of a file, is read without what takes a quarter of a second to import.
    from sqlalchemy.engine import make_url  # noqa: PLC0415
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise DatabaseUnusable(
            "The database URL cannot be read; write sqlite:///path/to/file or "
            "postgresql://user:password@host:5432/name, without quotes, an @ of the password as "
            "%40, and several servers as postgresql://user:password@/name?host=one,two."
        ) from None
    kind = url.drivername.lower()
    if kind in _POSTGRESQL:
        return _postgresql(url)
    if kind not in _SQLITE:
        raise DatabaseUnusable(
            f"Databases of the kind {url.drivername!r} cannot be used; set PAPERBOY_DATABASE_URL "
            "to sqlite:///path/to/file or postgresql://user:password@host/name."
        )
    if url.host:
        raise DatabaseUnusable(
            "The path in a database URL begins after three slashes; write sqlite:///file, or "
            "sqlite:////folder/file from the root."
        )
    if not url.database or url.database == ":memory:":
        raise DatabaseUnusable("The archive needs a file; write sqlite:///path/to/file.")
    return _file(url.database)


def _checked_path(text: str) -> str:
    """Return a path that stands without a scheme. Raises DatabaseUnusable where it is none."""
    if text[:1] in ("'", '"'):
        raise DatabaseUnusable("The address of the database stands in quotes; leave them out.")
    if _SCHEME.match(text) or _OF_SERVER.match(text):
        raise DatabaseUnusable(
            "The address of the database is neither a URL, as it has no '://', nor a path; "
            f"{_FORMS}."
        )
    is_word = "/" not in text and os.sep not in text and not text.lower().endswith(_SUFFIXES)
    if is_word and not os.path.isfile(text):  # noqa: PTH113 - a path raises for some texts
        raise DatabaseUnusable(
            f"The address of the database is neither a URL nor the path of a file; {_FORMS}."
        )
    return text


def _file(text: str) -> Database:
    try:
        path = Path(text).expanduser()
        is_folder = text.endswith(("/", os.sep)) or _is_folder(path)
    except (RuntimeError, OSError):  # a user who is not there, a name that is too long
        raise DatabaseUnusable(f"No file can have the name {text!r}; {_FORMS}.") from None
    if is_folder:
        raise DatabaseUnusable(
            f"{path} is a folder; name a file in it, such as {path / 'paperboy.sqlite3'}."
        )
    return SqliteDatabase(path)


def _is_folder(path: Path) -> bool:
    """Return what `Path.is_dir` does. Raises OSError for a name that is too long.

    From Python 3.14 on, that returns False for it.
    """
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _postgresql(url: "URL") -> Database:
    if not url.database:
        raise DatabaseUnusable(
            "The database URL names no database; write postgresql://user:password@host/name."
        )
    if "@" in (url.host or ""):
        # What stands before the last one may be a part of the password.
        raise DatabaseUnusable(
            "The database URL has several @; write those of the user and the password as %40."
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
