"""Applies a new vocabulary, and keeps tags and index of papers current."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, bindparam, select, update

from bot.model.papers import Paper
from storage.archive.paper_identity import refresh_papers
from storage.archive.row_mapping import all_entries, paper_from_row
from storage.archive.save import IndexUpdater
from storage.connections import chunks
from storage.facts import INDEX_FACT, VOCABULARY_FACT, save_fact
from storage.reader import ConnectionReader
from storage.schema.archive import entries, papers


def rebuild_index(connection: Connection, version: str, index: IndexUpdater) -> None:
    """Index all papers anew, and save the version of the index."""
    for part in chunks(tuple(connection.scalars(select(papers.c.id).order_by(papers.c.id)))):
        reindex_papers(connection, part, index)
    save_fact(connection, INDEX_FACT, version)


def retag(
    connection: Connection,
    tag: Callable[[Paper], tuple[str, ...]],
    vocabulary: str,
    index: IndexUpdater,
) -> None:
    """Infer the tags of every entry anew, and save the vocabulary's fingerprint."""
    changed: dict[int, tuple[str, ...]] = {}
    owners: set[int] = set()
    for row in all_entries(ConnectionReader(connection)):
        paper = paper_from_row(row, ())
        inferred = tag(paper)
        if inferred != paper.inferred_tags:
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
    save_fact(connection, VOCABULARY_FACT, vocabulary)


def reindex_papers(connection: Connection, numbers: Sequence[int], index: IndexUpdater) -> None:
    """Update tags and index of these papers after a curator's decision."""
    loaded, gone = refresh_papers(connection, numbers)
    index(connection, loaded, gone)
