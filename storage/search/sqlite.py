"""The look-up index on SQLite: the words of texts are in tables of FTS5."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from bot.lib.normalise import index_tokens
from bot.ports.search_index import MAX_COUNT, Concept, IndexedName, TextQuery
from storage.connections import execute_many
from storage.database import Database
from storage.reader import ConnectionReader, DriverReader, rows_among
from storage.search.index_queries import MAX_RANKED, SCAN_LIMIT, IndexQueries, conditions_of
from storage.search.index_tables import NameTokens
from storage.search.phrases import Tokenize, as_they_are, letters_of_words, phrase_of
from storage.sqlite import open_reader

_LEVEL, _WINDOW_BITS, _MEMORY_LEVEL = 9, 13, 6
"""As small as with the memory for large files, which takes long to clear for each text."""

_FORGET = "INSERT INTO {table} ({table}, rowid, {column}) VALUES ('delete', ?, ?)"
"""Removes a row of an FTS5 table without content, which has to be told what the row was."""


def open_index(database: Database) -> "SqliteIndex":
    """Return the index of an archive, for reading, with a connection of its own."""
    return SqliteIndex(database.open_reader())


def index_on(reader: DriverReader) -> "SqliteIndex":
    """Return the index of an archive that is read already."""
    return SqliteIndex(reader)


class SqliteIndex(IndexQueries):
    """Fulfils `bot.ports.search_index.SearchIndex`."""

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open an archive's file for reading."""
        return cls(open_reader(path))

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
        (total,) = self._rows(
            "SELECT count(*) FROM (SELECT 1 FROM paper_texts WHERE paper_texts MATCH ? LIMIT ?)",
            query,
            MAX_RANKED + 1,
        )[0]
        order = "rank, rowid DESC" if total <= MAX_RANKED else "rowid DESC"
        rows = self._rows(
            "SELECT rowid FROM paper_texts WHERE paper_texts MATCH ? "  # noqa: S608 - ours
            f"ORDER BY {order} LIMIT ? OFFSET ?",
            query,
            limit,
            offset,
        )
        return tuple(row[0] for row in rows), int(total)

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
        # Ranking reads all texts with any of the words, however few have all of them.
        is_ranked = total <= MAX_COUNT and not any(map(self._is_frequent, query.needed))
        rows = self._rows(
            f"SELECT rowid {base} ORDER BY {'rank, ' if is_ranked else ''}rowid DESC LIMIT ?",
            match, *values, MAX_RANKED,
        )  # fmt: skip
        named = self._named(query)
        found = sorted((row[0] for row in rows), key=lambda number: number not in named)
        return tuple(found[offset : offset + limit]), int(total)

    def _matching(self, query: TextQuery, first: int) -> tuple[str, Sequence[Any]]:
        match = _match_of(query, as_they_are)
        if not match:
            return "", ()
        condition, values = conditions_of(query, "rowid")
        base = "SELECT rowid FROM paper_texts WHERE paper_texts MATCH ? AND rowid >= ?"
        return f"{base} {condition}", (match, first, *values)

    def _is_frequent(self, part: Sequence[Sequence[str]]) -> bool:
        """Tell whether more texts have a part of a query than are ranked."""
        match = " OR ".join(_phrase(phrase, as_they_are) for phrase in part)
        counted = "SELECT 1 FROM paper_texts WHERE paper_texts MATCH ? LIMIT ?"
        rows = self._rows(f"SELECT count(*) FROM ({counted})", match, MAX_RANKED + 1)  # noqa: S608 - ours
        return bool(rows[0][0] > MAX_RANKED)

    def _named(self, query: TextQuery) -> frozenset[int]:
        """Return the papers with the words in a name, of the newest names."""
        rows = self._rows(
            "SELECT paper_id FROM (SELECT rowid FROM name_words "
            "WHERE name_words MATCH ? ORDER BY rowid DESC LIMIT ?) AS found "
            "JOIN names ON names.id = found.rowid",
            _match_of(replace(query, excluded=()), letters_of_words),
            MAX_COUNT,
        )
        return frozenset(row[0] for row in rows)

    def _texts_with(self, concept: Concept, limit: int) -> list[int]:
        rows = self._rows(
            "SELECT rowid FROM paper_texts WHERE paper_texts MATCH ? LIMIT ?",
            _any_of(concept, index_tokens),
            limit,
        )
        return [row[0] for row in rows]

    def _newest_with(self, concept: Concept, limit: int) -> list[int]:
        rows = self._rows(
            "SELECT rowid FROM paper_texts WHERE paper_texts MATCH ? ORDER BY rowid DESC LIMIT ?",
            _any_of(concept, index_tokens),
            limit,
        )
        return [row[0] for row in rows]

    def _rows_of_grams(self, grams: Sequence[str]) -> tuple[str, Sequence[str]]:
        one = "SELECT rowid AS name_id FROM name_grams WHERE name_grams MATCH ?"
        return " UNION ALL ".join([one] * len(grams)), [f'"{gram}"' for gram in grams]

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


