"""Messages that are to be published to the channels that follow theirs."""

from alembic import op
from sqlalchemy import Column, DateTime, ForeignKey, Integer, String

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "crossposts",
        Column(
            "part_id",
            Integer,
            ForeignKey("parts.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        Column("platform", String, nullable=False),
        Column("place", String, nullable=False),
        Column("due_at", DateTime, nullable=False),
        Column("attempts", Integer, nullable=False),
    )
    op.create_index("crossposts_due", "crossposts", ["platform", "due_at"])
