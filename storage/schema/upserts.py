"""Inserts that say what happens where the row is there already, on every database."""

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql


def insert_or(table: Table) -> Insert:
    """Return an insert for `on_conflict_do_nothing` or `on_conflict_do_update`.

    SQLite took the clause over from PostgreSQL (https://sqlite.org/lang_upsert.html), and
    SQLAlchemy compiles the statement of the one for the other. PostgreSQL wants to be told the
    columns of the conflict before an update.
    """
    return insert_on_postgresql(table)
