"""Reads the look-up index on SQLite, with a connection of its own."""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Self

from bot.lib.normalise import index_tokens, initial_consonants, is_lone_jamo, letters, words
from bot.ports.archive import MAX_COUNT, Concept, ConceptMatches, IndexedName, TextQuery
from storage.search.index_tables import (
    HEAD_LENGTHS,
    HEAD_MARK,
    INITIALS_MARK,
    SOUND_MARK,
    START_LENGTH,
    deletion_variants,
    trigrams,
)

_MAX_CHARACTER = "\U0010ffff"
"""Sorts after every letter; the end of a prefix range."""

_SCAN_LIMIT = 2000
"""Maximum number of names with one prefix that are scanned for the newest."""

_GRAM_BUDGET = 20_000
"""Maximum number of trigram rows read for one query; it bounds the time at any size."""


class SqliteIndex:
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
        """Close the connection."""
        self._connection.close()

    def find_by_keys(self, keys: Sequence[str]) -> tuple[int, ...]:
        found: dict[int, None] = {}
        for key in keys:
            rows = self._rows(
                "SELECT DISTINCT e.paper_id FROM claims c JOIN entries e ON e.id = c.entry_id "
                "WHERE c.key = ? ORDER BY e.paper_id",
                key,
            )
            found |= {row[0]: None for row in rows}
        return tuple(found)

    def find_exact(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        return self._names("WHERE letters = ? ORDER BY newest DESC LIMIT ?", letters, limit)

    def find_by_prefix(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        if len(letters) in HEAD_LENGTHS:
            return self._names_by_start(HEAD_MARK + letters, HEAD_MARK + letters, limit)
        return self._names(
            # The two inner queries use the index on letters alone.
            "WHERE id IN (SELECT id FROM (SELECT id, newest FROM names "
            "WHERE letters >= ? AND letters < ? LIMIT ?) ORDER BY newest DESC LIMIT ?) "
            "ORDER BY newest DESC",
            letters,
            letters + _MAX_CHARACTER,
            _SCAN_LIMIT,
            limit,
        )

    def find_by_word_prefix(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        start = letters[:START_LENGTH]
        found = self._names_by_start(start, start + _MAX_CHARACTER, limit)
        if is_lone_jamo(letters):
            found += self._names_by_start(
                INITIALS_MARK + start, INITIALS_MARK + start + _MAX_CHARACTER, limit
            )
        return tuple(
            name
            for name in found
            if len(letters) <= START_LENGTH
            or letters in name.letters
            or letters in initial_consonants(name.name)
        )

    def _names_by_start(self, first: str, last: str, limit: int) -> tuple[IndexedName, ...]:
        return self._names(
            "WHERE id IN (SELECT name_id FROM (SELECT name_id, newest FROM name_starts "
            "WHERE start >= ? AND start <= ? ORDER BY start, newest DESC LIMIT ?) "
            "ORDER BY newest DESC LIMIT ?) ORDER BY newest DESC",
            first,
            last,
            _SCAN_LIMIT,
            limit,
        )

    def find_by_all_words(self, words: Sequence[str], limit: int) -> tuple[IndexedName, ...]:
        query = " AND ".join(f'"{word}"*' for word in words)
        if not query:
            return ()
        return self._names(
            "WHERE id IN (SELECT rowid FROM name_words WHERE name_words MATCH ? LIMIT ?) "
            "ORDER BY newest DESC LIMIT ?",
            query,
            _SCAN_LIMIT,
            limit,
        )

    def find_similar(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        grams = sorted(trigrams(letters) | deletion_variants(letters))
        marks = ", ".join("?" * len(grams))
        counted = sorted(
            self._rows(
                f"SELECT count, gram FROM gram_counts WHERE gram IN ({marks})",  # noqa: S608 - marks
                *grams,
            )
        )
        chosen: list[str] = []
        spent = 0
        for count, gram in counted:
            if chosen and spent + count > _GRAM_BUDGET:
                break
            chosen.append(gram)
            spent += count
        if not chosen:
            return ()
        marks = ", ".join("?" * len(chosen))
        return self._names(
            "JOIN (SELECT name_id, count(*) AS shared FROM name_grams "  # noqa: S608 - marks
            f"WHERE gram IN ({marks}) GROUP BY name_id ORDER BY shared DESC LIMIT ?) AS found "
            "ON found.name_id = names.id ORDER BY found.shared DESC, newest DESC",
            *chosen,
            limit,
        )

    def find_by_sound(self, sound: str, limit: int) -> tuple[IndexedName, ...]:
        start = SOUND_MARK + sound[:START_LENGTH]
        whole = self._names_by_start(start, start, limit)
        return whole + self._names_by_start(start, start + _MAX_CHARACTER, limit)

    def match_concepts(self, concepts: Sequence[Concept], limit: int) -> ConceptMatches:
        texts: dict[int, set[int]] = {}
        names: dict[int, set[int]] = {}
        frequencies = [0] * len(concepts)
        common: list[int] = []
        for place, concept in enumerate(concepts):
            rows = self._rows(
                "SELECT rowid FROM paper_texts WHERE paper_texts MATCH ? LIMIT ?",
                _any_of(concept, index_tokens),
                limit + 1,
            )
            frequencies[place] = len(rows)
            if len(rows) > limit:
                common.append(place)
                continue
            for (number,) in rows:
                texts.setdefault(number, set()).add(place)
        for place in common:
            self._mark_known(concepts[place], place, texts)
        for place, concept in enumerate(concepts):
            self._mark_names(concept, place, names, limit)
        (total,) = self._rows("SELECT count(*) FROM papers")[0]
        return ConceptMatches(total, tuple(frequencies), _frozen(texts), _frozen(names))

    def _mark_known(self, concept: Concept, place: int, texts: dict[int, set[int]]) -> None:
        """Note which of the papers that are known already mention a concept."""
        rows = self._rows(
            "SELECT value FROM json_each(?) WHERE value IN "
            "(SELECT rowid FROM paper_texts WHERE paper_texts MATCH ?)",
            json.dumps(list(texts)),
            _any_of(concept, index_tokens),
        )
        for (number,) in rows:
            texts[number].add(place)

    def _mark_names(
        self, concept: Concept, place: int, names: dict[int, set[int]], limit: int
    ) -> None:
        rows = self._rows(
            "SELECT DISTINCT paper_id FROM name_words JOIN names ON names.id = name_words.rowid "
            "WHERE name_words MATCH ? LIMIT ?",
            _any_of(concept, _letters_of_words),
            limit,
        )
        for (number,) in rows:
            names.setdefault(number, set()).add(place)

    def days_of(self, papers: Sequence[int]) -> Mapping[int, tuple[date, ...]]:
        found: dict[int, list[date]] = {}
        for number, start in self._rows(
            "SELECT paper_id, start FROM entries JOIN issues ON issues.id = entries.issue_id "
            "WHERE paper_id IN (SELECT value FROM json_each(?))",
            json.dumps(list(papers)),
        ):
            found.setdefault(number, []).append(date.fromisoformat(start))
        return {number: tuple(days) for number, days in found.items()}

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
        match = _match_of(query)
        if not match:
            return (), 0
        condition, values = _filters(query)
        base = f"FROM paper_texts WHERE paper_texts MATCH ? {condition}"
        (total,) = self._rows(
            f"SELECT count(*) FROM (SELECT 1 {base} LIMIT ?)",  # noqa: S608 - ours
            match, *values, MAX_COUNT + 1,
        )[0]  # fmt: skip
        rows = self._rows(
            f"SELECT rowid {base} ORDER BY rowid IN (SELECT paper_id FROM name_words "  # noqa: S608 - ours
            "JOIN names ON names.id = name_words.rowid WHERE name_words MATCH ?) DESC, "
            "rank, rowid DESC LIMIT ? OFFSET ?",
            match, *values, _match_of(replace(query, excluded=()), _letters_of_words),
            limit, offset,
        )  # fmt: skip
        return tuple(row[0] for row in rows), int(total)

    def texts(self, papers: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
        marks = ", ".join("?" * len(papers))
        found: dict[int, dict[str, None]] = {}
        for number, *columns in self._rows(
            "SELECT paper_id, summaries, abstracts, titles FROM entries "  # noqa: S608 - marks
            f"WHERE paper_id IN ({marks}) ORDER BY id",
            *papers,
        ):
            texts = found.setdefault(number, {})
            for column in columns:
                texts |= dict.fromkeys(json.loads(column).values())
        for number, authors, abstract in self._rows(
            "SELECT papers.id, authors, abstract FROM records "  # noqa: S608 - marks
            f"JOIN papers USING (key) WHERE papers.id IN ({marks})",
            *papers,
        ):
            found.setdefault(number, {})[", ".join(json.loads(authors))] = None
            found[number][abstract] = None
        return {number: tuple(texts) for number, texts in found.items()}

    def _names(self, condition: str, *values: object) -> tuple[IndexedName, ...]:
        rows = self._rows(
            f"SELECT paper_id, name, letters, newest FROM names {condition}",  # noqa: S608 - ours
            *values,
        )
        return tuple(IndexedName(*row) for row in rows)

    def _rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, values).fetchall()


def _match_of(
    query: TextQuery, tokens: Callable[[str], Sequence[str]] = lambda token: (token,)
) -> str:
    """Return the FTS5 query: all parts, each in any spelling, without what is excluded."""
    needed = [" OR ".join(_phrase(phrase, tokens) for phrase in part) for part in query.needed]
    found = " AND ".join(f"({part})" for part in needed)
    unwanted = " OR ".join(_phrase(phrase, tokens) for phrase in query.excluded)
    return f"({found}) NOT ({unwanted})" if found and unwanted else found


def _filters(query: TextQuery) -> tuple[str, list[str]]:
    conditions = ["AND rowid IN (SELECT paper_id FROM paper_tags WHERE tag = ?)"] * len(query.tags)
    values = list(query.tags)
    if query.days:
        conditions.append(
            "AND rowid IN (SELECT paper_id FROM entries JOIN issues ON issues.id = issue_id "
            'WHERE start <= ? AND "end" >= ?)'
        )
        values += [query.days[1].isoformat(), query.days[0].isoformat()]
    return " ".join(conditions), values


def _any_of(concept: Concept, tokens: Callable[[str], Sequence[str]]) -> str:
    """Return the FTS5 query for any alternative of a concept."""
    return " OR ".join(filter(None, (_phrase(words, tokens) for words in concept))) or '""'


def _phrase(alternative: Sequence[str], tokens: Callable[[str], Sequence[str]]) -> str:
    parts = [
        (token, word.endswith("*") and place == len(found) - 1)
        for word in alternative
        for found in [tokens(word.removesuffix("*"))]
        for place, token in enumerate(found)
    ]
    return " + ".join(f'"{token}"{"*" if is_prefix else ""}' for token, is_prefix in parts)


def _letters_of_words(text: str) -> Sequence[str]:
    return [letters(word) for word in words(text)]


def _frozen(marks: Mapping[int, set[int]]) -> Mapping[int, frozenset[int]]:
    return {number: frozenset(places) for number, places in marks.items()}
