"""A lock beside the database that one program holds; it ends with its program."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from storage import database


@contextmanager
def try_lock(path: Path, purpose: str) -> Iterator[bool]:
    """Have the only right to a purpose for as long as the context lasts, where it is free.

    Yields whether one has it. The lock is the one that SQLite itself holds on a file beside the
    database: it works wherever the database does, costs no write, and a program that dies lets
    go of it. Raises DatabaseUnusable where the file cannot be made.
    """
    file = path.with_name(f"{path.name}.{purpose}")
    try:
        connection = sqlite3.connect(file, timeout=0, isolation_level=None)
    except sqlite3.Error as error:
        raise database.DatabaseUnusable(database.explain_error(file, error)) from None
    with closing(connection):
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            if "locked" not in str(error):
                raise database.DatabaseUnusable(database.explain_error(file, error)) from None
            yield False
        else:
            yield True
