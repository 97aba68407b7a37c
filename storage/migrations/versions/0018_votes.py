"""Votes for the favourite of a week; of who voted only a keyed hash is stored."""

from alembic import op
from sqlalchemy import Column, DateTime, Integer, PrimaryKeyConstraint, String

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "votes",
        Column("platform", String, nullable=False),
        Column("workspace", String, nullable=False),
        Column("voter", String, nullable=False),
        Column("series", String, nullable=False),
        Column("year", Integer, nullable=False),
        Column("number", Integer, nullable=False),
        Column("channel", String, nullable=False),
        Column("paper", Integer, nullable=False),
        Column("voted_at", DateTime, nullable=False),
        PrimaryKeyConstraint("platform", "workspace", "voter", "series", "year", "number"),
    )
    op.create_index("votes_by_paper", "votes", ["paper"])
