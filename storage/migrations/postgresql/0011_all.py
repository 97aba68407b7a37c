"""The tables of all steps before PostgreSQL was one of the databases, made at once."""

from alembic import op
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Time,
    UniqueConstraint,
    text,
)

revision = "0011"
down_revision = None

metadata = MetaData()

# As SQLite has them: whole numbers of 64 bits, and texts that sort by code point.
_WHOLE = BigInteger()
_TEXT = Text(collation="C")

Table(
    "issues",
    metadata,
    Column("id", _WHOLE, primary_key=True),
    Column("series", _TEXT, nullable=False),
    Column("year", _WHOLE, nullable=False),
    Column("number", _WHOLE, nullable=False),
    Column("start", Date, nullable=False),
    Column("end", Date, nullable=False),
    Column("titles", JSON, nullable=False),
    Column("intros", JSON, nullable=False),
    Column("source_url", _TEXT, nullable=False),
    Column("machine_made", Boolean, nullable=False),
    UniqueConstraint("series", "year", "number"),
    Index("issues_by_start", "start"),
)

Table(
    "papers",
    metadata,
    Column("id", _WHOLE, primary_key=True),
    Column("key", _TEXT, nullable=False, unique=True),
    # A number that was once given to a paper is never given to another: controls outlive papers.
)

Table(
    "forwards",
    metadata,
    Column("id", _WHOLE, primary_key=True, autoincrement=False),
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), nullable=False, index=True),
    comment="Ids of papers that were merged into another.",
)

Table(
    "entries",
    metadata,
    Column("id", _WHOLE, primary_key=True),
    Column("issue_id", ForeignKey("issues.id", ondelete="CASCADE"), nullable=False),
    Column("position", _WHOLE, nullable=False),
    Column("paper_id", ForeignKey("papers.id"), nullable=False, index=True),
    Column("nickname", _TEXT, nullable=False),
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
    Column("rank", _WHOLE, nullable=False),
    Column("key", _TEXT, nullable=False),
    PrimaryKeyConstraint("entry_id", "rank"),
    Index("claims_by_key", "key"),
    comment="The keys by which an entry identifies its paper, strongest (rank 0) first.",
)

Table(
    "paper_tags",
    metadata,
    Column("tag", _TEXT, nullable=False),
    Column("newest", Date, nullable=False),
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), nullable=False, index=True),
    PrimaryKeyConstraint("tag", "newest", "paper_id"),
    comment="Derived from entries and corrections, so that a tag finds its papers newest first.",
)

Table(
    "corrections",
    metadata,
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), nullable=False),
    Column("field", _TEXT, nullable=False),
    Column("language", _TEXT, nullable=False),
    Column("text", _TEXT, nullable=False),
    Column("made_at", DateTime, nullable=False),
    PrimaryKeyConstraint("paper_id", "field", "language"),
    comment="Texts of curators; they override every source.",
)

Table(
    "curated_tags",
    metadata,
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), nullable=False),
    Column("tag", _TEXT, nullable=False),
    Column("wanted", Boolean, nullable=False),
    PrimaryKeyConstraint("paper_id", "tag"),
)

