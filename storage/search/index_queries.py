"""Reads the look-up index, with what is the same on every database."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from bot.lib.normalise import initial_consonants, is_lone_jamo
from bot.model.papers import Paper
from bot.model.weeks import Month
from bot.ports.search_index import Concept, ConceptMatches, IndexedName, SearchIndex, TextQuery
from storage.archive.queries import find_papers
from storage.reader import DriverReader, question_marks
from storage.schema.json_values import load_json
from storage.search.index_tables import (
    HEAD_LENGTHS,
    HEAD_MARK,
    INITIALS_MARK,
    SOUND_MARK,
    START_LENGTH,
    deletion_variants,
    trigrams,
)
from storage.search.vectors import VectorSearch

MAX_CHARACTER = "\U0010ffff"
"""Sorts after every letter; the end of a prefix range."""

SCAN_LIMIT = 2000
"""Maximum number of names with one prefix that are scanned for the newest."""

MAX_RANKED = 5_000
"""Maximum number of texts that are ranked by their words; of more the newest come first."""

_MAX_GRAMS = 100
"""Maximum number of trigrams of one query; SQLite allows 500 parts of a compound statement."""

_MARK_BUDGET = 20_000
"""Maximum number of papers with frequent concepts that are compared with those known already."""

_GRAM_BUDGET = 20_000
"""Maximum number of trigram rows read for one query; it bounds the time at any size."""


class IndexQueries(SearchIndex, ABC):
    """Fulfils `bot.ports.search_index.SearchIndex` but for what needs the words of texts.

    Where a limit cuts, and where order decides, ties are broken in the same way by every database.
    """

    def __init__(self, reader: DriverReader) -> None:
        self.reader = reader
        """Reads what else is in the database, with the same connection."""
        self._vectors = VectorSearch(self._rows)

    def close(self) -> None:
        """Close the connection."""
        self.reader.close()

    def _rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return what a statement selects; its parameters are question marks."""
        found: list[tuple[Any, ...]] = self.reader.execute(statement, values).fetchall()
        return found

    @abstractmethod
    def _texts_with(self, concept: Concept, limit: int) -> list[int]:
        """Return the papers whose texts mention a concept, by number."""

    @abstractmethod
    def _newest_with(self, concept: Concept, limit: int) -> list[int]:
        """Return the newest papers whose texts mention a concept."""

    @abstractmethod
    def _names_with(self, concept: Concept, limit: int) -> list[int]:
        """Return the papers with a name that mentions a concept, by the number of the name."""

    @abstractmethod
    def _rows_of_grams(self, grams: Sequence[str]) -> tuple[str, Sequence[Any]]:
        """Return a SELECT of `name_id`, a row for each gram that a name has, and its values."""

    @abstractmethod
    def _matching(self, query: TextQuery, first: int) -> tuple[str, Sequence[Any]]:
        """Return a SELECT of the numbers of all papers that match, from `first`, and its values.

        It is empty where the query asks for no words.
        """

    @abstractmethod
    def _first_days(self, papers: Sequence[int]) -> list[tuple[int, str]]:
        """Return each of these papers with the first days of its issues, in the form of ISO."""

    def papers(self, numbers: Sequence[int]) -> tuple[Paper, ...]:
        return find_papers(self.reader, numbers)

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

    def matches_by_month(
        self, queries: Sequence[TextQuery], since: date | None = None
    ) -> tuple[Mapping[Month, int], ...]:
        day = (since or date.min).isoformat()
        first = self._first_paper_since(day) if since and queries else 0
        return tuple(self._months_of(query, first, day) for query in queries)

    def _first_paper_since(self, day: str) -> int:
        """Return the least number of the papers of issues from a day on: no other text is read."""
        found = self._rows(
            "SELECT min(paper_id) FROM entries JOIN issues ON issues.id = issue_id "
            "WHERE start >= ?",
            day,
        )
        return int(found[0][0] or 0)

    def _months_of(self, query: TextQuery, first: int, day: str) -> Mapping[Month, int]:
        matching, values = self._matching(query, first)
        if not matching:
            return {}
        # Every database writes a day in the form of ISO.
        listed = (
            "SELECT paper_id, substr(CAST(start AS TEXT), 1, 7) AS month FROM entries "
            "JOIN issues ON issues.id = issue_id WHERE start >= ? AND paper_id IN "
        )
        counted = "SELECT month, count(DISTINCT paper_id)"
        rows = self._rows(
            f"{counted} FROM ({listed} ({matching})) AS found GROUP BY month", day, *values
        )
        return {Month(*map(int, month.split("-"))): count for month, count in rows}

    def find_exact(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        return self._names(
            "WHERE letters = ? ORDER BY newest DESC, id DESC LIMIT ?", letters, limit
        )

    def find_by_prefix(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        if len(letters) in HEAD_LENGTHS:
            return self._names_with_start(HEAD_MARK + letters, limit)
        return self._names_by_prefix(letters, limit)

    def _names_by_prefix(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        return self._names(
            # The two inner queries use the index on letters alone.
            "WHERE id IN (SELECT id FROM (SELECT id, newest, letters FROM names "
            "WHERE letters >= ? AND letters < ? ORDER BY letters, newest, id LIMIT ?) AS found "
            "ORDER BY newest DESC, letters, id LIMIT ?) ORDER BY newest DESC, id",
            letters,
            letters + MAX_CHARACTER,
            SCAN_LIMIT,
            limit,
        )

    def find_by_word_prefix(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        start = letters[:START_LENGTH]
        found = self._names_by_start(start, limit)
        if is_lone_jamo(letters):
            found += self._names_by_start(INITIALS_MARK + start, limit)
        return tuple(
            name
            for name in found
            if len(letters) <= START_LENGTH
            or letters in name.letters
            or letters in initial_consonants(name.name)
        )

    def _names_with_start(self, start: str, limit: int) -> tuple[IndexedName, ...]:
        return self._names(
            "WHERE id IN (SELECT name_id FROM name_starts WHERE start = ? "
            "ORDER BY newest DESC, name_id DESC LIMIT ?) ORDER BY newest DESC, id",
            start,
            limit,
        )

    def _names_by_start(self, start: str, limit: int) -> tuple[IndexedName, ...]:
        return self._names(
            # The inner query follows the order of the table: it ends after the scan limit.
            "WHERE id IN (SELECT name_id FROM (SELECT name_id, newest, start FROM name_starts "
            "WHERE start >= ? AND start <= ? ORDER BY start, newest, name_id LIMIT ?) AS found "
            "ORDER BY newest DESC, start, name_id LIMIT ?) ORDER BY newest DESC, id",
            start,
            start + MAX_CHARACTER,
            SCAN_LIMIT,
            limit,
        )

    def find_similar(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        grams = sorted(trigrams(letters) | deletion_variants(letters))
        marks = question_marks(len(grams))
        counted = sorted(
            self._rows(
                f"SELECT count, gram FROM gram_counts WHERE gram IN ({marks})",  # noqa: S608 - marks
                *grams,
            )
        )
        chosen: list[str] = []
        spent = 0
        for count, gram in counted[:_MAX_GRAMS]:
            if chosen and spent + count > _GRAM_BUDGET:
                break
            chosen.append(gram)
            spent += count
        if not chosen:
            return ()
        each, values = self._rows_of_grams(chosen)
        return self._names(
            f"JOIN (SELECT name_id, count(*) AS shared FROM ({each}) AS shared_grams "  # noqa: S608 - ours
            "GROUP BY name_id ORDER BY shared DESC, name_id LIMIT ?) AS found "
            "ON found.name_id = names.id ORDER BY found.shared DESC, newest DESC, id",
            *values,
            limit,
        )

    def find_by_sound(self, sound: str, limit: int) -> tuple[IndexedName, ...]:
        start = SOUND_MARK + sound[:START_LENGTH]
        return self._names_with_start(start, limit) + self._names_by_start(start, limit)

    def match_concepts(self, concepts: Sequence[Concept], limit: int) -> ConceptMatches:
        texts: dict[int, set[int]] = {}
        names: dict[int, set[int]] = {}
        frequencies = [0] * len(concepts)
        common: list[int] = []
        for place, concept in enumerate(concepts):
            found = self._texts_with(concept, limit + 1) if concept else []
            frequencies[place] = len(found)
            if len(found) > limit:
                common.append(place)
                continue
            for number in found:
                texts.setdefault(number, set()).add(place)
        for place in common:
            newest = self._newest_with(concepts[place], _MARK_BUDGET // len(common))
            for number in texts.keys() & set(newest):
                texts[number].add(place)
        for place, concept in enumerate(concepts):
            for number in self._names_with(concept, limit) if concept else ():
                names.setdefault(number, set()).add(place)
        (total,) = self._rows("SELECT count(*) FROM papers")[0]
        return ConceptMatches(total, tuple(frequencies), _frozen(texts), _frozen(names))

    def days_of(self, papers: Sequence[int]) -> Mapping[int, tuple[date, ...]]:
        found: dict[int, list[date]] = {}
        for number, start in self._first_days(papers):
            found.setdefault(number, []).append(date.fromisoformat(start))
        return {number: tuple(days) for number, days in found.items()}

    def texts(self, papers: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
        if not papers:
            return {}
        marks = question_marks(len(papers))
        found: dict[int, dict[str, None]] = {}
        for number, *columns in self._rows(
            "SELECT paper_id, CAST(summaries AS TEXT), CAST(abstracts AS TEXT), "  # noqa: S608 - marks
            "CAST(titles AS TEXT) FROM entries "
            f"WHERE paper_id IN ({marks}) ORDER BY id",
            *papers,
        ):
            texts = found.setdefault(number, {})
            for column in columns:
                texts |= dict.fromkeys(load_json(column).values())
        for number, authors, abstract in self._rows(
            "SELECT papers.id, CAST(authors AS TEXT), abstract FROM records "  # noqa: S608 - marks
            f"JOIN papers USING (key) WHERE papers.id IN ({marks})",
            *papers,
        ):
            found.setdefault(number, {})[", ".join(load_json(authors))] = None
            found[number][abstract] = None
        return {number: tuple(texts) for number, texts in found.items()}

    def has_vectors(self, model: str) -> bool:
        return self._vectors.has_any(model)

    def vector_of(self, model: str, paper: int) -> bytes | None:
        return self._vectors.of(model, paper)

    def find_nearest(
        self, model: str, vector: bytes, limit: int, also: Collection[int] = ()
    ) -> tuple[tuple[int, float], ...]:
        return self._vectors.nearest(model, vector, limit, also)

    def _names(self, condition: str, *values: object) -> tuple[IndexedName, ...]:
        rows = self._rows(
            f"SELECT paper_id, name, letters, newest FROM names {condition}",  # noqa: S608 - ours
            *values,
        )
        return tuple(IndexedName(*row) for row in rows)


def conditions_of(query: TextQuery, paper: str) -> tuple[str, list[str]]:
    """Return the conditions of a query's filters on the column of a paper, and their values."""
    of_tag = f"AND {paper} IN (SELECT paper_id FROM paper_tags WHERE tag = ?)"  # noqa: S608 - ours
    found = [of_tag] * len(query.tags)
    values = list(query.tags)
    if query.days:
        found.append(
            f"AND {paper} IN (SELECT paper_id FROM entries JOIN issues ON issues.id = issue_id "  # noqa: S608 - ours
            'WHERE start <= ? AND "end" >= ?)'
        )
        values += [query.days[1].isoformat(), query.days[0].isoformat()]
    return " ".join(found), values


def _frozen(marks: Mapping[int, set[int]]) -> Mapping[int, frozenset[int]]:
    return {number: frozenset(places) for number, places in marks.items()}
