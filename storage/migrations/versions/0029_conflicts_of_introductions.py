"""Conflicts about the introduction of an issue, which have its series and week."""

from alembic import op
from sqlalchemy import Column, Integer, String

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Add the series and week; what is there is about papers."""
    op.add_column("conflicts", Column("series", String, nullable=False, server_default=""))
    op.add_column("conflicts", Column("year", Integer, nullable=False, server_default="0"))
    op.add_column("conflicts", Column("number", Integer, nullable=False, server_default="0"))
