"""Reads the records of papers."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from bot.model.papers import MetadataProvider, Record
from storage.schema.archive import papers
from storage.schema.metadata import records, repositories


def load_records(connection: Connection, numbers: Collection[int]) -> dict[int, Record]:
    """Return the records of papers by paper id, in one statement."""
    rows = connection.execute(
        select(papers.c.id, records, repositories.c.url)
        .select_from(papers)
        .outerjoin(records, records.c.key == papers.c.key)
        .outerjoin(repositories, repositories.c.key == papers.c.key)
        .where(papers.c.id.in_(numbers), or_(records.c.key != "", repositories.c.key != ""))
    )
    return {row.id: _record_from_row(row) for row in rows}


def _record_from_row(row: Row[Any]) -> Record:
    if row.key is None:
        return Record(repository=row.url)
    return Record(
        origin=MetadataProvider(row.origin) if row.origin else None,
        title=row.title,
        abstract=row.abstract,
        authors=tuple(row.authors),
        published=row.published,
        updated=row.updated,
        category=row.category,
        categories=tuple(row.categories),
        doi=row.doi,
        journal=row.journal,
        comment=row.comment,
        pdf=row.pdf,
        repository=row.repository or row.url or "",
    )