Table(
    "revisions",
    metadata,
    Column("id", _WHOLE, primary_key=True),
    Column("issue_id", ForeignKey("issues.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("position", _WHOLE, nullable=False),
    Column("field", _TEXT, nullable=False),
    Column("language", _TEXT, nullable=False),
    Column("text", _TEXT, nullable=False),
    Column("replaced_at", DateTime, nullable=False),
    comment="Earlier wordings of a source; position 0 is the issue itself.",
)

Table(
    "facts",
    metadata,
    Column("name", _TEXT, primary_key=True),
    Column("value", _TEXT, nullable=False),
    comment="Facts about the archive itself, such as the fingerprint of its vocabulary.",
)

Table(
    "secrets",
    metadata,
    Column("platform", _TEXT, nullable=False),
    Column("name", _TEXT, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("until", DateTime),
    PrimaryKeyConstraint("platform", "name"),
    comment="Encrypted secrets of platforms, such as the tokens of workspaces.",
)

Table(
    "subscriptions",
    metadata,
    Column("id", _WHOLE, primary_key=True),
    Column("platform", _TEXT, nullable=False),
    Column("workspace", _TEXT, nullable=False),
    Column("channel", _TEXT, nullable=False),
    Column("series", _TEXT, nullable=False),
    Column("weekday", _WHOLE),
    Column("at", Time, nullable=False),
    Column("zone", _TEXT, nullable=False),
    Column("language", _TEXT, nullable=False),
    Column("layout", _TEXT, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("mention", _TEXT, nullable=False),
    Column("patience", _WHOLE, nullable=False),
    Column("says_absence", Boolean, nullable=False),
    Column("grace", _WHOLE, nullable=False),
    Column("quiet_from", Time, nullable=False),
    Column("quiet_until", Time, nullable=False),
    Column("subscriber", _TEXT, nullable=False),
    Column("admin_channel", _TEXT, nullable=False),
    Column("is_paused", Boolean, nullable=False),
    Column("pause_reason", _TEXT, nullable=False),
    Column("since", DateTime, nullable=False),
    Column("is_ended", Boolean, nullable=False),
    Column("token", _TEXT, nullable=False),
    Column("next_at", DateTime),
    Column("rescheduled_at", DateTime),
    UniqueConstraint("platform", "workspace", "channel", "series"),
    # A number is never given twice: keys of parts that were posted outlive subscriptions.
)

Table(
    "slots",
    metadata,
    Column("subscription_id", ForeignKey("subscriptions.id"), nullable=False),
    Column("year", _WHOLE, nullable=False),
    Column("number", _WHOLE, nullable=False),
    Column("at", DateTime, nullable=False),
    Column("state", _TEXT, nullable=False),
    Column("waits_until", DateTime, nullable=False),
    PrimaryKeyConstraint("subscription_id", "year", "number"),
    Index("slots_by_time", "at"),
    Index("slots_that_wait", "subscription_id", postgresql_where=text("state = 'waiting'")),
    comment="What was decided about the moment of each week, once.",
)

Table(
    "deliveries",
    metadata,
    Column("id", _WHOLE, primary_key=True),
    Column("subscription_id", ForeignKey("subscriptions.id"), nullable=False),
    Column("purpose", _TEXT, nullable=False),
    Column("year", _WHOLE, nullable=False),
    Column("number", _WHOLE, nullable=False),
    Column("layout", _TEXT, nullable=False),
    Column("due_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Column("skipped", _TEXT, nullable=False),
    Column("paper", _WHOLE, nullable=False, server_default="0"),
    UniqueConstraint("subscription_id", "purpose", "year", "number", "paper"),
)

Table(
    "parts",
    metadata,
    Column("id", _WHOLE, primary_key=True),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("platform", _TEXT, nullable=False),
    Column("place", _TEXT, nullable=False),
    Column("sequence", _WHOLE, nullable=False, unique=True),
    Column("kind", _TEXT, nullable=False),
    Column("position", _WHOLE, nullable=False),
    Column("paper", _WHOLE, nullable=False, server_default="0"),
    Column("chunk", _WHOLE, nullable=False),
    Column("key", _TEXT, nullable=False, unique=True),
    Column("state", _TEXT, nullable=False),
    Column("is_untold", Boolean, nullable=False),
    Column("attempts", _WHOLE, nullable=False),
    Column("error", _TEXT, nullable=False),
    Column("message", _TEXT, nullable=False),
    Column("thread", _TEXT, nullable=False),
    Column("url", _TEXT, nullable=False),
    Column("first_tried_at", DateTime),
    Column("due_at", DateTime, nullable=False),
    Column("posted_at", DateTime),
    # What is unpaid is little, however much was paid.
    Index(
        "parts_unpaid",
        "platform",
        "place",
        "sequence",
        postgresql_where=text("state IN ('owed', 'sending')"),
    ),
    Index("parts_by_paper", "paper", postgresql_where=text("paper > 0")),
    comment="The native messages of deliveries; `sequence` is their order in the channel.",
)

Table(
    "notices",
    metadata,
    Column("id", _WHOLE, primary_key=True),
    Column("subscription_id", ForeignKey("subscriptions.id"), nullable=False),
    Column("kind", _TEXT, nullable=False),
    Column("subject", _TEXT, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("attempts", _WHOLE, nullable=False),
    Column("due_at", DateTime),
    Column("claimed_at", DateTime),
    UniqueConstraint("subscription_id", "kind", "subject"),
    Index("notices_untold", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    comment="Notices to subscribers; `due_at` is empty once one was sent.",
)

Table(
    "outboxes",
    metadata,
    Column("platform", _TEXT, primary_key=True),
    Column("owner", _TEXT, nullable=False),
    Column("beat", _WHOLE, nullable=False),
    Column("halted", _TEXT, nullable=False),
    Column("seen_at", DateTime),
    Column("gap_from", DateTime),
    Column("gap_until", DateTime),
    comment="The lease of each platform; `gap_*` is the time that a restored copy does not know.",
)

Table(
    "sources",
    metadata,
    Column("name", _TEXT, primary_key=True),
    Column("place", _TEXT, nullable=False),
    Column("succeeded_at", DateTime),
    Column("tried_at", DateTime),
    Column("next_at", DateTime),
    Column("failures", _WHOLE, nullable=False),
    Column("failure", _TEXT, nullable=False),
    comment="How it stands with each source that new weeks come from.",
)

Table(
    "source_pages",
    metadata,
    Column("source", ForeignKey("sources.name", ondelete="CASCADE"), nullable=False),
    Column("address", _TEXT, nullable=False),
    Column("place", _WHOLE, nullable=False),
    Column("etag", _TEXT, nullable=False),
    Column("last_modified", _TEXT, nullable=False),
    Column("digest", _TEXT, nullable=False),
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
    Column("key", _TEXT, primary_key=True),
    Column("origin", _TEXT, nullable=False),
    Column("title", _TEXT, nullable=False),
    Column("abstract", _TEXT, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("published", Date),
    Column("updated", Date),
    Column("category", _TEXT, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("doi", _TEXT, nullable=False),
    Column("journal", _TEXT, nullable=False),
    Column("comment", _TEXT, nullable=False),
    Column("pdf", _TEXT, nullable=False),
    Column("repository", _TEXT, nullable=False),
    Column("learnt_at", DateTime, nullable=False),
    comment="What an archive of papers says of each; learnt once and kept.",
)

Table(
    "repositories",
    metadata,
    Column("key", _TEXT, primary_key=True),
    Column("url", _TEXT, nullable=False),
    Column("learnt_at", DateTime, nullable=False),
    comment="Addresses of papers' code, from Hugging Face.",
)

Table(
    "unlearnt",
    metadata,
    Column("origin", _TEXT, nullable=False),
    Column("key", _TEXT, nullable=False),
    Column("reason", _TEXT, nullable=False),
    Column("attempts", _WHOLE, nullable=False),
    Column("next_at", DateTime, nullable=False),
    PrimaryKeyConstraint("origin", "key"),
    comment="Failed look-ups of papers, and when to repeat them.",
)

Table(
    "placements",
    metadata,
    Column("id", _WHOLE, primary_key=True),
    Column("series", _TEXT, nullable=False),
    Column("year", _WHOLE, nullable=False),
    Column("number", _WHOLE, nullable=False),
    Column("key", _TEXT, nullable=False),
    Column("wanted", Boolean, nullable=False),
    Column("position", _WHOLE),
    Column("source_position", _WHOLE),
    Column("entry", JSON, nullable=False),
    UniqueConstraint("series", "year", "number", "key"),
    comment="Papers that curators added to, moved in or removed from an issue.",
)

Table(
    "edits",
    metadata,
    Column("id", _WHOLE, primary_key=True),
    Column("made_at", DateTime, nullable=False),
    Column("actor", _TEXT, nullable=False),
    Column("reason", _TEXT, nullable=False),
    Column("action", _TEXT, nullable=False),
    Column("paper_id", _WHOLE, index=True),
    Column("key", _TEXT, nullable=False),
    Column("changes", JSON, nullable=False),
    Column("undoes", ForeignKey("edits.id", ondelete="CASCADE")),
    Index("edits_by_undone", "undoes"),
    comment="What curators changed: who, when, why, before and after.",
)

Table(
    "vectors",
    metadata,
    # Ids only grow, so that a reader sees what is new.
    Column("id", _WHOLE, primary_key=True),
    Column("paper_id", _WHOLE, nullable=False, unique=True),
    Column("model", _TEXT, nullable=False),
    Column("digest", _TEXT, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    comment="Vectors of papers for the search by meaning; derived, and slow to compute.",
)

Table(
    "machine_texts",
    metadata,
    Column("source_hash", _TEXT, nullable=False),
    Column("language", _TEXT, nullable=False),
    Column("text", _TEXT, nullable=False),
    Column("fault", _TEXT, nullable=False),
    Column("model", _TEXT, nullable=False),
    Column("made_at", DateTime, nullable=False),
    PrimaryKeyConstraint("source_hash", "language"),
    comment="Translations of a language model; where fault is not empty, the text is not shown.",
)

Table(
    "model_calls",
    metadata,
    Column("id", _WHOLE, primary_key=True),
    Column("made_at", DateTime, nullable=False, index=True),
    Column("model", _TEXT, nullable=False),
    Column("prompt_tokens", _WHOLE, nullable=False),
    Column("completion_tokens", _WHOLE, nullable=False),
    Column("cost", Double, nullable=False),
    comment="What each request to a language model took.",
)

INDEX = (
    """CREATE TABLE names (
        id BIGINT PRIMARY KEY, paper_id BIGINT NOT NULL, newest BIGINT NOT NULL,
        letters TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL)""",
    # A row of an index has room for 2,700 bytes; a letter may take three.
    "CREATE INDEX names_by_letters ON names (left(letters, 500), newest, id)",
    "CREATE INDEX names_by_paper ON names (paper_id)",
    """CREATE TABLE name_starts (
        start TEXT COLLATE "C" NOT NULL, newest BIGINT NOT NULL, name_id BIGINT NOT NULL)""",
    "CREATE UNIQUE INDEX names_by_start ON name_starts (start, newest, name_id)",
    """CREATE TABLE name_grams (
        gram TEXT COLLATE "C" NOT NULL, name_id BIGINT NOT NULL, PRIMARY KEY (gram, name_id))""",
    'CREATE TABLE gram_counts (gram TEXT COLLATE "C" PRIMARY KEY, count BIGINT NOT NULL)',
    "CREATE TABLE name_words (id BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
    "CREATE INDEX names_by_word ON name_words USING gin (words) WITH (fastupdate = off)",
    """CREATE TABLE paper_texts (
        id BIGINT PRIMARY KEY, words TSVECTOR NOT NULL, text TEXT NOT NULL,
        length BIGINT NOT NULL)""",
    "CREATE INDEX texts_by_word ON paper_texts USING gin (words) WITH (fastupdate = off)",
    "CREATE TABLE text_totals (texts BIGINT NOT NULL, tokens BIGINT NOT NULL)",
    "INSERT INTO text_totals VALUES (0, 0)",
)


def upgrade() -> None:
    """Make all tables."""
    metadata.create_all(op.get_bind())
    for statement in INDEX:
        op.execute(statement)
