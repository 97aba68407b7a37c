"""The tables of people, as the newest migration leaves them."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Time,
    UniqueConstraint,
    false,
)

from storage.schema.archive import metadata
from storage.schema.types import UtcDateTime

people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("platform", String, nullable=False),
    Column("person", String, nullable=False),
    # When and how direct messages are sent; the zone is empty until something is asked for.
    Column("workspace", String, nullable=False, server_default=""),
    Column("language", String, nullable=False, server_default=""),
    Column("at", Time),
    Column("zone", String, nullable=False, server_default=""),
    Column("undelivered", String, nullable=False, server_default=""),
    Column("seen_at", UtcDateTime),
    UniqueConstraint("platform", "person"),
    Index("people_by_use", "seen_at"),
    # A number is never given twice: what is deleted cannot become another person's.
    sqlite_autoincrement=True,
)

saved_papers = Table(
    "saved_papers",
    metadata,
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("paper", Integer, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime),
    PrimaryKeyConstraint("person_id", "paper"),
    comment="The papers that people keep.",
)

follows = Table(
    "follows",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("name", String, nullable=False),
    Column("terms", JSON, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    UniqueConstraint("person_id", "kind", "name"),
    # A new issue finds its followers by the terms of its papers.
    Index("follows_by_key", "kind", "key"),
    sqlite_autoincrement=True,
    comment="What people follow; `key` is a term that every paper of it has.",
)

followed_issues = Table(
    "followed_issues",
    metadata,
    Column("series", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("news_at", UtcDateTime),
    Column("after", Integer, nullable=False),
    Column("is_matched", Boolean, nullable=False),
    PrimaryKeyConstraint("series", "year", "number"),
    Index("followed_issues_by_time", "news_at"),
    comment="Issues that came, and for which people it was decided whether they are told.",
)

reminders = Table(
    "reminders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("paper", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("is_enqueued", Boolean, nullable=False, server_default=false()),
    Index("reminders_by_person", "person_id", "due_at"),
    Index("reminders_due", "is_enqueued", "due_at"),
    sqlite_autoincrement=True,
    comment="Papers that people want to be reminded of.",
)
