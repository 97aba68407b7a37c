"""Introductions and withdrawals of issues by curators."""

from alembic import op
from sqlalchemy import Column, DateTime, Integer, PrimaryKeyConstraint, String, Text

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Create the table; it is empty at first."""
    op.create_table(
        "issue_corrections",
        Column("series", String, nullable=False),
        Column("year", Integer, nullable=False),
        Column("number", Integer, nullable=False),
        Column("field", String, nullable=False),
        Column("language", String, nullable=False),
        Column("text", Text, nullable=False),
        Column("made_at", DateTime, nullable=False),
        PrimaryKeyConstraint("series", "year", "number", "field", "language"),
        comment="Introductions and withdrawals of issues by curators; they override every source.",
    )
