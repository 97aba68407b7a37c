"""The look-up index on PostgreSQL."""

from storage.database import Database
from storage.postgresql.database import PostgresqlDatabase
from storage.search.postgresql.index import PostgresqlIndex
from storage.search.postgresql.writer import IndexWriter

__all__ = ["IndexWriter", "open_index"]


def open_index(database: Database) -> PostgresqlIndex:
    """Return the index of an archive, for reading. Raises psycopg.Error."""
    assert isinstance(database, PostgresqlDatabase)  # noqa: S101 - for the type checker
    return PostgresqlIndex(database.connect())
