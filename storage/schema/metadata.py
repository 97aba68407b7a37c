"""The tables of papers' records, as the newest migration leaves them."""

from sqlalchemy import JSON, Column, Date, Integer, PrimaryKeyConstraint, String, Table, Text

from storage.schema.archive import metadata
from storage.schema.types import UtcDateTime

records = Table(
    "records",
    metadata,
    # The key of a paper, not its number: what was learnt outlives the entries that name it.
    Column("key", String, primary_key=True),
    Column("origin", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("abstract", Text, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("published", Date),
    Column("updated", Date),
    Column("category", String, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("doi", String, nullable=False),
    Column("journal", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("pdf", String, nullable=False),
    Column("repository", String, nullable=False),
    Column("learnt_at", UtcDateTime, nullable=False),
    comment="What an archive of papers says of each; renewed while the paper is young.",
)

repositories = Table(
    "repositories",
    metadata,
    Column("key", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("learnt_at", UtcDateTime, nullable=False),
    comment="Addresses of papers' code, from Hugging Face.",
)

unlearnt = Table(
    "unlearnt",
    metadata,
    Column("origin", String, nullable=False),
    Column("key", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("origin", "key"),
    comment="Failed look-ups of papers, and when to repeat them.",
)
