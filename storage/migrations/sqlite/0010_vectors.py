"""A smaller look-up index, and vectors of papers for the search by meaning."""

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0010"
down_revision = "0009"

INDEX = (
    "DROP TABLE name_grams",
    "DROP TABLE name_words",
    "DROP TABLE paper_texts",
    "DELETE FROM names",
    "DELETE FROM name_starts",
    "DELETE FROM gram_counts",
    """CREATE VIRTUAL TABLE name_grams USING fts5 (
        grams, content='', columnsize=0, detail=none)""",
    "CREATE VIRTUAL TABLE name_words USING fts5 (words, content='', columnsize=0)",
    "CREATE VIRTUAL TABLE paper_texts USING fts5 (words, content='')",
    "CREATE TABLE text_copies (paper_id INTEGER PRIMARY KEY, words BLOB NOT NULL)",
    "DELETE FROM facts WHERE name = 'search_index'",
)


def upgrade() -> None:
    """Replace the index, which is filled at the start, and create the empty table of vectors.

    Vectors are derived: they are computed once the model is there.
    """
    for statement in INDEX:
        op.execute(statement)
    op.create_table(
        "vectors",
        # Ids only grow, so that a reader sees what is new.
        Column("id", Integer, primary_key=True),
        Column("paper_id", Integer, nullable=False, unique=True),
        Column("model", String, nullable=False),
        Column("digest", String, nullable=False),
        Column("vector", LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
