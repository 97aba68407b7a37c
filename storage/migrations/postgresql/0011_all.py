"""The tables of all steps before PostgreSQL was one of the databases, made at once."""

from alembic import op

from storage.migrations.postgresql.tables_of_0011 import metadata

revision = "0011"
down_revision = None

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
