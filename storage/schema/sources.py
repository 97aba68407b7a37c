"""The tables of sources, as the newest migration leaves them."""

from sqlalchemy import JSON, Column, ForeignKey, Integer, PrimaryKeyConstraint, String, Table, Text

from storage.schema.archive import metadata
from storage.schema.types import UtcDateTime

sources = Table(
    "sources",
    metadata,
    Column("name", String, primary_key=True),
    Column("place", String, nullable=False),
    Column("succeeded_at", UtcDateTime),
    Column("tried_at", UtcDateTime),
    Column("next_at", UtcDateTime),
    Column("failures", Integer, nullable=False),
    Column("failure", Text, nullable=False),
    comment="How it stands with each source that new weeks come from.",
)

source_pages = Table(
    "source_pages",
    metadata,
    Column("source", ForeignKey("sources.name", ondelete="CASCADE"), nullable=False),
    Column("address", String, nullable=False),
    Column("place", Integer, nullable=False),
    Column("etag", String, nullable=False),
    Column("last_modified", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("checked_at", UtcDateTime),
    Column("leads", JSON, nullable=False),
    Column("weeks", JSON, nullable=False),
    Column("problems", JSON, nullable=False),
    Column("alarm", JSON, nullable=False),
    Column("gathered", JSON, nullable=False, server_default="[]"),
    PrimaryKeyConstraint("source", "address"),
    comment="What is remembered of each address of a source, in the order of `place`.",
)
