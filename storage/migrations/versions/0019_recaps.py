"""What a digest says of last week's discussions, fixed when it is planned."""

from alembic import op
from sqlalchemy import JSON, Boolean, Column, true

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add the columns; digests of before have no recap."""
    op.add_column("deliveries", Column("recap", JSON))
    op.add_column(
        "subscriptions", Column("has_recap", Boolean, nullable=False, server_default=true())
    )
