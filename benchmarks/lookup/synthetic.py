"""Generates papers by recombining the words of real ones, reproducibly."""

import json
import random
import re
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from bot.model.papers import Appearance, Paper
from bot.model.weeks import Week
from storage.schema.types import dump_json
from storage.search import index_tables
from storage.search.sqlite import IndexWriter
from storage.sqlite import SqliteDatabase

BATCH = 10_000
_FIRST_DAY = date(2000, 1, 3)
_WEEKS = 1200


class Rows(IndexWriter):
    """Lets the index write on a bare connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._bare = connection

    def many(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Execute a statement for each row."""
        self._bare.executemany(statement, rows)

    def rows(self, statement: str, values: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        """Return what a statement selects."""
        return self._bare.execute(statement, values).fetchall()


def papers(count: int, words: Sequence[str], seed: int = 1) -> Iterator[Paper]:
    """Yield papers with distinct titles and real word frequencies."""
    chance = random.Random(seed)
    ranked = list(dict.fromkeys(words))
    weights = [1 / (place + 10) for place in range(len(ranked))]
    seen: set[str] = set()
    number = 0
    while number < count:
        title = " ".join(chance.choices(ranked, weights, k=chance.randint(3, 8))).capitalize()
        if title in seen:
            continue
        seen.add(title)
        number += 1
        start = _FIRST_DAY + timedelta(days=7 * chance.randrange(_WEEKS))
        yield Paper(
            key=f"title:{number}",
            titles={"en": title},
            summaries={"en": " ".join(chance.choices(ranked, weights, k=60))},
            appearances=(Appearance(Week.of(start), "synthetic", 1, start),),
            id=number,
        )


def words_of(texts: Sequence[str]) -> list[str]:
    """Return the words of some texts, the most frequent first."""
    counts: dict[str, int] = {}
    for text in texts:
        for word in re.findall(r"[A-Za-z][a-z]{2,}", text):
            counts[word.lower()] = counts.get(word.lower(), 0) + 1
    return sorted(counts, key=lambda word: (-counts[word], word))


def build(path: Path, count: int, words: Sequence[str]) -> tuple[int, int]:
    """Write an archive of `count` papers; return the bytes of its rows and of its index."""
    SqliteDatabase(path).prepare()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    source = papers(count, words)
    rows = 0
    first = Week.of(_FIRST_DAY)
    connection.execute(
        "INSERT INTO issues VALUES (1, 'synthetic', ?, ?, ?, ?, '{}', '{}', '', 0)",
        (first.year, first.number, _FIRST_DAY.isoformat(), _FIRST_DAY.isoformat()),
    )
    empty = _size(connection)
    kept = []
    while batch := list(islice(source, BATCH)):
        connection.executemany(
            "INSERT INTO papers VALUES (?, ?)", [(paper.id, paper.key) for paper in batch]
        )
        connection.executemany(
            "INSERT INTO entries VALUES (?, 1, ?, ?, '', ?, ?, '{}', '[]', '[]', '[]')",
            [
                (each.id, each.id, each.id, dump_json(each.titles), dump_json(each.summaries))
                for each in batch
            ],
        )
        kept.append(batch)
    rows = _size(connection) - empty
    for batch in kept:
        index_tables.index_papers(Rows(connection), batch)
    whole = _size(connection) - empty
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.close()
    return rows, whole - rows


def _size(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (bytes_each,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages) * int(bytes_each)


def titles_of(path: Path, count: int, seed: int = 2) -> list[str]:
    """Return some titles of a built archive."""
    connection = sqlite3.connect(path)
    (last,) = connection.execute("SELECT max(id) FROM entries").fetchone()
    chance = random.Random(seed)
    chosen = sorted(chance.sample(range(1, last + 1), count))
    found = [
        json.loads(
            connection.execute("SELECT titles FROM entries WHERE id = ?", (n,)).fetchone()[0]
        )
        for n in chosen
    ]
    connection.close()
    return [titles["en"] for titles in found]
