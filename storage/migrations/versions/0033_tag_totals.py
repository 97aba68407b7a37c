"""The number of papers of each tag, which is read without counting them."""

from alembic import op
from sqlalchemy import Column, Integer, String

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Add the table, and count the papers that are there."""
    op.create_table(
        "tag_totals",
        Column("tag", String, primary_key=True),
        Column("papers", Integer, nullable=False),
    )
    op.execute("INSERT INTO tag_totals SELECT tag, count(*) FROM paper_tags GROUP BY tag")
