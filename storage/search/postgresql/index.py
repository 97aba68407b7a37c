"""Reads the look-up index on PostgreSQL: the words of texts are in columns of tsvector."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.lib.normalise import index_tokens
from bot.ports.search_index import MAX_COUNT, Concept, IndexedName, TextQuery
from storage.reader import DriverReader
from storage.search.index_queries import (
    MAX_CHARACTER,
    MAX_RANKED,
    SCAN_LIMIT,
    IndexQueries,
    conditions_of,
)
from storage.search.phrases import Phrase, as_they_are, letters_of_words, phrases_of
from storage.search.postgresql.proximity import near_positions, places_of
from storage.search.postgresql.ranking import inverse_frequency, score, score_expression
from storage.search.postgresql.tsquery import (
    all_of,
    any_of,
    match_of,
    near_pairs,
    occurrences,
)

_INDEXED_LETTERS = 500
"""How many letters of a name are in the index on letters; see the first step of migrations."""

_TEXTS_AT_ONCE = MAX_RANKED + 1
"""How many texts are read at a time: words that nearly all have would fill the memory."""

_PAIR = 2
_MAX_FREQUENCIES = 10_000
"""How many phrases' frequencies are kept at most."""

_HIGHEST = (1 << 63) - 1

_FOUND = "FROM paper_texts WHERE words @@ ?::tsquery"


