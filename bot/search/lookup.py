"""Looks a paper up by name: a sequence of stages, the most certain first."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.lib.normalise import (
    hangul_to_latin_keys,
    index_tokens,
    is_lone_jamo,
    latin_to_hangul_keys,
    letters,
    stem,
    words,
)
from bot.papers.identifiers import find_keys
from bot.ports.archive import IndexedName, SearchIndex
from bot.search.similarity import coverage, max_typos, similarity_score

MAX_QUERY_LENGTH = 300
"""Characters of a query that are read; the rest is ignored."""

_MAX_CANDIDATES = 200
"""Maximum number of names that a stage compares."""

_MAX_FUZZY_CANDIDATES = 60
"""Maximum number of names with common trigrams that are compared letter by letter."""

_MIN_LAYOUT_LENGTH = 3
"""Minimum letters for the other keyboard layout; shorter input is ambiguous."""

_MAX_WORD_GAP = 8
"""Maximum number of other words between the words of a phrase."""

_MIN_PHRASE_WORDS = 3
"""Minimum words of a phrase with gaps; shorter phrases must be contiguous."""

_MAX_SUGGESTIONS = 3
_MIN_SIMILARITY = 45.0
"""Minimum similarity (0 to 100) of a suggested name."""

_MIN_LEAD = 8.0
"""Minimum lead (0 to 100) of the best hit over the next to be shown alone."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A candidate paper."""

    paper_id: int
    score: float
    """0 to 100; comparable within one query only."""
    newest_ordinal: int
    stage: str
    name: str


@dataclass(frozen=True, slots=True)
class StageResult:
    """The hits of one stage."""

    stage: str
    hits: tuple[Hit, ...]

    def __str__(self) -> str:
        found = ", ".join(f"{hit.name} ({hit.score:.0f})" for hit in self.hits)
        return f"{self.stage}: {found or 'nothing'}"