class IndexWriter(ConnectionReader):
    """Fulfils `storage.search.index_tables.WriteConnection`."""

    def many(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        execute_many(self._connection, statement, rows)

    def add_names(self, rows: Sequence[NameTokens]) -> None:
        grams, words = _tokens_of_names(rows)
        self.many("INSERT INTO name_grams (rowid, grams) VALUES (?, ?)", grams)
        self.many("INSERT INTO name_words (rowid, words) VALUES (?, ?)", words)

    def remove_names(self, rows: Sequence[NameTokens]) -> None:
        grams, words = _tokens_of_names(rows)
        self.many(_FORGET.format(table="name_grams", column="grams"), grams)
        self.many(_FORGET.format(table="name_words", column="words"), words)

    def add_texts(self, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
        texts = [(number, " ".join(tokens)) for number, tokens in rows]
        self.many("INSERT INTO paper_texts (rowid, words) VALUES (?, ?)", texts)
        self.many(
            "INSERT INTO text_copies VALUES (?, ?)",
            [(number, _compressed(text)) for number, text in texts],
        )

    def remove_texts(self, numbers: Sequence[int]) -> None:
        copies = "SELECT paper_id, words FROM text_copies WHERE paper_id IN ({marks})"
        stored = rows_among(self, copies, numbers)
        texts = [(number, zlib.decompress(words).decode()) for number, words in stored]
        self.many(_FORGET.format(table="paper_texts", column="words"), texts)
        self.many("DELETE FROM text_copies WHERE paper_id = ?", [text[:1] for text in texts])

    def clear(self) -> None:
        for table in ("name_grams", "name_words", "paper_texts"):
            self._connection.exec_driver_sql(
                f"INSERT INTO {table} ({table}) VALUES ('delete-all')"  # noqa: S608 - ours
            )
        self._connection.exec_driver_sql("DELETE FROM text_copies")


def _compressed(text: str) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY_LEVEL)
    return packer.compress(text.encode()) + packer.flush()


def _tokens_of_names(
    rows: Sequence[NameTokens],
) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Return the trigrams and the words of names, each as a text by the number of the name."""
    grams = [(number, " ".join(own)) for number, own, _ in rows]
    return grams, [(number, " ".join(words)) for number, _, words in rows]


def _match_of(query: TextQuery, tokens: Tokenize) -> str:
    """Return the FTS5 query: all parts, each in any spelling, without what is excluded."""
    needed = [" OR ".join(_phrase(phrase, tokens) for phrase in part) for part in query.needed]
    found = " AND ".join(f"({part})" for part in needed)
    unwanted = " OR ".join(_phrase(phrase, tokens) for phrase in query.excluded)
    return f"({found}) NOT ({unwanted})" if found and unwanted else found


def _any_of(concept: Concept, tokens: Tokenize) -> str:
    """Return the FTS5 query for any alternative of a concept."""
    return " OR ".join(filter(None, (_phrase(words, tokens) for words in concept))) or '""'


def _phrase(alternative: Sequence[str], tokens: Tokenize) -> str:
    parts = phrase_of(alternative, tokens)
    return " + ".join(f'"{token}"{"*" if is_prefix else ""}' for token, is_prefix in parts)
