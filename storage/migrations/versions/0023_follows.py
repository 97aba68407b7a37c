"""What people follow and want to be reminded of, and when they get direct messages."""

from datetime import UTC, datetime

from alembic import op
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    Time,
    UniqueConstraint,
    column,
    false,
    table,
)

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Add the tables, and the columns of people."""
    for added in (
        Column("workspace", String, nullable=False, server_default=""),
        Column("language", String, nullable=False, server_default=""),
        Column("at", Time),
        Column("zone", String, nullable=False, server_default=""),
        Column("undelivered", String, nullable=False, server_default=""),
        Column("seen_at", DateTime),
    ):
        op.add_column("people", added)
    # Of those who are there it is not known when they were here last: they are here now.
    people = table("people", column("seen_at", DateTime))
    op.execute(people.update().values(seen_at=datetime.now(UTC).replace(tzinfo=None)))
    op.create_index("people_by_use", "people", ["seen_at"])
    op.create_table(
        "follows",
        Column("id", Integer, primary_key=True),
        Column("person_id", Integer, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
        Column("kind", String, nullable=False),
        Column("key", String, nullable=False),
        Column("name", String, nullable=False),
        Column("terms", JSON, nullable=False),
        Column("made_at", DateTime, nullable=False),
        UniqueConstraint("person_id", "kind", "name"),
        sqlite_autoincrement=True,
    )
    op.create_index("follows_by_key", "follows", ["kind", "key"])
    op.create_table(
        "followed_issues",
        Column("series", String, nullable=False),
        Column("year", Integer, nullable=False),
        Column("number", Integer, nullable=False),
        Column("seen_at", DateTime, nullable=False),
        Column("news_at", DateTime),
        Column("after", Integer, nullable=False),
        Column("is_matched", Boolean, nullable=False),
        PrimaryKeyConstraint("series", "year", "number"),
    )
    op.create_index("followed_issues_by_time", "followed_issues", ["news_at"])
    op.create_table(
        "reminders",
        Column("id", Integer, primary_key=True),
        Column("person_id", Integer, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
        Column("paper", Integer, nullable=False),
        Column("due_at", DateTime, nullable=False),
        Column("is_enqueued", Boolean, nullable=False, server_default=false()),
        sqlite_autoincrement=True,
    )
    op.create_index("reminders_by_person", "reminders", ["person_id", "due_at"])
    op.create_index("reminders_due", "reminders", ["is_enqueued", "due_at"])
