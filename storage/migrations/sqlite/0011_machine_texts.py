"""Machine-made texts, and what asking a language model took."""

from alembic import op
from sqlalchemy import Column, DateTime, Float, Integer, PrimaryKeyConstraint, String, Text

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "machine_texts",
        Column("source_hash", String, nullable=False),
        Column("language", String, nullable=False),
        Column("text", Text, nullable=False),
        Column("fault", Text, nullable=False),
        Column("model", String, nullable=False),
        Column("made_at", DateTime, nullable=False),
        PrimaryKeyConstraint("source_hash", "language"),
    )
    op.create_table(
        "model_calls",
        Column("id", Integer, primary_key=True),
        Column("made_at", DateTime, nullable=False),
        Column("model", String, nullable=False),
        Column("prompt_tokens", Integer, nullable=False),
        Column("completion_tokens", Integer, nullable=False),
        Column("cost", Float, nullable=False),
    )
    op.create_index("ix_model_calls_made_at", "model_calls", ["made_at"])