@dataclass(frozen=True, slots=True)
class LookupResult:
    """The result of a look-up."""

    hits: tuple[Hit, ...] = ()
    """Matching papers, best first; the newer first on equal scores."""
    suggestions: tuple[Hit, ...] = ()
    """The nearest names where no paper matches."""
    steps: tuple[StageResult, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Whether the first hit can be shown without a choice."""
        if len(self.hits) == 1:
            return True
        return bool(self.hits) and self.hits[0].score - self.hits[1].score >= _MIN_LEAD


def look_up(index: SearchIndex, query: str, limit: int = 5) -> LookupResult:
    """Return the papers that match a query; the first stage with hits ends the search."""
    asked = query.strip()[:MAX_QUERY_LENGTH]
    steps: list[StageResult] = []
    for name, stage in _STAGES:
        hits = _best(stage(index, asked), limit)
        steps.append(StageResult(name, hits))
        if hits:
            return LookupResult(hits, (), tuple(steps))
    nearest = _best(_match_similar(index, asked), _MAX_SUGGESTIONS)
    return LookupResult((), nearest, (*steps, StageResult("nearest", nearest)))


def _match_keys(index: SearchIndex, asked: str) -> Iterable[Hit]:
    keys = find_keys(asked)
    for number in index.find_by_keys(keys):
        yield Hit(number, 100, 0, "key", ", ".join(keys))


def _match_exact_name(index: SearchIndex, asked: str) -> Iterable[Hit]:
    spelt = letters(asked)
    if spelt:
        yield from _hits(index.find_exact(spelt, _MAX_CANDIDATES), "equal", lambda _: 100)


def _match_partial_name(index: SearchIndex, asked: str) -> Iterable[Hit]:
    spelt = letters(asked)
    if not spelt:
        return
    names = index.find_by_prefix(spelt, _MAX_CANDIDATES)
    yield from _hits(names, "beginning", lambda name: 85 + 10 * coverage(spelt, name))
    names = index.find_by_word_prefix(spelt, _MAX_CANDIDATES)
    yield from _hits(names, "start", lambda name: 75 + 10 * coverage(spelt, name))
    stems = [letters(stem(word)) for word in words(asked)]
    names = index.find_by_all_words([each for each in stems if each], _MAX_CANDIDATES)
    whole = "".join(stems)
    yield from _hits(names, "words", lambda name: 70 + 10 * coverage(whole, name))


def _match_other_layout(index: SearchIndex, asked: str) -> Iterable[Hit]:
    spelt = letters(asked)
    for meant in (hangul_to_latin_keys(asked), latin_to_hangul_keys(asked)):
        # Input whose script stays the same was not typed on the other layout.
        if len(meant) >= _MIN_LAYOUT_LENGTH and is_lone_jamo(spelt) != is_lone_jamo(meant):
            yield from _match_converted(index, meant)


def _match_converted(index: SearchIndex, meant: str) -> Iterable[Hit]:
    names = index.find_by_prefix(meant, _MAX_CANDIDATES) + index.find_by_word_prefix(
        meant, _MAX_CANDIDATES
    )
    yield from _hits(names, "other keys", lambda name: 60 + 30 * coverage(meant, name))


def _match_typos(index: SearchIndex, asked: str) -> Iterable[Hit]:
    spelt = letters(asked)
    if not max_typos(spelt):
        return
    for hit in _match_similar(index, asked):
        if hit.score >= 100 * (1 - max_typos(spelt) / len(spelt)):
            yield hit


def _match_similar(index: SearchIndex, asked: str) -> Iterable[Hit]:
    spelt = letters(asked)
    if not spelt:
        return
    typed = [letters(word) for word in words(asked)]
    for hit in _hits(
        index.find_similar(spelt, _MAX_FUZZY_CANDIDATES),
        "alike",
        lambda name: similarity_score(spelt, typed, name),
    ):
        if hit.score >= _MIN_SIMILARITY:
            yield hit


def _match_texts(index: SearchIndex, asked: str) -> Iterable[Hit]:
    spoken = index_tokens(asked)
    if len(words(asked)) < 2 and len(spoken) < _MIN_PHRASE_WORDS:  # noqa: PLR2004 - one word is no phrase
        return
    numbers, _ = index.search_texts(spoken, _MAX_CANDIDATES, 0, max_gap=0)
    if not numbers and len(spoken) >= _MIN_PHRASE_WORDS:
        numbers, _ = index.search_texts(spoken, _MAX_CANDIDATES, 0, max_gap=_MAX_WORD_GAP)
    for place, number in enumerate(numbers):
        yield Hit(number, max(60.0 - place, 0), 0, "text", asked)


_STAGES: tuple[tuple[str, Callable[[SearchIndex, str], Iterable[Hit]]], ...] = (
    ("key", _match_keys),
    ("equal", _match_exact_name),
    ("part", _match_partial_name),
    ("other keys", _match_other_layout),
    ("mistyped", _match_typos),
    ("text", _match_texts),
)


def _hits(
    names: Sequence[IndexedName], stage: str, score: Callable[[IndexedName], float]
) -> Iterable[Hit]:
    for name in names:
        yield Hit(name.paper_id, score(name), name.newest_ordinal, stage, name.name)


def _best(hits: Iterable[Hit], limit: int) -> tuple[Hit, ...]:
    """Return the best hit of each paper, best first, the newer first among equals."""
    found: dict[int, Hit] = {}
    for hit in hits:
        if hit.paper_id not in found or hit.score > found[hit.paper_id].score:
            found[hit.paper_id] = hit
    ordered = sorted(found.values(), key=lambda hit: (-round(hit.score, 1), -hit.newest_ordinal))
    return tuple(ordered[:limit])


@dataclass(frozen=True, slots=True)
class NameCompletion:
    """A completion of a paper's name."""

    paper_id: int
    name: str


def complete_name(index: SearchIndex, prefix: str, limit: int = 25) -> tuple[NameCompletion, ...]:
    """Return papers whose name has this prefix, newest first, then those with such a word."""
    spelt = letters(prefix[:MAX_QUERY_LENGTH])
    if not spelt:
        return ()
    found: dict[int, str] = {}
    for ask in (index.find_by_prefix, index.find_by_word_prefix):
        if len(found) < limit:
            for name in ask(spelt, 2 * limit):
                found.setdefault(name.paper_id, name.name)
    return tuple(NameCompletion(number, name) for number, name in found.items())[:limit]
