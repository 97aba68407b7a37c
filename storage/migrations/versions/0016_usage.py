"""Counts of use."""

from alembic import op
from sqlalchemy import Column, Integer, PrimaryKeyConstraint, String

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "usage",
        Column("year", Integer, nullable=False),
        Column("month", Integer, nullable=False),
        Column("platform", String, nullable=False),
        Column("workspace", String, nullable=False),
        Column("name", String, nullable=False),
        Column("uses", Integer, nullable=False),
        PrimaryKeyConstraint("platform", "workspace", "year", "month", "name"),
    )
