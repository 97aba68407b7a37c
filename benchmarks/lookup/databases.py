"""Times the look-up on PostgreSQL against SQLite on the same papers, and writes POSTGRESQL.md.

Run as `python -m benchmarks.lookup.databases [PAPERS]`; PAPERBOY_REFERENCE_DATA names the
reference data, whose words the papers are made of.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import islice, pairwise
from pathlib import Path

from sqlalchemy import insert

from benchmarks.lookup.speed import ASKED, misspelt, timed
from benchmarks.lookup.synthetic import BATCH, build, papers, titles_of, words_of
from benchmarks.machine import described, percentile
from bot.ports.search_index import SearchIndex
from bot.search.lookup import look_up
from storage.database import transaction
from storage.postgresql.database import PostgresqlDatabase
from storage.schema import archive
from storage.search import index_tables
from storage.search import postgresql as on_postgresql
from storage.search import sqlite as on_sqlite
from storage.sqlite import SqliteDatabase
from tests import postgresql_server, run_files

PAPERS = 100_000
GAP = 8
"""Tokens between words that are near each other, as the look-up asks."""


def main() -> None:
    """Measure and write."""
    reference = os.environ.get("PAPERBOY_REFERENCE_DATA")
    if not reference:
        sys.exit("PAPERBOY_REFERENCE_DATA does not name the reference data; nothing measured.")
    count = int(sys.argv[1]) if sys.argv[1:] else PAPERS
    texts = [each.read_text("utf-8") for each in sorted(Path(reference, "dair").rglob("*.md"))]
    words = words_of(texts)
    run_files.begin_run()
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "archive.sqlite3"
            build(path, count, words)
            there = _fill(postgresql_server.new_database(), count, words)
            with (
                closing(on_sqlite.open_index(SqliteDatabase(path))) as one,
                closing(on_postgresql.open_index(there)) as other,
            ):
                rows = measure(one, other, titles_of(path, ASKED), words)
    finally:
        run_files.end_run()
    text = TEXT.format(
        machine=described("psycopg"), papers=count, rows="\n".join(rows), asked=ASKED
    )
    print(text)
    Path(__file__).with_name("POSTGRESQL.md").write_text(text, encoding="utf-8")


def measure(
    one: SearchIndex, other: SearchIndex, titles: Sequence[str], words: Sequence[str]
) -> list[str]:
    """Return the rows of the table: each kind on SQLite and PostgreSQL, and their ratio."""
    kinds: dict[str, Sequence[str]] = {
        "exact": titles,
        "prefix": [title[: int(len(title) * 0.7)] for title in titles],
        "misspelt": [misspelt(title) for title in titles],
    }
    rows = []
    for kind, queries in kinds.items():
        ask = [lambda index, query=query: look_up(index, query, 5) for query in queries]
        rows.append(_row(kind, one, other, ask))
    pairs = {
        "near, two of the most frequent words": pairwise(words[:9]),
        "near, a frequent and a rare word": zip(words[:8], words[500:508], strict=True),
    }
    for kind, wanted in pairs.items():
        asked = [
            lambda index, pair=pair: index.search_texts(pair, 5, 0, max_gap=GAP) for pair in wanted
        ]
        rows.append(_row(kind, one, other, asked))
    return rows


def _row(
    kind: str,
    one: SearchIndex,
    other: SearchIndex,
    asked: Sequence[Callable[[SearchIndex], object]],
) -> str:
    same = sum(ask(one) == ask(other) for ask in asked)  # which warms both up as well
    times = [[timed(lambda ask=ask, at=at: ask(at)) for ask in asked] for at in (one, other)]
    halves = [percentile(each, 0.5) for each in times]
    most = [percentile(each, 0.99) for each in times]
    return (
        f"| {kind} | {halves[0]:.1f} | {most[0]:.1f} | {halves[1]:.1f} | {most[1]:.1f} | "
        f"{halves[1] / halves[0]:.1f} | {same} of {len(asked)} |"
    )


def _fill(place: PostgresqlDatabase, count: int, words: Sequence[str]) -> PostgresqlDatabase:
    source, engine = papers(count, words), place.open_engine("archive")
    with transaction(place, engine) as connection:
        while batch := list(islice(source, BATCH)):
            rows = [{"id": paper.id, "key": paper.key} for paper in batch]
            connection.execute(insert(archive.papers), rows)
            index_tables.index_papers(on_postgresql.IndexWriter(connection), batch)
    engine.dispose()
    with place.connect() as connection:
        connection.execute("VACUUM ANALYZE")  # which a server does by itself within minutes
    return place


TEXT = """# The look-up on PostgreSQL against SQLite

Written by `python -m benchmarks.lookup.databases`, in one run: {papers:,} papers made of the words
of real ones, {asked} titles as they are, cut off and misspelt. {machine}; the server shares the
machine. Milliseconds.

| query | SQLite, half | 99 % | PostgreSQL, half | 99 % | times SQLite's | same answers |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
{rows}
"""


if __name__ == "__main__":
    main()
