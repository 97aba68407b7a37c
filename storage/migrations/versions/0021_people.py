"""People who keep papers, by the ids of their platforms."""

from alembic import op
from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
)

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "people",
        Column("id", Integer, primary_key=True),
        Column("platform", String, nullable=False),
        Column("person", String, nullable=False),
        UniqueConstraint("platform", "person"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "saved_papers",
        Column("person_id", Integer, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
        Column("paper", Integer, nullable=False),
        Column("saved_at", DateTime, nullable=False),
        Column("read_at", DateTime),
        PrimaryKeyConstraint("person_id", "paper"),
    )
