"""Sources: how it stands with each, and with its pages."""

from alembic import op
from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
)

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "sources",
        Column("name", String, primary_key=True),
        Column("place", String, nullable=False),
        Column("succeeded_at", DateTime),
        Column("tried_at", DateTime),
        Column("next_at", DateTime),
        Column("failures", Integer, nullable=False),
        Column("failure", Text, nullable=False),
    )
    op.create_table(
        "source_pages",
        Column("source", String, ForeignKey("sources.name", ondelete="CASCADE"), nullable=False),
        Column("address", String, nullable=False),
        Column("place", Integer, nullable=False),
        Column("etag", String, nullable=False),
        Column("last_modified", String, nullable=False),
        Column("digest", String, nullable=False),
        Column("checked_at", DateTime),
        Column("leads", JSON, nullable=False),
        Column("weeks", JSON, nullable=False),
        Column("problems", JSON, nullable=False),
        Column("alarm", JSON, nullable=False),
        PrimaryKeyConstraint("source", "address"),
    )
