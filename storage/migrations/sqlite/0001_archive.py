"""The archive: issues, papers, entries, and what curators decided."""

from alembic import op
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

revision = "0001"
down_revision = None

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
    comment="Numbers of papers that turned out to be another paper.",
)

entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", ForeignKey("issues.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("paper_id", ForeignKey("papers.id"), nullable=False, index=True),
    Column("nickname", String, nullable=False),
    Column("titles", JSON, nullable=False),
    Column("summaries", JSON, nullable=False),
    Column("abstracts", JSON, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("inferred_tags", JSON, nullable=False),
    Column("links", JSON, nullable=False),
    UniqueConstraint("issue_id", "position"),
)

claims = Table(
    "claims",
    metadata,
    Column("entry_id", ForeignKey("entries.id", ondelete="CASCADE"), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("key", String, nullable=False),
    PrimaryKeyConstraint("entry_id", "rank"),
    Index("claims_by_key", "key"),
    comment="The keys by which an entry names its paper, strongest (rank 0) first.",
)

paper_tags = Table(
    "paper_tags",
    metadata,
    Column("tag", String, nullable=False),
    Column("newest", Date, nullable=False),
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), nullable=False, index=True),
    PrimaryKeyConstraint("tag", "newest", "paper_id"),
    comment="Made from entries and corrections, so that a tag finds its papers newest first.",
)

corrections = Table(
    "corrections",
    metadata,
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), nullable=False),
    Column("field", String, nullable=False),
    Column("language", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("made_at", DateTime, nullable=False),
    PrimaryKeyConstraint("paper_id", "field", "language"),
    comment="What curators wrote; it stands above every source.",
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
    Column("replaced_at", DateTime, nullable=False),
    comment="Earlier wordings of a source; position 0 is the issue itself.",
)

facts = Table(
    "facts",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
    comment="What the archive remembers of itself, such as the vocabulary that tagged it.",
)


INDEX = (
    """CREATE TABLE names (
        id INTEGER PRIMARY KEY, paper_id INTEGER NOT NULL, newest INTEGER NOT NULL,
        letters TEXT NOT NULL, name TEXT NOT NULL)""",
    "CREATE INDEX names_by_letters ON names (letters, newest)",
    "CREATE INDEX names_by_paper ON names (paper_id)",
    """CREATE TABLE name_starts (
        start TEXT NOT NULL, newest INTEGER NOT NULL, name_id INTEGER NOT NULL,
        PRIMARY KEY (start, newest, name_id)) WITHOUT ROWID""",
    """CREATE TABLE name_grams (
        gram TEXT NOT NULL, name_id INTEGER NOT NULL, PRIMARY KEY (gram, name_id)
        ) WITHOUT ROWID""",
    "CREATE TABLE gram_counts (gram TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE VIRTUAL TABLE name_words USING fts5 (words, prefix='2 3')",
    "CREATE VIRTUAL TABLE paper_texts USING fts5 (words, prefix='3')",
)


def upgrade() -> None:
    """Make the first tables."""
    metadata.create_all(op.get_bind())
    for statement in INDEX:
        op.execute(statement)
