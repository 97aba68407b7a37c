"""The tables of reported mistakes, as the newest migration leaves them."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from storage.schema.archive import metadata
from storage.schema.types import UtcDateTime

reports = Table(
    "reports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("platform", String, nullable=False),
    Column("workspace", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("person", String, nullable=False),
    Column("language", String, nullable=False),
    Column("paper", Integer, nullable=False),
    Column("field", String, nullable=False),
    Column("text_language", String, nullable=False),
    Column("before", Text, nullable=False),
    Column("wrong", Text, nullable=False),
    Column("better", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("decided_at", UtcDateTime),
    Column("reason", Text, nullable=False),
    Column("edit", ForeignKey("edits.id")),
    Column("tell_at", UtcDateTime),
    Index("reports_by_state", "state", "platform", "workspace", "id"),
    Index("reports_by_person", "platform", "person", "made_at"),
    Index("reports_untold", "tell_at"),
    comment="Mistakes that members reported; `tell_at` is when its member is to be told.",
    # A number is in the buttons of messages, and must not mean another report later.
    sqlite_autoincrement=True,
)

curator_channels = Table(
    "curator_channels",
    metadata,
    Column("platform", String, nullable=False),
    Column("workspace", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("language", String, nullable=False),
    PrimaryKeyConstraint("platform", "workspace"),
    comment="Where the curators of each community are shown its reports.",
)
