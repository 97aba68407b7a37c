"""Secrets of platforms, sealed."""

from alembic import op
from sqlalchemy import Column, DateTime, LargeBinary, PrimaryKeyConstraint, String

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "secrets",
        Column("platform", String, nullable=False),
        Column("name", String, nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("until", DateTime),
        PrimaryKeyConstraint("platform", "name"),
    )
