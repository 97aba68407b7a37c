"""Reviews of new weeks, which wait for a curator before they are posted."""

from alembic import op
from sqlalchemy import Boolean, Column, DateTime, Integer, String, Text, UniqueConstraint

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Create the table, which is empty at first."""
    op.create_table(
        "reviews",
        Column("id", Integer, primary_key=True),
        Column("series", String, nullable=False),
        Column("year", Integer, nullable=False),
        Column("number", Integer, nullable=False),
        Column("platform", String, nullable=False),
        Column("workspace", String, nullable=False),
        Column("state", String, nullable=False),
        Column("submitted_at", DateTime, nullable=False),
        Column("due_at", DateTime),
        Column("decided_by", String, nullable=False),
        Column("decided_at", DateTime),
        Column("reason", Text, nullable=False),
        Column("is_reviewed", Boolean, nullable=False),
        Column("is_reminded", Boolean, nullable=False),
        UniqueConstraint("series", "year", "number", "platform", "workspace"),
        comment="New weeks that wait for a curator; without a platform, for all other workspaces.",
        sqlite_autoincrement=True,
    )
    op.create_index("reviews_by_state", "reviews", ["state"])
