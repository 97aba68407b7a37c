"""An index of the weeks of a series by their first day: one series may have a thousand."""

from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Add the index."""
    op.create_index("issues_by_series", "issues", ["series", "start"])
