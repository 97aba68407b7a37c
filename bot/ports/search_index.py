"""The search index of the archive, as the look-up asks storage for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.model.papers import Paper
from bot.model.weeks import Month

MAX_COUNT = 1_000
"""Results of a full-text search are counted up to this number."""
Concept = Sequence[Sequence[str]]
"""Alternatives for one idea, each a sequence of words; a word that ends in `*` is a prefix."""


@dataclass(frozen=True, slots=True)
class IndexedName:
    """One name of one paper in the look-up index."""

    paper_id: int
    name: str
    letters: str
    """The name's letters alone; see `bot.lib.normalise.letters`."""
    newest_ordinal: int
    """The day of the paper's newest appearance, as an ordinal."""


@dataclass(frozen=True, slots=True)
class TextQuery:
    """A query of the full text, in tokens; see `bot.lib.normalise.index_tokens`."""

    needed: tuple[tuple[tuple[str, ...], ...], ...]
    """What has to occur: for each part its spellings, each a phrase."""
    excluded: tuple[tuple[str, ...], ...] = ()
    """Phrases that must not occur."""
    tags: tuple[str, ...] = ()
    """Tags that the papers have."""
    days: tuple[date, date] | None = None
    """First and last day of a period in which an issue lists the papers."""


@dataclass(frozen=True, slots=True)
class ConceptMatches:
    """Which papers mention which of some concepts."""

    total: int
    """Number of papers in the index."""
    frequencies: tuple[int, ...]
    """Number of papers that mention each concept, counted up to the limit."""
    in_texts: Mapping[int, frozenset[int]]
    """For each paper the positions of the concepts in its texts."""
    in_names: Mapping[int, frozenset[int]]
    """For each paper the positions of the concepts in its names."""


class SearchIndex(Protocol):
    """The look-up index; synchronous, called from a worker thread.

    Every method bounds its work, whatever the size of the archive.
    """

    def papers(self, numbers: Sequence[int]) -> tuple[Paper, ...]:
        """Return papers as `Archive.papers` does, for a query that shows what it found."""
        ...

    def find_by_keys(self, keys: Sequence[str]) -> tuple[int, ...]:
        """Return the papers with any of these keys, in the order of the keys."""
        ...

    def find_exact(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        """Return names with exactly these letters, newest first."""
        ...

    def find_by_prefix(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        """Return names that begin with these letters, newest first."""
        ...

    def find_by_word_prefix(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        """Return names in which a word, or a sequence of words, begins with these letters.

        Korean names are also found by the initial consonants of their syllables.
        """
        ...

    def find_by_all_words(self, words: Sequence[str], limit: int) -> tuple[IndexedName, ...]:
        """Return names in which words begin with each of these, newest first."""
        ...

    def find_by_sound(self, sound: str, limit: int) -> tuple[IndexedName, ...]:
        """Return names with a word whose sound begins so; see `bot.lib.transliteration.sounds`."""
        ...

    def match_concepts(self, concepts: Sequence[Concept], limit: int) -> ConceptMatches:
        """Return papers that mention any of these concepts in their texts or names.

        `limit`: maximum number of papers that one concept brings; a more frequent one is only
        looked for in the papers that the rarer ones bring.
        """
        ...

    def days_of(self, papers: Sequence[int]) -> Mapping[int, tuple[date, ...]]:
        """Return the first days of the issues that list each paper."""
        ...

    def find_similar(self, letters: str, limit: int) -> tuple[IndexedName, ...]:
        """Return names that share rare trigrams with these letters, the most shared first."""
        ...

    def search_texts(
        self, words: Sequence[str], limit: int, offset: int, *, max_gap: int | None
    ) -> tuple[tuple[int, ...], int]:
        """Return papers whose texts have all these tokens, best first, and their total number.

        `max_gap`: maximum number of other tokens between them; 0 for a phrase, None for any.
        """
        ...

    def find_texts(self, query: TextQuery, limit: int, offset: int) -> tuple[tuple[int, ...], int]:
        """Return papers that match, those with the words in a name first, then the best.

        Also returns their number, counted up to one more than `MAX_COUNT`.
        """
        ...

    def matches_by_month(
        self, queries: Sequence[TextQuery], since: date | None = None
    ) -> tuple[Mapping[Month, int], ...]:
        """Return, for each query, the papers that match in the issues of each month.

        See `Archive.papers_by_month`.
        """
        ...

    def texts(self, papers: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
        """Return the titles, summaries and abstracts of papers."""
        ...

    def has_vectors(self, model: str) -> bool:
        """Tell whether any paper has a vector of a model."""
        ...

    def vector_of(self, model: str, paper: int) -> bytes | None:
        """Return the vector of a paper; see `bot.ports.embedder`."""
        ...

    def find_nearest(
        self, model: str, vector: bytes, limit: int, also: Collection[int] = ()
    ) -> tuple[tuple[int, float], ...]:
        """Return the papers whose vectors are nearest, each with its cosine (-1 to 1).

        The papers of `also` are among them however far they are, if they have a vector.
        """
        ...


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage of a text with matches."""

    paper_id: int
    parts: tuple[tuple[str, bool], ...]
    """The passage in parts: the text, and whether it is a match."""


@dataclass(frozen=True, slots=True)
class TextSearchResult:
    """A page of full-text results."""

    hits: tuple[Snippet, ...]
    total: int
