"""Stores metadata records of papers, and failed look-ups until their retry."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    cast,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
)

from bot.lib.backoff import BackoffPolicy
from bot.model.papers import MetadataProvider, Record
from bot.ports.enrichment import FailedLookup, PendingLookups
from storage.archive.curation import reindex_papers
from storage.archive.save import IndexUpdater
from storage.connections import chunks
from storage.schema.archive import entries, issues, papers
from storage.schema.metadata import records, repositories, unlearnt

_PREFIX = "arxiv:"
_AFTER_PREFIX = "arxiv;"
"""The first string after all that begin with the prefix."""

_HAS_CODE = '%["code",%'
"""A LIKE pattern for the links of an entry whose source names a repository."""

_wordings = entries.alias()

_BACKOFF = BackoffPolicy(timedelta(days=1), timedelta(days=128))

_RENEWAL = timedelta(days=180)
"""When a record is asked for again: journals print a paper months after its first week."""

_YOUNG = timedelta(days=720)
"""The age of a paper from which on its record stays as it is."""


def list_pending(
    connection: Connection, origin: MetadataProvider, limit: int, now: datetime
) -> PendingLookups:
    """Return the papers whose metadata is to be looked up; see `RecordStore.pending_lookups`."""
    condition = and_(
        papers.c.key >= _PREFIX,
        papers.c.key < _AFTER_PREFIX,
        _is_missing(origin, now),
        ~exists().where(
            unlearnt.c.key == papers.c.key,
            unlearnt.c.origin == origin.value,
            unlearnt.c.next_at > now,
        ),
    )
    found: Select[Any] = (
        select(papers.c.key, func.max(issues.c.start).label("newest"))
        .join(entries, entries.c.paper_id == papers.c.id)
        .join(issues, issues.c.id == entries.c.issue_id)
        .where(condition)
        .group_by(papers.c.id, papers.c.key)
    )
    total = connection.execute(select(func.count()).select_from(found.subquery())).scalar_one()
    rows = connection.execute(
        found.order_by(func.max(issues.c.start).desc(), papers.c.key).limit(limit)
    )
    return PendingLookups(tuple(row.key.removeprefix(_PREFIX) for row in rows), total)


def _is_missing(origin: MetadataProvider, now: datetime) -> ColumnElement[bool]:
    match origin:
        case MetadataProvider.ARXIV:
            of_paper = records.c.key == papers.c.key
            return or_(~exists().where(of_paper), exists().where(of_paper, *_is_due(now)))
        case MetadataProvider.HUGGING_FACE:
            # Papers with a repository, or with a pending record of arXiv, are left out.
            return and_(
                or_(
                    exists().where(records.c.key == papers.c.key, records.c.repository == ""),
                    exists().where(
                        unlearnt.c.key == papers.c.key,
                        unlearnt.c.origin == MetadataProvider.ARXIV.value,
                    ),
                ),
                ~exists().where(repositories.c.key == papers.c.key),
                ~exists().where(
                    _wordings.c.paper_id == papers.c.id,
                    cast(_wordings.c.links, Text).like(_HAS_CODE),
                ),
            )


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of a record that is to be asked for again."""
    return records.c.learnt_at <= now - _RENEWAL, records.c.published > (now - _YOUNG).date()


def save_records(
    connection: Connection, found: Mapping[str, Record], now: datetime, index: IndexUpdater
) -> None:
    """Insert the records of papers, by their arXiv ids; only one that is due is replaced."""
    for part in chunks(sorted(_PREFIX + number for number in found)):
        connection.execute(delete(records).where(records.c.key.in_(part), *_is_due(now)))
    keys = _new_keys(connection, records.c.key, found)
    if keys:
        connection.execute(
            insert(records),
            [_values(found[key.removeprefix(_PREFIX)]) | _key_columns(key, now) for key in keys],
        )
    _delete_failures(connection, MetadataProvider.ARXIV, keys)
    numbers: list[int] = []
    for part in chunks(keys):
        numbers += connection.execute(select(papers.c.id).where(papers.c.key.in_(part))).scalars()
    reindex_papers(connection, numbers, index)


def save_repositories(connection: Connection, found: Mapping[str, str], now: datetime) -> None:
    """Insert the repositories of papers, by their arXiv ids."""
    keys = _new_keys(connection, repositories.c.key, found)
    if keys:
        connection.execute(
            insert(repositories),
            [{"url": found[key.removeprefix(_PREFIX)]} | _key_columns(key, now) for key in keys],
        )
    _delete_failures(connection, MetadataProvider.HUGGING_FACE, keys)


def _key_columns(key: str, now: datetime) -> dict[str, Any]:
    return {"key": key, "learnt_at": now}


def _new_keys(
    connection: Connection, column: ColumnElement[str], found: Mapping[str, object]
) -> list[str]:
    keys = sorted(_PREFIX + number for number in found)
    known: set[str] = set()
    for part in chunks(keys):
        known |= set(connection.execute(select(column).where(column.in_(part))).scalars())
    return [key for key in keys if key not in known]


def _delete_failures(
    connection: Connection, origin: MetadataProvider, keys: Sequence[str]
) -> None:
    for part in chunks(keys):
        connection.execute(
            delete(unlearnt).where(unlearnt.c.origin == origin.value, unlearnt.c.key.in_(part))
        )


def save_failed_lookups(
    connection: Connection,
    origin: MetadataProvider,
    failed: Collection[FailedLookup],
    now: datetime,
) -> None:
    """Record failed look-ups; they are retried after days, each time twice as many."""
    reasons = {_PREFIX + each.arxiv_id: each.reason for each in failed}
    keys = sorted(reasons)
    attempts: dict[str, int] = {}
    for part in chunks(keys):
        query = select(unlearnt.c.key, unlearnt.c.attempts).where(
            unlearnt.c.origin == origin.value, unlearnt.c.key.in_(part)
        )
        attempts |= {row.key: row.attempts for row in connection.execute(query)}
    _delete_failures(connection, origin, keys)
    if keys:
        connection.execute(
            insert(unlearnt),
            [
                {
                    "origin": origin.value,
                    "key": key,
                    "reason": reasons[key],
                    "attempts": attempts.get(key, 0) + 1,
                    "next_at": now + _BACKOFF.delay(attempts.get(key, 0) + 1),
                }
                for key in keys
            ],
        )


def _values(record: Record) -> dict[str, Any]:
    return {
        "origin": record.origin.value if record.origin else "",
        "title": record.title,
        "abstract": record.abstract,
        "authors": list(record.authors),
        "published": record.published,
        "updated": record.updated,
        "category": record.category,
        "categories": list(record.categories),
        "doi": record.doi,
        "journal": record.journal,
        "comment": record.comment,
        "pdf": record.pdf,
        "repository": record.repository,
    }
