"""The table of conflicts between curators and sources, as the newest migration leaves it."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from storage.schema.archive import metadata
from storage.schema.types import UtcDateTime

conflicts = Table(
    "conflicts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("paper", Integer, nullable=False),
    Column("field", String, nullable=False),
    Column("language", String, nullable=False),
    Column("before", Text, nullable=False),
    Column("theirs", Text, nullable=False),
    Column("ours", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("decided_at", UtcDateTime),
    Column("edit", ForeignKey("edits.id")),
    Column("series", String, nullable=False, server_default=""),
    Column("year", Integer, nullable=False, server_default="0"),
    Column("number", Integer, nullable=False, server_default="0"),
    Index("conflicts_by_paper", "paper", "field", "language"),
    Index("conflicts_by_state", "state", "id"),
    comment="Texts that curators corrected, and that their source has changed since.",
    # A number is in the buttons of messages, and must not mean another conflict later.
    sqlite_autoincrement=True,
)
