"""Applies a new vocabulary, and keeps tags and index of papers current."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from bot.model.papers import Paper
from storage.archive.paper_identity import refresh_papers
from storage.archive.row_mapping import ENTRY_QUERY, paper_from_row
from storage.archive.save import IndexUpdater
from storage.connections import chunks
from storage.schema.archive import entries, facts, papers

INDEX_FACT = "search_index"
"""Name of the fact that stores the version of the look-up index."""

VOCABULARY_FACT = "vocabulary"
"""Name of the fact that stores the fingerprint of the vocabulary."""


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
