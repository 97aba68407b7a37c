"""Who opened a discussion, and a quick way to the thread that a paper has in a channel."""

from alembic import op
from sqlalchemy import Column, String, text

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the column, empty at first, and let the index of papers know the channel."""
    op.add_column("deliveries", Column("opened_by", String, nullable=False, server_default=""))
    op.drop_index("parts_by_paper", "parts")
    op.create_index("parts_by_paper", "parts", ["paper", "place"], sqlite_where=text("paper > 0"))
