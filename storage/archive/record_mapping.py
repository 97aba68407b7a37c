"""Reads the records of papers."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from bot.model.papers import MetadataProvider, Record
from storage.reader import Reader, rows_among
from storage.schema.json_values import load_json


class _RecordRow(NamedTuple):
    paper_id: int
    key: str | None
    """None where only the repository is known."""
    origin: str
    title: str
    abstract: str
    authors: str
    published: str | None
    updated: str | None
    category: str
    categories: str
    doi: str
    journal: str
    comment: str
    pdf: str
    repository: str
    url: str | None


_RECORDS_OF = (
    "SELECT papers.id, records.key, origin, title, abstract, CAST(authors AS TEXT), "
    "CAST(published AS TEXT), CAST(updated AS TEXT), category, CAST(categories AS TEXT), doi, "
    "journal, comment, pdf, repository, url FROM papers "
    "LEFT JOIN records ON records.key = papers.key "
    "LEFT JOIN repositories ON repositories.key = papers.key "
    "WHERE papers.id IN ({marks}) AND (records.key <> '' OR repositories.key <> '')"
)


def load_records(reader: Reader, numbers: Sequence[int]) -> dict[int, Record]:
    """Return the records of papers by paper id, in one statement."""
    rows = map(_RecordRow._make, rows_among(reader, _RECORDS_OF, numbers))
    return {row.paper_id: _record_from_row(row) for row in rows}


def _record_from_row(row: _RecordRow) -> Record:
    if row.key is None:
        return Record(repository=row.url or "")
    return Record(
        origin=MetadataProvider(row.origin) if row.origin else None,
        title=row.title,
        abstract=row.abstract,
        authors=tuple(load_json(row.authors)),
        published=_day(row.published),
        updated=_day(row.updated),
        category=row.category,
        categories=tuple(load_json(row.categories)),
        doi=row.doi,
        journal=row.journal,
        comment=row.comment,
        pdf=row.pdf,
        repository=row.repository or row.url or "",
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
