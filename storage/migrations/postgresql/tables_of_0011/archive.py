"""The tables of the archive, with what curators did."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from storage.migrations.postgresql.tables_of_0011.columns import TEXT, WHOLE, metadata

Table(
    "issues",
    metadata,
    Column("id", WHOLE, primary_key=True),
    Column("series", TEXT, nullable=False),
    Column("year", WHOLE, nullable=False),
    Column("number", WHOLE, nullable=False),
    Column("start", Date, nullable=False),
    Column("end", Date, nullable=False),
    Column("titles", JSON, nullable=False),
    Column("intros", JSON, nullable=False),
    Column("source_url", TEXT, nullable=False),
    Column("machine_made", Boolean, nullable=False),
    UniqueConstraint("series", "year", "number"),
    Index("issues_by_start", "start"),
)

Table(
    "papers",
    metadata,
    Column("id", WHOLE, primary_key=True),
    Column("key", TEXT, nullable=False, unique=True),
    # A number that was once given to a paper is never given to another: controls outlive papers.
)

Table(
    "forwards",
    metadata,
    Column("id", WHOLE, primary_key=True, autoincrement=False),
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), nullable=False, index=True),
    comment="Ids of papers that were merged into another.",
)

Table(
    "entries",
    metadata,
    Column("id", WHOLE, primary_key=True),
    Column("issue_id", ForeignKey("issues.id", ondelete="CASCADE"), nullable=False),
    Column("position", WHOLE, nullable=False),
    Column("paper_id", ForeignKey("papers.id"), nullable=False, index=True),
    Column("nickname", TEXT, nullable=False),
    Column("titles", JSON, nullable=False),
    Column("summaries", JSON, nullable=False),
    Column("abstracts", JSON, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("inferred_tags", JSON, nullable=False),
    Column("links", JSON, nullable=False),
    UniqueConstraint("issue_id", "position"),
)

Table(
    "claims",
    metadata,
    Column("entry_id", ForeignKey("entries.id", ondelete="CASCADE"), nullable=False),
    Column("rank", WHOLE, nullable=False),
    Column("key", TEXT, nullable=False),
    PrimaryKeyConstraint("entry_id", "rank"),
    Index("claims_by_key", "key"),
    comment="The keys by which an entry identifies its paper, strongest (rank 0) first.",
)

Table(
    "paper_tags",
    metadata,
    Column("tag", TEXT, nullable=False),
    Column("newest", Date, nullable=False),
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), nullable=False, index=True),
    PrimaryKeyConstraint("tag", "newest", "paper_id"),
    comment="Derived from entries and corrections, so that a tag finds its papers newest first.",
)

Table(
    "corrections",
    metadata,
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), nullable=False),
    Column("field", TEXT, nullable=False),
    Column("language", TEXT, nullable=False),
    Column("text", TEXT, nullable=False),
    Column("made_at", DateTime, nullable=False),
    PrimaryKeyConstraint("paper_id", "field", "language"),
    comment="Texts of curators; they override every source.",
)

Table(
    "curated_tags",
    metadata,
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), nullable=False),
    Column("tag", TEXT, nullable=False),
    Column("wanted", Boolean, nullable=False),
    PrimaryKeyConstraint("paper_id", "tag"),
)

Table(
    "revisions",
    metadata,
    Column("id", WHOLE, primary_key=True),
    Column("issue_id", ForeignKey("issues.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("position", WHOLE, nullable=False),
    Column("field", TEXT, nullable=False),
    Column("language", TEXT, nullable=False),
    Column("text", TEXT, nullable=False),
    Column("replaced_at", DateTime, nullable=False),
    comment="Earlier wordings of a source; position 0 is the issue itself.",
)

Table(
    "facts",
    metadata,
    Column("name", TEXT, primary_key=True),
    Column("value", TEXT, nullable=False),
    comment="Facts about the archive itself, such as the fingerprint of its vocabulary.",
)

Table(
    "placements",
    metadata,
    Column("id", WHOLE, primary_key=True),
    Column("series", TEXT, nullable=False),
    Column("year", WHOLE, nullable=False),
    Column("number", WHOLE, nullable=False),
    Column("key", TEXT, nullable=False),
    Column("wanted", Boolean, nullable=False),
    Column("position", WHOLE),
    Column("source_position", WHOLE),
    Column("entry", JSON, nullable=False),
    UniqueConstraint("series", "year", "number", "key"),
    comment="Papers that curators added to, moved in or removed from an issue.",
)

Table(
    "edits",
    metadata,
    Column("id", WHOLE, primary_key=True),
    Column("made_at", DateTime, nullable=False),
    Column("actor", TEXT, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("action", TEXT, nullable=False),
    Column("paper_id", WHOLE, index=True),
    Column("key", TEXT, nullable=False),
    Column("changes", JSON, nullable=False),
    Column("undoes", ForeignKey("edits.id", ondelete="CASCADE")),
    Index("edits_by_undone", "undoes"),
    comment="What curators changed: who, when, why, before and after.",
)
