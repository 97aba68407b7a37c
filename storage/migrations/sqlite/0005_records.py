"""Records: what arXiv says of papers, where their code is, and what could not be learnt."""

from alembic import op
from sqlalchemy import JSON, Column, Date, DateTime, Integer, PrimaryKeyConstraint, String, Text

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "records",
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
        Column("learnt_at", DateTime, nullable=False),
    )
    op.create_table(
        "repositories",
        Column("key", String, primary_key=True),
        Column("url", String, nullable=False),
        Column("learnt_at", DateTime, nullable=False),
    )
    op.create_table(
        "unlearnt",
        Column("origin", String, nullable=False),
        Column("key", String, nullable=False),
        Column("reason", String, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("next_at", DateTime, nullable=False),
        PrimaryKeyConstraint("origin", "key"),
    )
