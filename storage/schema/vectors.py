"""The table of papers' vectors, as the newest migration leaves it."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table

from storage.schema.archive import metadata

vectors = Table(
    "vectors",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("paper_id", Integer, nullable=False, unique=True),
    Column("model", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
    comment="Vectors of papers for the search by meaning; ids only grow.",
)
