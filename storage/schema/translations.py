"""The tables of machine-made texts, as the newest migration leaves them."""

from sqlalchemy import Column, Float, Integer, PrimaryKeyConstraint, String, Table, Text

from storage.schema.archive import metadata
from storage.schema.types import UtcDateTime

machine_texts = Table(
    "machine_texts",
    metadata,
    # Of what was translated, with its language: a source that changes its text has none yet.
    Column("source_hash", String, nullable=False),
    Column("language", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("fault", Text, nullable=False),
    Column("model", String, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    # Of the model and the glossary; what another recipe made is made anew.
    Column("recipe", String, nullable=False, server_default=""),
    PrimaryKeyConstraint("source_hash", "language"),
    comment="Translations of a language model; where fault is not empty, the text is not shown.",
)

model_calls = Table(
    "model_calls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("made_at", UtcDateTime, nullable=False, index=True),
    Column("model", String, nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("cost", Float, nullable=False),
    comment="What each request to a language model took.",
)
