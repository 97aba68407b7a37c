"""Conflicts between what curators wrote and what a source says now."""

from alembic import op
from sqlalchemy import Column, DateTime, ForeignKey, Integer, String, Text

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Create the table, which is empty at first."""
    op.create_table(
        "conflicts",
        Column("id", Integer, primary_key=True),
        Column("made_at", DateTime, nullable=False),
        Column("paper", Integer, nullable=False),
        Column("field", String, nullable=False),
        Column("language", String, nullable=False),
        Column("before", Text, nullable=False),
        Column("theirs", Text, nullable=False),
        Column("ours", Text, nullable=False),
        Column("state", String, nullable=False),
        Column("decided_by", String, nullable=False),
        Column("decided_at", DateTime),
        Column("edit", Integer, ForeignKey("edits.id")),
        comment="Texts that curators corrected, and that their source has changed since.",
        sqlite_autoincrement=True,
    )
    op.create_index("conflicts_by_paper", "conflicts", ["paper", "field", "language"])
    op.create_index("conflicts_by_state", "conflicts", ["state", "id"])