class PostgresqlIndex(IndexQueries):
    """Fulfils `bot.ports.search_index.SearchIndex` with the answers and order of SQLite."""

    def __init__(self, reader: DriverReader) -> None:
        super().__init__(reader)
        self._frequencies: dict[str, int] = {}
        """How many texts have a phrase, by its tsquery: of a frequent word all have to be read."""
        self._version = ""
        """Of the texts that were counted; it changes with every transaction that changes texts."""

    def find_exact(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        return self._names(
            f"WHERE left(letters, {_INDEXED_LETTERS}) = ? AND letters = ? "
            "ORDER BY newest DESC, id DESC LIMIT ?",
            letters[:_INDEXED_LETTERS],
            letters,
            limit,
        )

    def _names_by_prefix(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        indexed = f"left(letters, {_INDEXED_LETTERS})"
        start = letters[:_INDEXED_LETTERS]
        return self._names(
            "WHERE id IN (SELECT id FROM (SELECT id, newest, letters FROM names "  # noqa: S608 - ours
            f"WHERE {indexed} >= ? AND {indexed} < ? AND letters >= ? AND letters < ? "
            f"ORDER BY {indexed}, newest, id LIMIT ?) AS found "
            "ORDER BY newest DESC, letters, id LIMIT ?) ORDER BY newest DESC, id",
            start,
            start + MAX_CHARACTER,
            letters,
            letters + MAX_CHARACTER,
            SCAN_LIMIT,
            limit,
        )

    def find_by_all_words(self, words: Sequence[str], limit: int) -> tuple[IndexedName, ...]:
        if not words:
            return ()
        return self._names(
            "WHERE id IN (SELECT id FROM name_words WHERE words @@ ?::tsquery "
            "ORDER BY id LIMIT ?) ORDER BY newest DESC, id LIMIT ?",
            all_of([[[(word, True)]] for word in words]),
            SCAN_LIMIT,
            limit,
        )

    def search_texts(
        self, words: Sequence[str], limit: int, offset: int, *, max_gap: int | None
    ) -> tuple[tuple[int, ...], int]:
        single = [[(word, False)] for word in words]
        if max_gap and len(words) > 1:
            return self._search_near(single, max_gap, (limit, offset))
        phrases = single if max_gap is None else [[token for (token,) in single]]
        match = all_of([[phrase] for phrase in phrases])
        total = self._count_texts(match, MAX_RANKED + 1)
        if total <= MAX_RANKED:
            return self._ranked(_Match(match, phrases), limit, offset), total
        newest = f"SELECT id {_FOUND} ORDER BY id DESC LIMIT ? OFFSET ?"
        return tuple(self._numbers(newest, match, limit, offset)), total

    def find_texts(self, query: TextQuery, limit: int, offset: int) -> tuple[tuple[int, ...], int]:
        parts = [phrases_of(part, as_they_are) for part in query.needed]
        match = match_of(query)
        if not match:
            return (), 0
        condition, values = conditions_of(query, "id")
        total = self._count_texts(match, MAX_COUNT + 1, condition, values)
        is_frequent = (self._count_texts(any_of(part), MAX_RANKED + 1) for part in parts)
        if total > MAX_COUNT or any(count > MAX_RANKED for count in is_frequent):
            newest = f"SELECT id {_FOUND} {condition} ORDER BY id DESC LIMIT ?"
            rows: Sequence[int] = self._numbers(newest, match, *values, MAX_RANKED)
        else:
            phrases = [phrase for part in parts for phrase in part]
            rows = self._ranked(_Match(match, phrases, condition, values), MAX_RANKED, 0)
        named = self._named([phrases_of(part, letters_of_words) for part in query.needed])
        found = sorted(rows, key=lambda number: number not in named)
        return tuple(found[offset : offset + limit]), total

    def _matching(self, query: TextQuery, first: int) -> tuple[str, Sequence[Any]]:
        match = match_of(query)
        if not match:
            return "", ()
        condition, values = conditions_of(query, "id")
        return f"SELECT id {_FOUND} AND id >= ? {condition}", (match, first, *values)

    def _count_texts(
        self, match: str, limit: int, condition: str = "", values: Sequence[str] = ()
    ) -> int:
        counted = f"SELECT count(*) FROM (SELECT 1 {_FOUND} {condition} LIMIT ?) AS found"  # noqa: S608 - ours
        return self._numbers(counted, match, *values, limit)[0]

    def _named(self, parts: Sequence[Sequence[Phrase]]) -> frozenset[int]:
        """Return the papers with the words in a name, of the newest names."""
        if not all(parts):
            return frozenset()
        return frozenset(
            self._numbers(
                "SELECT paper_id FROM (SELECT id FROM name_words WHERE words @@ ?::tsquery "
                "ORDER BY id DESC LIMIT ?) AS found JOIN names USING (id)",
                all_of(parts),
                MAX_COUNT,
            )
        )

    def _texts_with(self, concept: Concept, limit: int) -> list[int]:
        return self._numbers(
            "SELECT id FROM paper_texts WHERE words @@ ?::tsquery ORDER BY id LIMIT ?",
            any_of(phrases_of(concept, index_tokens)),
            limit,
        )

    def _newest_with(self, concept: Concept, limit: int) -> list[int]:
        return self._numbers(
            f"SELECT id {_FOUND} ORDER BY id DESC LIMIT ?",
            any_of(phrases_of(concept, index_tokens)),
            limit,
        )

    def _rows_of_grams(self, grams: Sequence[str]) -> tuple[str, Sequence[Any]]:
        return "SELECT name_id FROM name_grams WHERE gram = ANY(?)", [list(grams)]

    def _names_with(self, concept: Concept, limit: int) -> list[int]:
        return self._numbers(
            "SELECT paper_id FROM name_words JOIN names USING (id) WHERE words @@ ?::tsquery "
            "GROUP BY paper_id ORDER BY min(id) LIMIT ?",
            any_of(phrases_of(concept, letters_of_words)),
            limit,
        )

    def _first_days(self, papers: Sequence[int]) -> list[tuple[int, str]]:
        rows = self._rows(
            "SELECT paper_id, start::text FROM entries JOIN issues ON issues.id = issue_id "
            "WHERE paper_id = ANY(?) ORDER BY entries.id",
            list(papers),
        )
        return [(row[0], row[1]) for row in rows]

    def _ranked(self, wanted: "_Match", limit: int, offset: int) -> tuple[int, ...]:
        """Return a page of what matches: by BM25, and the newest number."""
        average, weights = self._weights(wanted.phrases)
        counted = [occurrences(phrase) for phrase in wanted.phrases]
        counts = ", ".join(f"{each} AS f{place}" for place, (each, _) in enumerate(counted))
        ranked, values = score_expression(weights, average)
        return tuple(
            self._numbers(
                f"SELECT id FROM (SELECT id, length, {counts} FROM paper_texts "  # noqa: S608 - ours
                f"WHERE words @@ ?::tsquery {wanted.condition}) AS found "
                f"ORDER BY {ranked} DESC, id DESC LIMIT ? OFFSET ?",
                *(pattern for _, patterns in counted for pattern in patterns),
                wanted.query,
                *wanted.values,
                *values,
                limit,
                offset,
            )
        )

    def _search_near(
        self, phrases: Sequence[Phrase], max_gap: int, page: tuple[int, int]
    ) -> tuple[tuple[int, ...], int]:
        tokens = [token for ((token, _),) in phrases]
        match = all_of([[phrase] for phrase in phrases])
        if close := near_pairs(tokens, max_gap):
            match = f"{match} & {close}"
        limit, offset = page
        if len(tokens) == _PAIR == len(set(tokens)):
            # The query tells of two that are near each other without their texts.
            newest = f"SELECT id {_FOUND} ORDER BY id DESC LIMIT ?"
            numbers = self._numbers(newest, match, MAX_RANKED + 1)
            if len(numbers) > MAX_RANKED:
                return tuple(numbers[offset : offset + limit]), len(numbers)
            texts: Iterable[tuple[int, int, str]] = self._texts(numbers)
        else:
            texts = self._newest_texts(match)
        found: list[tuple[int, int, list[int]]] = []
        for number, length, text in texts:
            near = near_positions(places_of(tokens, text.split()), max_gap)
            if near[0]:
                found.append((number, length, [len(each) for each in near]))
            if len(found) > MAX_RANKED:
                # Of so many the newest are shown, which came first.
                return tuple(each[0] for each in found[offset : offset + limit]), len(found)
        average, weights = self._weights(phrases)
        scored = [(score(weights, each, long, average), number) for number, long, each in found]
        best = sorted(scored, reverse=True)[offset : offset + limit]
        return tuple(number for _, number in best), len(found)

    def _texts(self, numbers: Sequence[int]) -> list[tuple[Any, ...]]:
        return self._rows("SELECT id, length, text FROM paper_texts WHERE id = ANY(?)", numbers)

    def _newest_texts(self, match: str) -> Iterator[tuple[int, int, str]]:
        """Yield the number, the length and the tokens of the texts that match, newest first."""
        before = _HIGHEST
        while True:
            rows = self._rows(
                f"SELECT id, length, text {_FOUND} AND id < ? ORDER BY id DESC LIMIT ?",
                match,
                before,
                _TEXTS_AT_ONCE,
            )
            yield from rows
            if len(rows) < _TEXTS_AT_ONCE:
                return
            before = rows[-1][0]

    def _weights(self, phrases: Sequence[Phrase]) -> tuple[float, list[float]]:
        """Return the average length of texts, and the inverse frequency of each phrase."""
        # PostgreSQL writes the row anew with every change of texts, by another transaction.
        ((texts, tokens, version),) = self._rows(
            "SELECT texts, tokens, xmin::text FROM text_totals"
        )
        if version != self._version or len(self._frequencies) > _MAX_FREQUENCIES:
            self._version, self._frequencies = version, {}
        weights = [
            inverse_frequency(texts, self._frequency(any_of([phrase]))) for phrase in phrases
        ]
        return tokens / max(texts, 1) or 1.0, weights

    def _frequency(self, phrase: str) -> int:
        if phrase not in self._frequencies:
            counted = "SELECT count(*) FROM paper_texts WHERE words @@ ?::tsquery"
            self._frequencies[phrase] = self._numbers(counted, phrase)[0]
        return self._frequencies[phrase]

    def _numbers(self, statement: str, *values: Any) -> list[int]:
        return [row[0] for row in self._rows(statement, *values)]


@dataclass(frozen=True, slots=True)
class _Match:
    """What texts have to have, and the phrases by which they are ranked."""

    query: str
    phrases: Sequence[Phrase]
    condition: str = ""
    values: Sequence[str] = ()
