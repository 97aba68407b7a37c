"""Indexes by which the messages of a week, and those that curators are shown, are found."""

from alembic import op
from sqlalchemy import text

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Index deliveries by week, and those that are about a paper, a report or a conflict."""
    op.create_index("deliveries_by_week", "deliveries", ["year", "number", "purpose"])
    op.create_index(
        "deliveries_by_paper", "deliveries", ["paper", "purpose"], sqlite_where=text("paper > 0")
    )
