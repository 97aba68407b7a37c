"""Ranks texts by BM25 with SQLite's constants, in Python and as SQL (pure).

Source: https://sqlite.org/fts5.html#the_bm25_function.
"""

import math
from collections.abc import Sequence

_SATURATION, _LENGTH_WEIGHT = 1.2, 0.75
_SMALLEST_IDF = 1e-6


def inverse_frequency(texts: int, hits: int) -> float:
    """Return the weight of a phrase that so many of the texts have."""
    weight = math.log((texts - hits + 0.5) / (hits + 0.5))
    return weight if weight > 0 else _SMALLEST_IDF


def score(weights: Sequence[float], counts: Sequence[int], length: int, average: float) -> float:
    """Return the score of a text that has each phrase so often; lengths are in tokens."""
    spread = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * length / average)
    total = 0.0
    for weight, count in zip(weights, counts, strict=True):
        total += weight * ((count * (_SATURATION + 1.0)) / (count + spread))
    return total


def score_expression(weights: Sequence[float], average: float) -> tuple[str, list[float]]:
    """Return the same as SQL on the columns `length` and `f0`, `f1` …, and its values."""
    parts = [
        f"?::float8 * ((f{place} * ?::float8) / (f{place} + ?::float8 * "
        "(?::float8 + ?::float8 * length / ?::float8)))"
        for place in range(len(weights))
    ]
    constants = (_SATURATION + 1, _SATURATION, 1 - _LENGTH_WEIGHT, _LENGTH_WEIGHT, average)
    values = [number for weight in weights for number in (weight, *constants)]
    return " + ".join(parts), values
