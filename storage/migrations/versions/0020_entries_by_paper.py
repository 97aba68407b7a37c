"""An index that says which issues list a paper, without a look at the texts of its entries."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Replace the index of papers alone."""
    op.create_index("entries_by_paper", "entries", ["paper_id", "issue_id"])
    op.drop_index("ix_entries_paper_id", "entries")
