"""Scores the similarity of a query and a name (pure)."""

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from bot.lib.normalise import fold, letters, words
from bot.ports.search_index import IndexedName

_NUMBER = re.compile(r"\d+")
_VERSION_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_VERSION = re.compile(r"[a-z]\d+")

_MIN_FUZZY_LENGTH = 4
"""Shorter input allows no mistake: one makes another word."""

_ONE_TYPO_BELOW = 8
_TWO_TYPOS_BELOW = 15
_MIN_PARTIAL_LENGTH = 6
"""Minimum letters to compare with a part of a name."""

_PARTIAL_PENALTY = 3.0
"""Deducted (of 100) where only a part of a name is similar."""


def max_typos(typed_letters: str) -> int:
    """Return the number of typing mistakes allowed for this many letters."""
    if len(typed_letters) < _MIN_FUZZY_LENGTH:
        return 0
    if len(typed_letters) < _ONE_TYPO_BELOW:
        return 1
    return 2 if len(typed_letters) < _TWO_TYPOS_BELOW else 3


def coverage(typed_letters: str, name: IndexedName) -> float:
    """Return the share of a name that was typed, 0 to 1."""
    return min(len(typed_letters) / max(len(name.letters), 1), 1)


def similarity_score(typed_letters: str, typed_words: Sequence[str], name: IndexedName) -> float:
    """Return the similarity of letters, typed as these words, and a name: 0 to 100.

    It is the best of three: whole name, part of it, words in any order.
    """
    numbers = _digits(typed_letters)
    if numbers and not numbers <= _digits(name.letters):
        return 0  # a mistaken number is another paper: Llama 2 is not Llama 3
    versions = _versions(typed_words)
    if versions and not versions <= set(words(name.name)):
        return 0  # DeepSeek-R2 is not DeepSeek-V2
    whole = 100 * OSA.normalized_similarity(typed_letters, name.letters)
    if whole >= 100 * (1 - max_typos(typed_letters) / len(typed_letters)):
        return whole
    return max(
        whole, _partial_score(typed_letters, name.letters), _words_score(typed_words, name.name)
    )


def has_numbers(asked: str, name: str) -> bool:
    """Tell whether a name has each number of a query, or goes on after it.

    `Claude 3` may be Claude 3.5, but `Claude 5` is not, and Llama 3.2 is not `Llama 3.3`.
    """
    own = [number.split(".") for number in _VERSION_NUMBER.findall(fold(name))]
    return all(
        any(whole[: len(number)] == number for whole in own)
        for number in (typed.split(".") for typed in _VERSION_NUMBER.findall(fold(asked)))
    )


def _digits(typed_letters: str) -> set[str]:
    return set(_NUMBER.findall(typed_letters))


def _versions(typed_words: Sequence[str]) -> set[str]:
    """Return the words that are a letter and a number, such as `r1`."""
    return {word for word in typed_words if _VERSION.fullmatch(word)}


def _partial_score(typed_letters: str, whole: str) -> float:
    if len(typed_letters) < _MIN_PARTIAL_LENGTH or len(whole) <= len(typed_letters):
        return 0
    found = fuzz.partial_ratio_alignment(typed_letters, whole)
    if found is None:
        return 0
    start = max(found.dest_start - 1, 0)
    best = min(
        OSA.distance(typed_letters, whole[first:last])
        for first in range(start, found.dest_start + 2)
        for last in range(found.dest_end - 1, found.dest_end + 2)
    )
    return 100 * (1 - best / len(typed_letters)) - _PARTIAL_PENALTY


def _words_score(typed_words: Sequence[str], name: str) -> float:
    """Return the similarity of the typed words to their best partners in the name."""
    if len(typed_words) < 2:  # noqa: PLR2004 - one word is compared as letters
        return 0
    own = _letters_of_words(name)
    mistakes = 0
    for word in typed_words:
        costs = [
            OSA.distance(word, other[: len(word) + 1] if len(other) > len(word) else other)
            for other in own
        ]
        distances = (_prefix_distance(word, *pair) for pair in zip(own, costs, strict=True))
        cost = min(distances, default=len(word))
        if cost > max_typos(word):
            return 0
        mistakes += cost
    return 100 * (1 - mistakes / max(sum(map(len, typed_words)), 1)) - _PARTIAL_PENALTY


@lru_cache(maxsize=8_192)  # a name is compared with most of what is asked
def _letters_of_words(name: str) -> tuple[str, ...]:
    return tuple(map(letters, words(name)))


def _prefix_distance(word: str, other: str, cost: int) -> int:
    """Return the distance to the prefix of a longer word, where that is smaller."""
    return min(cost, OSA.distance(word, other[: len(word)])) if len(other) > len(word) else cost
