"""Papers that curators place, and the record of their edits."""

from alembic import op
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
)

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the tables; both are empty at first."""
    op.create_table(
        "placements",
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
    op.create_table(
        "edits",
        Column("id", Integer, primary_key=True),
        Column("made_at", DateTime, nullable=False),
        Column("actor", String, nullable=False),
        Column("reason", Text, nullable=False),
        Column("action", String, nullable=False),
        Column("paper_id", Integer),
        Column("key", String, nullable=False),
        Column("changes", JSON, nullable=False),
        Column("undoes", Integer, ForeignKey("edits.id", ondelete="CASCADE")),
        comment="What curators changed: who, when, why, before and after.",
    )
    op.create_index("ix_edits_paper_id", "edits", ["paper_id"])
    op.create_index("edits_by_undone", "edits", ["undoes"])
