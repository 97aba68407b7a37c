"""The tables of curators' edits, as the newest migration leaves them."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.schema.archive import metadata
from storage.schema.types import UtcDateTime

placements = Table(
    "placements",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("series", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("key", String, nullable=False),
    Column("wanted", Boolean, nullable=False),
    Column("position", Integer),
    Column("source_position", Integer),
    Column("entry", JSON, nullable=False),
    UniqueConstraint("series", "year", "number", "key"),
    comment="Papers that curators added to, moved in or removed from an issue.",
)

issue_corrections = Table(
    "issue_corrections",
    metadata,
    Column("series", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("field", String, nullable=False),
    Column("language", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("series", "year", "number", "field", "language"),
    comment="Introductions and withdrawals of issues by curators; they override every source.",
)

edits = Table(
    "edits",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("actor", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("action", String, nullable=False),
    Column("paper_id", Integer, index=True),
    Column("key", String, nullable=False),
    Column("changes", JSON, nullable=False),
    Column("undoes", ForeignKey("edits.id", ondelete="CASCADE")),
    Index("edits_by_undone", "undoes"),
    comment="What curators changed: who, when, why, before and after.",
)
