"""The tables of the archive, as the newest migration leaves them."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.schema.types import UtcDateTime

metadata = MetaData()

issues = Table(
    "issues",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("series", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("start", Date, nullable=False),
    Column("end", Date, nullable=False),
    Column("titles", JSON, nullable=False),
    Column("intros", JSON, nullable=False),
    Column("source_url", String, nullable=False),
    Column("machine_made", Boolean, nullable=False),
    UniqueConstraint("series", "year", "number"),
    Index("issues_by_start", "start"),
    Index("issues_by_series", "series", "start"),
)

papers = Table(
    "papers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    # A number that was once given to a paper is never given to another: controls outlive papers.
    sqlite_autoincrement=True,
)

forwards = Table(
    "forwards",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), nullable=False, index=True),
    comment="Ids of papers that were merged into another.",
)

entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", ForeignKey("issues.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("paper_id", ForeignKey("papers.id"), nullable=False),
    Column("nickname", String, nullable=False),
    Column("titles", JSON, nullable=False),
    Column("summaries", JSON, nullable=False),
    Column("abstracts", JSON, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("inferred_tags", JSON, nullable=False),
    Column("links", JSON, nullable=False),
    UniqueConstraint("issue_id", "position"),
    # Rows are wide: which issues list a paper, and which papers an issue, is read from an index.
    Index("entries_by_paper", "paper_id", "issue_id"),
    Index("entries_by_issue", "issue_id", "paper_id"),
)

claims = Table(
    "claims",
    metadata,
    Column("entry_id", ForeignKey("entries.id", ondelete="CASCADE"), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("key", String, nullable=False),
    PrimaryKeyConstraint("entry_id", "rank"),
    Index("claims_by_key", "key"),
    comment="The keys by which an entry identifies its paper, strongest (rank 0) first.",
)

paper_tags = Table(
    "paper_tags",
    metadata,
    Column("tag", String, nullable=False),
    Column("newest", Date, nullable=False),
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("tag", "newest", "paper_id"),
    Index("paper_tags_by_paper", "paper_id", "tag"),
    comment="Derived from entries and corrections, so that a tag finds its papers newest first.",
)

tag_totals = Table(
    "tag_totals",
    metadata,
    Column("tag", String, primary_key=True),
    Column("papers", Integer, nullable=False),
    comment="How many papers each tag has, as counting those of a frequent tag reads them all.",
)

paper_authors = Table(
    "paper_authors",
    metadata,
    Column("name", String, nullable=False),
    Column("newest", Date, nullable=False),
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), nullable=False, index=True),
    PrimaryKeyConstraint("name", "newest", "paper_id"),
    comment="Derived from records, so that an author finds their papers newest first.",
)

corrections = Table(
    "corrections",
    metadata,
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), nullable=False),
    Column("field", String, nullable=False),
    Column("language", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("paper_id", "field", "language"),
    comment="Texts of curators; they override every source.",
)

curated_tags = Table(
    "curated_tags",
    metadata,
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), nullable=False),
    Column("tag", String, nullable=False),
    Column("wanted", Boolean, nullable=False),
    PrimaryKeyConstraint("paper_id", "tag"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", ForeignKey("issues.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("field", String, nullable=False),
    Column("language", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("replaced_at", UtcDateTime, nullable=False),
    comment="Earlier wordings of a source; position 0 is the issue itself.",
)

facts = Table(
    "facts",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
    comment="Facts about the archive itself, such as the fingerprint of its vocabulary.",
)

secrets = Table(
    "secrets",
    metadata,
    Column("platform", String, nullable=False),
    Column("name", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("until", UtcDateTime),
    PrimaryKeyConstraint("platform", "name"),
    comment="Encrypted secrets of platforms, such as the tokens of workspaces.",
)
