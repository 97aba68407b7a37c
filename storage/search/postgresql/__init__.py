"""The look-up index on PostgreSQL."""

from storage.database import Database
from storage.reader import DriverReader
from storage.search.postgresql.index import PostgresqlIndex
from storage.search.postgresql.writer import IndexWriter

__all__ = ["IndexWriter", "index_on", "open_index"]


def open_index(database: Database) -> PostgresqlIndex:
    """Return the index of an archive, with a connection of its own. Raises psycopg.Error."""
    return PostgresqlIndex(database.open_reader())


def index_on(reader: DriverReader) -> PostgresqlIndex:
    """Return the index of an archive that is read already."""
    return PostgresqlIndex(reader)
