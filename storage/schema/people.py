"""The tables of people, as the newest migration leaves them."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from storage.schema.archive import metadata
from storage.schema.types import UtcDateTime

people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("platform", String, nullable=False),
    Column("person", String, nullable=False),
    UniqueConstraint("platform", "person"),
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
