"""The messages of parts, found by their ids: reactions to them count as votes."""

from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Add the index."""
    op.create_index("parts_by_message", "parts", ["message"])
