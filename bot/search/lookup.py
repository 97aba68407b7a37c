"""Finds the paper that somebody means: a row of stages, the surest first."""

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
from bot.papers.identifiers import keys_in
from bot.ports.archive import IndexedName, SearchIndex
from bot.search.similarity import coverage, likeness, tolerated

LONGEST = 300
"""How many characters of a query are read; nobody remembers more of a name."""

_WIDE = 200
"""How many names a stage compares."""

_COMPARED = 60
"""How many names that share runs of letters are compared letter by letter."""

_SHORTEST_KEYED = 3
"""Fewer letters typed on the wrong layout mean too many things."""

_CLOSE_WORDS = 8
"""How many other words may stand between the words of a remembered phrase."""

_FEW_WORDS = 3
"""Fewer words than these are only a phrase when they stand side by side."""

_SUGGESTED = 3
_NEAREST = 45.0
"""How alike (of 100) a name has to be to what was asked to be suggested."""

_AHEAD = 8.0
"""How far (of 100) the best has to be ahead of the next to be shown alone."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper that may be meant."""

    paper_id: int
    score: float
    """0 to 100; it compares hits of one query, not of different ones."""
    newest: int
    stage: str
    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """What a stage found."""

    stage: str
    hits: tuple[Hit, ...]

    def __str__(self) -> str:
        found = ", ".join(f"{hit.name} ({hit.score:.0f})" for hit in self.hits)
        return f"{self.stage}: {found or 'nothing'}"


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a query."""

    hits: tuple[Hit, ...] = ()
    """Papers close enough to be offered, best first, the newer first among equals."""
    suggestions: tuple[Hit, ...] = ()
    """The nearest names where no paper is close enough."""
    steps: tuple[Step, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Whether the first hit can be shown without asking."""
        if len(self.hits) == 1:
            return True
        return bool(self.hits) and self.hits[0].score - self.hits[1].score >= _AHEAD


def look_up(index: SearchIndex, query: str, limit: int = 5) -> Found:
    """Return the papers that a query may mean; a stage that finds any ends the search."""
    asked = query.strip()[:LONGEST]
    steps: list[Step] = []
    for name, stage in _STAGES:
        hits = _best(stage(index, asked), limit)
        steps.append(Step(name, hits))
        if hits:
            return Found(hits, (), tuple(steps))
    nearest = _best(_near(index, asked), _SUGGESTED)
    return Found((), nearest, (*steps, Step("nearest", nearest)))


def _by_key(index: SearchIndex, asked: str) -> Iterable[Hit]:
    keys = keys_in(asked)
    for number in index.find_by_keys(keys):
        yield Hit(number, 100, 0, "key", ", ".join(keys))


def _equal(index: SearchIndex, asked: str) -> Iterable[Hit]:
    spelt = letters(asked)
    if spelt:
        yield from _hits(index.find_exact(spelt, _WIDE), "equal", lambda _: 100)


def _in_part(index: SearchIndex, asked: str) -> Iterable[Hit]:
    spelt = letters(asked)
    if not spelt:
        return
    names = index.find_by_prefix(spelt, _WIDE)
    yield from _hits(names, "beginning", lambda name: 85 + 10 * coverage(spelt, name))
    names = index.find_by_word_prefix(spelt, _WIDE)
    yield from _hits(names, "start", lambda name: 75 + 10 * coverage(spelt, name))
    stems = [letters(stem(word)) for word in words(asked)]
    names = index.find_by_all_words([each for each in stems if each], _WIDE)
    whole = "".join(stems)
    yield from _hits(names, "words", lambda name: 70 + 10 * coverage(whole, name))


def _on_other_keys(index: SearchIndex, asked: str) -> Iterable[Hit]:
    spelt = letters(asked)
    for meant in (hangul_to_latin_keys(asked), latin_to_hangul_keys(asked)):
        # Only what changes its script was typed on the other layout.
        if len(meant) >= _SHORTEST_KEYED and is_lone_jamo(spelt) != is_lone_jamo(meant):
            yield from _meant(index, meant)


def _meant(index: SearchIndex, meant: str) -> Iterable[Hit]:
    names = index.find_by_prefix(meant, _WIDE) + index.find_by_word_prefix(meant, _WIDE)
    yield from _hits(names, "other keys", lambda name: 60 + 30 * coverage(meant, name))


def _mistyped(index: SearchIndex, asked: str) -> Iterable[Hit]:
    spelt = letters(asked)
    if not tolerated(spelt):
        return
    for hit in _near(index, asked):
        if hit.score >= 100 * (1 - tolerated(spelt) / len(spelt)):
            yield hit


def _near(index: SearchIndex, asked: str) -> Iterable[Hit]:
    spelt = letters(asked)
    if not spelt:
        return
    typed = [letters(word) for word in words(asked)]
    for hit in _hits(
        index.find_similar(spelt, _COMPARED), "alike", lambda name: likeness(spelt, typed, name)
    ):
        if hit.score >= _NEAREST:
            yield hit


def _in_texts(index: SearchIndex, asked: str) -> Iterable[Hit]:
    spoken = index_tokens(asked)
    if len(words(asked)) < 2 and len(spoken) < _FEW_WORDS:  # noqa: PLR2004 - one word is no phrase
        return
    numbers, _ = index.search_texts(spoken, _WIDE, 0, max_gap=0)
    if not numbers and len(spoken) >= _FEW_WORDS:
        numbers, _ = index.search_texts(spoken, _WIDE, 0, max_gap=_CLOSE_WORDS)
    for place, number in enumerate(numbers):
        yield Hit(number, max(60.0 - place, 0), 0, "text", asked)


_STAGES: tuple[tuple[str, Callable[[SearchIndex, str], Iterable[Hit]]], ...] = (
    ("key", _by_key),
    ("equal", _equal),
    ("part", _in_part),
    ("other keys", _on_other_keys),
    ("mistyped", _mistyped),
    ("text", _in_texts),
)


def _hits(
    names: Sequence[IndexedName], stage: str, score: Callable[[IndexedName], float]
) -> Iterable[Hit]:
    for name in names:
        yield Hit(name.paper_id, score(name), name.newest, stage, name.name)


def _best(hits: Iterable[Hit], limit: int) -> tuple[Hit, ...]:
    """Return the best hit of each paper, best first, the newer first among equals."""
    found: dict[int, Hit] = {}
    for hit in hits:
        if hit.paper_id not in found or hit.score > found[hit.paper_id].score:
            found[hit.paper_id] = hit
    ordered = sorted(found.values(), key=lambda hit: (-round(hit.score, 1), -hit.newest))
    return tuple(ordered[:limit])


@dataclass(frozen=True, slots=True)
class Completion:
    """A paper that may be meant while its name is typed."""

    paper_id: int
    name: str


def complete(index: SearchIndex, prefix: str, limit: int = 25) -> tuple[Completion, ...]:
    """Return papers with a name that begins so, the newest first; then those with such a word."""
    spelt = letters(prefix[:LONGEST])
    if not spelt:
        return ()
    found: dict[int, str] = {}
    for ask in (index.find_by_prefix, index.find_by_word_prefix):
        if len(found) < limit:
            for name in ask(spelt, 2 * limit):
                found.setdefault(name.paper_id, name.name)
    return tuple(Completion(number, name) for number, name in found.items())[:limit]
