"""The tables of sources, records, vectors and machine-made texts."""

from sqlalchemy import (
    JSON,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
)

from storage.migrations.postgresql.tables_of_0011.columns import TEXT, WHOLE, metadata

Table(
    "sources",
    metadata,
    Column("name", TEXT, primary_key=True),
    Column("place", TEXT, nullable=False),
    Column("succeeded_at", DateTime),
    Column("tried_at", DateTime),
    Column("next_at", DateTime),
    Column("failures", WHOLE, nullable=False),
    Column("failure", TEXT, nullable=False),
    comment="How it stands with each source that new weeks come from.",
)

Table(
    "source_pages",
    metadata,
    Column("source", ForeignKey("sources.name", ondelete="CASCADE"), nullable=False),
    Column("address", TEXT, nullable=False),
    Column("place", WHOLE, nullable=False),
    Column("etag", TEXT, nullable=False),
    Column("last_modified", TEXT, nullable=False),
    Column("digest", TEXT, nullable=False),
    Column("checked_at", DateTime),
    Column("leads", JSON, nullable=False),
    Column("weeks", JSON, nullable=False),
    Column("problems", JSON, nullable=False),
    Column("alarm", JSON, nullable=False),
    Column("gathered", JSON, nullable=False, server_default="[]"),
    PrimaryKeyConstraint("source", "address"),
    comment="What is remembered of each address of a source, in the order of `place`.",
)

Table(
    "records",
    metadata,
    # The key of a paper, not its number: what was learnt outlives the entries that name it.
    Column("key", TEXT, primary_key=True),
    Column("origin", TEXT, nullable=False),
    Column("title", TEXT, nullable=False),
    Column("abstract", TEXT, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("published", Date),
    Column("updated", Date),
    Column("category", TEXT, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("doi", TEXT, nullable=False),
    Column("journal", TEXT, nullable=False),
    Column("comment", TEXT, nullable=False),
    Column("pdf", TEXT, nullable=False),
    Column("repository", TEXT, nullable=False),
    Column("learnt_at", DateTime, nullable=False),
    comment="What an archive of papers says of each; learnt once and kept.",
)

Table(
    "repositories",
    metadata,
    Column("key", TEXT, primary_key=True),
    Column("url", TEXT, nullable=False),
    Column("learnt_at", DateTime, nullable=False),
    comment="Addresses of papers' code, from Hugging Face.",
)

Table(
    "unlearnt",
    metadata,
    Column("origin", TEXT, nullable=False),
    Column("key", TEXT, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("attempts", WHOLE, nullable=False),
    Column("next_at", DateTime, nullable=False),
    PrimaryKeyConstraint("origin", "key"),
    comment="Failed look-ups of papers, and when to repeat them.",
)

Table(
    "vectors",
    metadata,
    # Ids only grow, so that a reader sees what is new.
    Column("id", WHOLE, primary_key=True),
    Column("paper_id", WHOLE, nullable=False, unique=True),
    Column("model", TEXT, nullable=False),
    Column("digest", TEXT, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    comment="Vectors of papers for the search by meaning; derived, and slow to compute.",
)

Table(
    "machine_texts",
    metadata,
    Column("source_hash", TEXT, nullable=False),
    Column("language", TEXT, nullable=False),
    Column("text", TEXT, nullable=False),
    Column("fault", TEXT, nullable=False),
    Column("model", TEXT, nullable=False),
    Column("made_at", DateTime, nullable=False),
    PrimaryKeyConstraint("source_hash", "language"),
    comment="Translations of a language model; where fault is not empty, the text is not shown.",
)

Table(
    "model_calls",
    metadata,
    Column("id", WHOLE, primary_key=True),
    Column("made_at", DateTime, nullable=False, index=True),
    Column("model", TEXT, nullable=False),
    Column("prompt_tokens", WHOLE, nullable=False),
    Column("completion_tokens", WHOLE, nullable=False),
    Column("cost", Double, nullable=False),
    comment="What each request to a language model took.",
)
