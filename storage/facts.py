"""Facts about the archive itself, such as the version of its index."""

from sqlalchemy import Connection, bindparam, delete, insert, select

from storage.database import DatabaseUnusable
from storage.schema.archive import facts

INDEX_FACT = "search_index"
"""Name of the fact that stores the version of the look-up index."""

TRANSFER_FACT = "transferred_to"
"""Name of the fact that stores where the archive was transferred to."""

VOCABULARY_FACT = "vocabulary"
"""Name of the fact that stores the fingerprint of the vocabulary."""

_VALUE = select(facts.c.value).where(facts.c.name == bindparam("of"))
"""Built once: each renewal of a lease reads one."""


def read_fact(connection: Connection, name: str) -> str | None:
    """Return a fact about the archive, or None."""
    return connection.execute(_VALUE, {"of": name}).scalar()


def save_fact(connection: Connection, name: str, value: str) -> None:
    """Store a fact about the archive."""
    connection.execute(delete(facts).where(facts.c.name == name))
    connection.execute(insert(facts).values(name=name, value=value))


def require_present(connection: Connection) -> None:
    """Raise DatabaseUnusable where the archive was transferred to another database."""
    place = read_fact(connection, TRANSFER_FACT)
    if place is not None:
        raise DatabaseUnusable(
            f"This archive was transferred to {place}; set PAPERBOY_DATABASE_URL to that one."
        )
