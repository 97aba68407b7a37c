"""The papers of each author, newest first, and indexes by which subjects are counted."""

from collections.abc import Iterator
from typing import Any

from alembic import op
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    ForeignKey,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    func,
    insert,
    select,
)

revision = "0030"
down_revision = "0029"

_BATCH = 2_000
_MAX_NAME = 500
"""Characters; a longer name is no author, and no database could index it."""

_known = MetaData()
_issues = Table("issues", _known, Column("id", Integer), Column("start", Date))
_papers = Table("papers", _known, Column("id", Integer), Column("key", String))
_entries = Table("entries", _known, Column("issue_id", Integer), Column("paper_id", Integer))
_records = Table("records", _known, Column("key", String), Column("authors", JSON))
_paper_authors = Table(
    "paper_authors",
    _known,
    Column("name", String),
    Column("newest", Date),
    Column("paper_id", Integer),
)


def upgrade() -> None:
    """Add the table, fill it from the records, and add the indexes."""
    op.create_index("entries_by_issue", "entries", ["issue_id", "paper_id"])
    op.create_index("paper_tags_by_paper", "paper_tags", ["paper_id", "tag"])
    op.drop_index("ix_paper_tags_paper_id", "paper_tags")
    op.create_table(
        "paper_authors",
        Column("name", String, nullable=False),
        Column("newest", Date, nullable=False),
        Column("paper_id", Integer, ForeignKey("papers.id", ondelete="CASCADE"), nullable=False),
        PrimaryKeyConstraint("name", "newest", "paper_id"),
    )
    op.create_index("ix_paper_authors_paper_id", "paper_authors", ["paper_id"])
    connection = op.get_bind()
    last = 0
    while rows := _papers_after(connection, last):
        last = rows[-1].id
        found = [each for row in rows for each in _authors(row)]
        if found:
            connection.execute(insert(_paper_authors), found)


def _papers_after(connection: Connection, number: int) -> list[Any]:
    return list(
        connection.execute(
            select(_papers.c.id, _newest().label("newest"), _records.c.authors)
            .join(_records, _records.c.key == _papers.c.key)
            .where(_papers.c.id > number, _newest().is_not(None))
            .order_by(_papers.c.id)
            .limit(_BATCH)
        )
    )


def _newest() -> Any:
    return (
        select(func.max(_issues.c.start))
        .join(_entries, _entries.c.issue_id == _issues.c.id)
        .where(_entries.c.paper_id == _papers.c.id)
        .scalar_subquery()
    )


def _authors(row: Any) -> Iterator[dict[str, Any]]:
    for name in dict.fromkeys(row.authors):
        if 0 < len(name) <= _MAX_NAME:
            yield {"name": name, "newest": row.newest, "paper_id": row.id}
