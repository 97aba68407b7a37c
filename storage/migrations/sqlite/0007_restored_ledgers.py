"""When a schedule was changed, what a restored copy does not know, and notices being sent."""

from alembic import op
from sqlalchemy import Column, DateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns; all are empty at first."""
    op.add_column("subscriptions", Column("rescheduled_at", DateTime))
    op.add_column("outboxes", Column("seen_at", DateTime))
    op.add_column("outboxes", Column("gap_from", DateTime))
    op.add_column("outboxes", Column("gap_until", DateTime))
    op.add_column("notices", Column("claimed_at", DateTime))
