"""The table of reviews of new weeks, as the newest migration leaves it."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint

from storage.schema.archive import metadata
from storage.schema.types import UtcDateTime

reviews = Table(
    "reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("series", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("platform", String, nullable=False),
    Column("workspace", String, nullable=False),
    Column("state", String, nullable=False),
    Column("submitted_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("decided_by", String, nullable=False),
    Column("decided_at", UtcDateTime),
    Column("reason", Text, nullable=False),
    Column("is_reviewed", Boolean, nullable=False),
    Column("is_reminded", Boolean, nullable=False),
    UniqueConstraint("series", "year", "number", "platform", "workspace"),
    Index("reviews_by_state", "state"),
    comment="New weeks that wait for a curator; without a platform, for all other workspaces.",
    # A number is in the buttons of messages, and must not mean another review later.
    sqlite_autoincrement=True,
)
