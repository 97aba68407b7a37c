"""The look-up index on SQLite: the words of texts are in tables of FTS5."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection

from bot.lib.normalise import index_tokens
from bot.ports.archive import MAX_COUNT, Concept, IndexedName, TextQuery
from storage.database import Database
from storage.search.index_queries import (
    SCAN_LIMIT,
    IndexQueries,
    Tokenize,
    as_they_are,
    conditions_of,
    letters_of_words,
    phrase_of,
)


def open_index(database: Database) -> "SqliteIndex":
    """Return the index of an archive, for reading."""
    assert database.file  # noqa: S101 - for the type checker
    return SqliteIndex.open(database.file)


class SqliteIndex(IndexQueries):
    """Fulfils `bot.ports.archive.SearchIndex`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open an archive's file for reading."""
        return cls(
            sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False
            )
        )

    def close(self) -> None:
        self._connection.close()

    def find_by_all_words(self, words: Sequence[str], limit: int) -> tuple[IndexedName, ...]:
        query = " AND ".join(f'"{word}"*' for word in words)
        if not query:
            return ()
        return self._names(
            "WHERE id IN (SELECT rowid FROM name_words WHERE name_words MATCH ? "
            "ORDER BY rowid LIMIT ?) ORDER BY newest DESC, id LIMIT ?",
            query,
            SCAN_LIMIT,
            limit,
        )

    def search_texts(
        self, words: Sequence[str], limit: int, offset: int, *, max_gap: int | None
    ) -> tuple[tuple[int, ...], int]:
        parts = [f'"{word}"' for word in words]
        if max_gap is None:
            query = " AND ".join(parts)
        else:
            query = f"NEAR({' '.join(parts)}, {max_gap})" if max_gap else " + ".join(parts)
        total = self._rows("SELECT count(*) FROM paper_texts WHERE paper_texts MATCH ?", query)
        rows = self._rows(
            "SELECT rowid FROM paper_texts WHERE paper_texts MATCH ? "
            "ORDER BY rank, rowid DESC LIMIT ? OFFSET ?",
            query,
            limit,
            offset,
        )
        return tuple(row[0] for row in rows), int(total[0][0])

    def find_texts(self, query: TextQuery, limit: int, offset: int) -> tuple[tuple[int, ...], int]:
        match = _match_of(query, as_they_are)
        if not match:
            return (), 0
        condition, values = conditions_of(query, "rowid")
        base = f"FROM paper_texts WHERE paper_texts MATCH ? {condition}"
        (total,) = self._rows(
            f"SELECT count(*) FROM (SELECT 1 {base} LIMIT ?)",  # noqa: S608 - ours
            match, *values, MAX_COUNT + 1,
        )[0]  # fmt: skip
        rows = self._rows(
            f"SELECT rowid {base} ORDER BY rowid IN (SELECT paper_id FROM name_words "  # noqa: S608 - ours
            "JOIN names ON names.id = name_words.rowid WHERE name_words MATCH ?) DESC, "
            "rank, rowid DESC LIMIT ? OFFSET ?",
            match, *values, _match_of(replace(query, excluded=()), letters_of_words),
            limit, offset,
        )  # fmt: skip
        return tuple(row[0] for row in rows), int(total)

    def _texts_with(self, concept: Concept, limit: int) -> list[int]:
        rows = self._rows(
            "SELECT rowid FROM paper_texts WHERE paper_texts MATCH ? LIMIT ?",
            _any_of(concept, index_tokens),
            limit,
        )
        return [row[0] for row in rows]

    def _known_with(self, concept: Concept, papers: Sequence[int]) -> list[int]:
        rows = self._rows(
            "SELECT value FROM json_each(?) WHERE value IN "
            "(SELECT rowid FROM paper_texts WHERE paper_texts MATCH ?)",
            json.dumps(papers),
            _any_of(concept, index_tokens),
        )
        return [row[0] for row in rows]

    def _names_with(self, concept: Concept, limit: int) -> list[int]:
        rows = self._rows(
            "SELECT DISTINCT paper_id FROM name_words JOIN names ON names.id = name_words.rowid "
            "WHERE name_words MATCH ? LIMIT ?",
            _any_of(concept, letters_of_words),
            limit,
        )
        return [row[0] for row in rows]

    def _first_days(self, papers: Sequence[int]) -> list[tuple[int, str]]:
        rows = self._rows(
            "SELECT paper_id, start FROM entries JOIN issues ON issues.id = entries.issue_id "
            "WHERE paper_id IN (SELECT value FROM json_each(?)) ORDER BY entries.id",
            json.dumps(papers),
        )
        return [(row[0], row[1]) for row in rows]

    def _rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, values).fetchall()


class IndexWriter:
    """Fulfils `storage.search.index_tables.WriteConnection`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def many(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            self._connection.exec_driver_sql(statement, list(rows))

    def rows(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._connection.exec_driver_sql(statement, values)]

    def add_words_of_names(self, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
        self.many("INSERT INTO name_words (rowid, words) VALUES (?, ?)", _joined(rows))

    def remove_words_of_names(self, numbers: Sequence[int]) -> None:
        self.many("DELETE FROM name_words WHERE rowid = ?", [(number,) for number in numbers])

    def add_texts(self, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
        self.many("INSERT INTO paper_texts (rowid, words) VALUES (?, ?)", _joined(rows))

    def remove_texts(self, numbers: Sequence[int]) -> None:
        self.many("DELETE FROM paper_texts WHERE rowid = ?", [(number,) for number in numbers])


def _joined(rows: Sequence[tuple[int, Sequence[str]]]) -> list[tuple[int, str]]:
    return [(number, " ".join(tokens)) for number, tokens in rows]


def _match_of(query: TextQuery, tokens: Tokenize) -> str:
    """Return the FTS5 query: all parts, each in any spelling, without what is excluded."""
    needed = [" OR ".join(_phrase(phrase, tokens) for phrase in part) for part in query.needed]
    found = " AND ".join(f"({part})" for part in needed)
    unwanted = " OR ".join(_phrase(phrase, tokens) for phrase in query.excluded)
    return f"({found}) NOT ({unwanted})" if found and unwanted else found


def _any_of(concept: Concept, tokens: Tokenize) -> str:
    """Return the FTS5 query for any alternative of a concept."""
    return (
        " OR ".join(_phrase(words, tokens) for words in concept if phrase_of(words, tokens))
        or '""'
    )


def _phrase(alternative: Sequence[str], tokens: Tokenize) -> str:
    parts = phrase_of(alternative, tokens)
    return " + ".join(f'"{token}"{"*" if is_prefix else ""}' for token, is_prefix in parts)
