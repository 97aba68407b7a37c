"""Roles and groups that a digest mentions for tags."""

from alembic import op
from sqlalchemy import JSON, Column

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Add the column."""
    with op.batch_alter_table("subscriptions") as table:
        table.add_column(Column("tag_mentions", JSON, nullable=False, server_default="[]"))
