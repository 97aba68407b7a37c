"""Generates papers by recombining the words of real ones, reproducibly."""

import json
import random
import re
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from math import log2
from pathlib import Path

from bot.model.papers import Appearance, Paper
from bot.model.weeks import Week
from storage.schema.json_values import dump_json
from storage.search import index_tables
from storage.search.sqlite import IndexWriter
from storage.sqlite import SqliteDatabase

BATCH = 10_000
SERIES = "synthetic"
"""The series of the newest issues; older ones have names that begin so."""
TAGS = ("agents", "llm", "reasoning", "vision", "rag", "safety", "training", "survey")
"""The tags of papers, the most frequent first; each has half as many papers as the one before."""
_PER_ISSUE = 10
_LAST_DAY = date(2024, 12, 30)
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
    """Yield papers with distinct titles and real word frequencies, ten in an issue."""
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
        series, start = _issue_of(count - number)
        yield Paper(
            key=f"title:{number}",
            titles={"en": title},
            summaries={"en": " ".join(chance.choices(ranked, weights, k=60))},
            tags=(TAGS[min(int(-log2(1 - chance.random())), len(TAGS) - 1)],),
            appearances=(Appearance(Week.of(start), series, 1 + number % _PER_ISSUE, start),),
            id=number,
        )


def _issue_of(later: int) -> tuple[str, date]:
    """Return the series and first day of the issue of a paper, given how many are later ones."""
    back = later // _PER_ISSUE
    older = back // _WEEKS
    return (
        f"{SERIES}-{older}" if older else SERIES,
        _LAST_DAY - timedelta(weeks=back % _WEEKS),
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
    connection.execute("PRAGMA cache_size = -1000000")  # a gigabyte: the index grows everywhere
    connection.execute("BEGIN")
    empty = _size(connection)
    connection.executemany(
        "INSERT INTO issues VALUES (?, ?, ?, ?, ?, ?, ?, '{}', '', 0)", _issues(count)
    )
    source = papers(count, words)
    while batch := list(islice(source, BATCH)):
        _write_rows(connection, batch, count)
    connection.execute("INSERT INTO tag_totals SELECT tag, count(*) FROM paper_tags GROUP BY tag")
    rows = _size(connection) - empty
    source = papers(count, words)  # again, as a million of them would fill the memory
    while batch := list(islice(source, BATCH)):
        index_tables.index_papers(Rows(connection), batch)
    whole = _size(connection) - empty
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.close()
    return rows, whole - rows


def _issues(count: int) -> Iterator[tuple[object, ...]]:
    for number in range(0, count + 1, _PER_ISSUE):
        series, start = _issue_of(number)
        week, end = Week.of(start), start + timedelta(days=6)
        yield (
            number // _PER_ISSUE + 1, series, week.year, week.number, start.isoformat(),
            end.isoformat(), dump_json({"en": "Papers of the week"}),
        )  # fmt: skip


def _write_rows(connection: sqlite3.Connection, papers: Sequence[Paper], count: int) -> None:
    connection.executemany(
        "INSERT INTO papers VALUES (?, ?)", [(paper.id, paper.key) for paper in papers]
    )
    connection.executemany(
        "INSERT INTO entries VALUES (?, ?, ?, ?, '', ?, ?, '{}', ?, '[]', '[]')",
        [
            (
                each.id, (count - each.id) // _PER_ISSUE + 1, each.appearances[0].position,
                each.id, dump_json(each.titles), dump_json(each.summaries), dump_json(each.tags),
            )
            for each in papers
        ],
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO claims VALUES (?, 0, ?)", [(paper.id, paper.key) for paper in papers]
    )
    connection.executemany(
        "INSERT INTO paper_tags VALUES (?, ?, ?)",
        [
            (tag, paper.appearances[0].start.isoformat(), paper.id)
            for paper in papers
            for tag in paper.tags
        ],
    )


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
