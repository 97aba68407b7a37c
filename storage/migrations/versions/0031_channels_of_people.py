"""An index by which the direct messages of a person are found among those of all."""

from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Index subscriptions by channel, in whatever workspace it is."""
    op.create_index("subscriptions_by_channel", "subscriptions", ["platform", "channel"])
