"""Deliveries: subscriptions, their slots, what is owed, and who pays it."""

from alembic import op
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
    text,
)

revision = "0002"
down_revision = "0001"

metadata = MetaData()

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("platform", String, nullable=False),
    Column("workspace", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("series", String, nullable=False),
    Column("weekday", Integer),
    Column("at", Time, nullable=False),
    Column("zone", String, nullable=False),
    Column("language", String, nullable=False),
    Column("layout", String, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("mention", String, nullable=False),
    Column("patience", Integer, nullable=False),
    Column("says_absence", Boolean, nullable=False),
    Column("grace", Integer, nullable=False),
    Column("quiet_from", Time, nullable=False),
    Column("quiet_until", Time, nullable=False),
    Column("subscriber", String, nullable=False),
    Column("admin_channel", String, nullable=False),
    Column("is_paused", Boolean, nullable=False),
    Column("pause_reason", String, nullable=False),
    Column("since", DateTime, nullable=False),
    Column("is_ended", Boolean, nullable=False),
    Column("token", String, nullable=False),
    Column("next_at", DateTime),
    UniqueConstraint("platform", "workspace", "channel", "series"),
    # A number is never given twice: keys of parts that were posted outlive subscriptions.
    sqlite_autoincrement=True,
)

slots = Table(
    "slots",
    metadata,
    Column("subscription_id", ForeignKey("subscriptions.id"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", DateTime, nullable=False),
    Column("state", String, nullable=False),
    Column("waits_until", DateTime, nullable=False),
    PrimaryKeyConstraint("subscription_id", "year", "number"),
    Index("slots_by_time", "at"),
    Index("slots_that_wait", "subscription_id", sqlite_where=text("state = 'waiting'")),
    comment="What was decided about the moment of each week, once.",
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscription_id", ForeignKey("subscriptions.id"), nullable=False),
    Column("purpose", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("layout", String, nullable=False),
    Column("due_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Column("skipped", String, nullable=False),
    UniqueConstraint("subscription_id", "purpose", "year", "number"),
    sqlite_autoincrement=True,
)

parts = Table(
    "parts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("platform", String, nullable=False),
    Column("place", String, nullable=False),
    Column("sequence", Integer, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("position", Integer, nullable=False),
    Column("chunk", Integer, nullable=False),
    Column("key", String, nullable=False, unique=True),
    Column("state", String, nullable=False),
    Column("is_untold", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("message", String, nullable=False),
    Column("thread", String, nullable=False),
    Column("url", String, nullable=False),
    Column("first_tried_at", DateTime),
    Column("due_at", DateTime, nullable=False),
    Column("posted_at", DateTime),
    # What is unpaid is little, however much was paid.
    Index(
        "parts_unpaid",
        "platform",
        "place",
        "sequence",
        sqlite_where=text("state IN ('owed', 'sending')"),
    ),
    comment="The native messages of deliveries; `sequence` is their order in the channel.",
)

notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscription_id", ForeignKey("subscriptions.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", DateTime),
    UniqueConstraint("subscription_id", "kind", "subject"),
    Index("notices_untold", "due_at", sqlite_where=text("due_at IS NOT NULL")),
    comment="What whoever subscribed is to be told; `due_at` is empty once it was.",
)

outboxes = Table(
    "outboxes",
    metadata,
    Column("platform", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("beat", Integer, nullable=False),
    Column("halted", String, nullable=False),
    comment="Who pays on a platform: whoever's beat goes on.",
)


def upgrade() -> None:
    """Make the tables of deliveries."""
    metadata.create_all(op.get_bind())
