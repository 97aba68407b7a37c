"""Says how alike what was typed and a name are (pure)."""

import re
from collections.abc import Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from bot.lib.normalise import letters, words
from bot.ports.archive import IndexedName

_NUMBER = re.compile(r"\d+")

_NO_MISTAKE = 4
"""In fewer letters a mistake makes another word."""

_ONE_MISTAKE = 8
_TWO_MISTAKES = 15
_MIN_PARTIAL_LENGTH = 6
"""From so many letters on, a part of a name may be mistyped as well."""

_PARTIAL_PENALTY = 3.0
"""What it costs (of 100) to be like a part of a name only."""


def max_typos(spelt: str) -> int:
    """Return how many mistakes a name of so many letters may have."""
    if len(spelt) < _NO_MISTAKE:
        return 0
    if len(spelt) < _ONE_MISTAKE:
        return 1
    return 2 if len(spelt) < _TWO_MISTAKES else 3


def coverage(spelt: str, name: IndexedName) -> float:
    """Return how much of a name was typed, 0 to 1."""
    return min(len(spelt) / max(len(name.letters), 1), 1)


def similarity_score(spelt: str, typed: Sequence[str], name: IndexedName) -> float:
    """Return how alike these letters, typed as these words, and a name are: 0 to 100.

    The best of three: the whole name, a part of it, or its words in any order.
    """
    if not _digits(spelt) <= _digits(name.letters):
        return 0  # a mistaken number is another paper: Llama 2 is not Llama 3
    whole = 100 * OSA.normalized_similarity(spelt, name.letters)
    if whole >= 100 * (1 - max_typos(spelt) / len(spelt)):
        return whole
    return max(whole, _partial_score(spelt, name.letters), _words_score(typed, name.name))


def _digits(spelt: str) -> set[str]:
    return set(_NUMBER.findall(spelt))


def _partial_score(spelt: str, whole: str) -> float:
    if len(spelt) < _MIN_PARTIAL_LENGTH or len(whole) <= len(spelt):
        return 0
    found = fuzz.partial_ratio_alignment(spelt, whole)
    if found is None:
        return 0
    start = max(found.dest_start - 1, 0)
    best = min(
        OSA.distance(spelt, whole[first:last])
        for first in range(start, found.dest_start + 2)
        for last in range(found.dest_end - 1, found.dest_end + 2)
    )
    return 100 * (1 - best / len(spelt)) - _PARTIAL_PENALTY


def _words_score(typed: Sequence[str], name: str) -> float:
    """Return how alike the worst of the typed words is to its best partner in the name."""
    if len(typed) < 2:  # noqa: PLR2004 - one word is compared as letters
        return 0
    own = [letters(word) for word in words(name)]
    mistakes = 0
    for word in typed:
        costs = [
            OSA.distance(word, other[: len(word) + 1] if len(other) > len(word) else other)
            for other in own
        ]
        distances = (_prefix_distance(word, *pair) for pair in zip(own, costs, strict=True))
        cost = min(distances, default=len(word))
        if cost > max_typos(word):
            return 0
        mistakes += cost
    return 100 * (1 - mistakes / max(sum(map(len, typed)), 1)) - _PARTIAL_PENALTY


def _prefix_distance(word: str, other: str, cost: int) -> int:
    """Return the distance to the beginning of a longer word, where that is nearer."""
    return min(cost, OSA.distance(word, other[: len(word)])) if len(other) > len(word) else cost
