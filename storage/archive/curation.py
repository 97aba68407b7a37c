"""Saves curators' texts and tags of papers, and applies a new vocabulary."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from bot.model.papers import Paper
from storage.archive.paper_identity import refresh_papers
from storage.archive.row_mapping import ENTRY_QUERY, paper_from_row
from storage.archive.save import IndexUpdater
from storage.connections import chunks
from storage.schema.archive import claims, corrections, curated_tags, entries, facts, papers

INDEX_FACT = "search_index"
"""Name of the fact that stores the version of the look-up index."""

VOCABULARY_FACT = "vocabulary"
"""Name of the fact that stores the fingerprint of the vocabulary."""


def override_text(
    connection: Connection, place: tuple[str, str, str], text: str | None, now: datetime
) -> int | None:
    """Save a curator's text for (key, field, language); None removes it.

    Return the paper's id, or None where no paper has the key.
    """
    key, field, language = place
    number = _find_paper_id(connection, key)
    if number is None:
        return None
    connection.execute(
        delete(corrections).where(
            corrections.c.paper_id == number,
            corrections.c.field == field,
            corrections.c.language == language,
        )
    )
    if text is not None:
        row = {"paper_id": number, "field": field, "language": language, "text": text}
        connection.execute(insert(corrections).values(**row, made_at=now))
    return number


def override_tag(connection: Connection, key: str, tag: str, *, wanted: bool | None) -> int | None:
    """Save a curator's decision on a tag, None removes it; return the paper's id."""
    number = _find_paper_id(connection, key)
    if number is None:
        return None
    connection.execute(
        delete(curated_tags).where(curated_tags.c.paper_id == number, curated_tags.c.tag == tag)
    )
    if wanted is not None:
        connection.execute(insert(curated_tags).values(paper_id=number, tag=tag, wanted=wanted))
    return number


def read_fact(connection: Connection, name: str) -> str | None:
    """Return a fact about the archive, or None."""
    return connection.execute(select(facts.c.value).where(facts.c.name == name)).scalar()


def rebuild_index(connection: Connection, version: str, index: IndexUpdater) -> None:
    """Index all papers anew, and save the version of the index."""
    for part in chunks(tuple(connection.execute(select(papers.c.id)).scalars())):
        reindex_papers(connection, part, index)
    _save_fact(connection, INDEX_FACT, version)


def _save_fact(connection: Connection, name: str, value: str) -> None:
    connection.execute(delete(facts).where(facts.c.name == name))
    connection.execute(insert(facts).values(name=name, value=value))


def retag(
    connection: Connection,
    tag: Callable[[Paper], tuple[str, ...]],
    vocabulary: str,
    index: IndexUpdater,
) -> None:
    """Infer the tags of every entry anew, and save the vocabulary's fingerprint."""
    changed: dict[int, tuple[str, ...]] = {}
    owners: set[int] = set()
    for row in connection.execute(ENTRY_QUERY):
        inferred = tag(paper_from_row(row, ()))
        if inferred != tuple(row.inferred_tags):
            changed[row.id] = inferred
            owners.add(row.paper_id)
    if changed:
        connection.execute(
            update(entries)
            .where(entries.c.id == bindparam("entry"))
            .values(inferred_tags=bindparam("inferred")),
            [{"entry": number, "inferred": list(tags)} for number, tags in changed.items()],
        )
        reindex_papers(connection, sorted(owners), index)
    _save_fact(connection, VOCABULARY_FACT, vocabulary)


def reindex_papers(connection: Connection, numbers: Sequence[int], index: IndexUpdater) -> None:
    """Update tags and index of these papers after a curator's decision."""
    loaded, gone = refresh_papers(connection, numbers)
    index(connection, loaded, gone)


def _find_paper_id(connection: Connection, key: str) -> int | None:
    return connection.execute(
        select(entries.c.paper_id)
        .join(claims, claims.c.entry_id == entries.c.id)
        .where(claims.c.key == key)
        .order_by(claims.c.rank, entries.c.paper_id)
        .limit(1)
    ).scalar()
