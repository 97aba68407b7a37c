"""The papers of lists of daily papers, gathered until their week is made."""

from alembic import op
from sqlalchemy import JSON, Column

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column; it is empty at first."""
    op.add_column("source_pages", Column("gathered", JSON, nullable=False, server_default="[]"))
