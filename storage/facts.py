"""Facts about the archive itself, such as the version of its index."""

from typing import TYPE_CHECKING

from storage.database import DatabaseUnusable
from storage.reader import Reader

if TYPE_CHECKING:
    from sqlalchemy import Connection

INDEX_FACT = "search_index"
"""Name of the fact that stores the version of the look-up index."""

TRANSFER_FACT = "transferred_to"
"""Name of the fact that stores where the archive was transferred to."""

VOCABULARY_FACT = "vocabulary"
"""Name of the fact that stores the fingerprint of the vocabulary."""


def read_fact(reader: Reader, name: str) -> str | None:
    """Return a fact about the archive, or None."""
    rows = reader.rows("SELECT value FROM facts WHERE name = ?", (name,))
    return rows[0][0] if rows else None


def save_fact(connection: "Connection", name: str, value: str) -> None:
    """Store a fact about the archive."""
    # A command that only reads a fact needs no SQLAlchemy.
    from sqlalchemy import delete, insert  # noqa: PLC0415

    from storage.schema.archive import facts  # noqa: PLC0415

    connection.execute(delete(facts).where(facts.c.name == name))
    connection.execute(insert(facts).values(name=name, value=value))


def require_present(reader: Reader) -> None:
    """Raise DatabaseUnusable where the archive was transferred to another database."""
    place = read_fact(reader, TRANSFER_FACT)
    if place is not None:
        raise DatabaseUnusable(
            f"This archive was transferred to {place}; set PAPERBOY_DATABASE_URL to that one."
        )
