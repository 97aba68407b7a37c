"""How many replies of how many people each thread of a paper has."""

from alembic import op
from sqlalchemy import Column, DateTime, Integer, PrimaryKeyConstraint, String

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the table; it is filled as threads are counted."""
    op.create_table(
        "thread_counts",
        Column("platform", String, nullable=False),
        Column("workspace", String, nullable=False),
        Column("channel", String, nullable=False),
        Column("thread", String, nullable=False),
        Column("paper", Integer, nullable=False),
        Column("message", String, nullable=False),
        Column("url", String, nullable=False),
        Column("replies", Integer, nullable=False),
        Column("people", Integer, nullable=False),
        Column("last_reply_at", DateTime),
        Column("counted_at", DateTime, nullable=False),
        PrimaryKeyConstraint("platform", "workspace", "channel", "thread"),
    )
    op.create_index("thread_counts_by_paper", "thread_counts", ["paper"])
