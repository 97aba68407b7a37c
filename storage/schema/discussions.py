"""The tables of discussions, as the newest migration leaves them."""

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table

from storage.schema.archive import metadata
from storage.schema.types import UtcDateTime

thread_counts = Table(
    "thread_counts",
    metadata,
    Column("platform", String, nullable=False),
    Column("workspace", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("thread", String, nullable=False),
    Column("paper", Integer, nullable=False),
    Column("message", String, nullable=False),
    Column("url", String, nullable=False),
    Column("replies", Integer, nullable=False),
    Column("people", Integer, nullable=False),
    Column("last_reply_at", UtcDateTime),
    Column("counted_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("platform", "workspace", "channel", "thread"),
    Index("thread_counts_by_paper", "paper"),
    comment="The numbers of papers' threads; neither texts nor people are stored.",
)

votes = Table(
    "votes",
    metadata,
    Column("platform", String, nullable=False),
    Column("workspace", String, nullable=False),
    Column("voter", String, nullable=False),
    Column("series", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("channel", String, nullable=False),
    Column("paper", Integer, nullable=False),
    Column("voted_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("platform", "workspace", "voter", "series", "year", "number"),
    Index("votes_by_paper", "paper"),
    comment="Votes for the favourites of weeks; `voter` is a keyed hash of the person's id.",
)
