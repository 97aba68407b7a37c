"""Finds papers by meaning, where there is an embedder: by a description, or by another paper."""

import math
from collections.abc import Collection, Sequence

from bot.lib.normalise import words
from bot.model.papers import Paper
from bot.papers.gist import gist
from bot.ports.embedder import Embedder
from bot.ports.search_index import Concept, SearchIndex, Snippet
from bot.search.description import content_words
from bot.search.guesses import Guess, WordRanking
from bot.search.word_forms import word_forms

_MIN_COSINE = 0.2
"""Minimum cosine of a description and a paper that may be meant."""

_COSINE_RANGE = 0.3
"""How much above the minimum the cosine of a good match is."""

_FARTHEST = -0.3
"""What a paper found by words loses at most where its meaning is another."""

_WORD_WEIGHTS = (0.45, 0.65)
"""How much words count where they are fused with meaning; the rest is meaning."""

_WORD_SCORES = (20.0, 40.0)
"""Up to which score of the best paper by words these count least, and from which on most."""

_RANK_WEIGHT = 1.0

_MIN_ALIKE = 0.35
"""Minimum cosine of two papers that are called similar."""

_RANK_OFFSET = 5
"""How much ranks count beside scores, and how much the first ranks outweigh the later ones."""

_CANDIDATES = 60

_LEAD_LENGTH = 180
_MAX_SHARED = 1_500
"""Papers that one shared word brings at most, where similar papers are found by words."""

_TAG_WEIGHT = 1.5
_MIN_SHARED = 0.15
"""Minimum share of a paper's words and tags that a similar one has."""


def guess_by_meaning(
    index: SearchIndex, embedder: Embedder, wordings: Sequence[str], by_words: Collection[int] = ()
) -> tuple[tuple[int, float], ...]:
    """Return papers whose meaning is near that of a text, each with the cosine, the nearest first.

    The wordings say the same in other languages; what they have in common counts. The papers that
    words found are among them, however far they are.
    """
    if not index.has_vectors(embedder.model):
        return ()
    (vector,) = embedder.embed([wordings])
    near = index.find_nearest(embedder.model, vector, _CANDIDATES, by_words)
    return tuple(
        (number, cosine) for number, cosine in near if cosine >= _MIN_COSINE or number in by_words
    )


def fuse(
    index: SearchIndex,
    by_words: WordRanking,
    by_meaning: Sequence[tuple[int, float]],
    limit: int,
) -> tuple[Guess, ...]:
    """Return guesses by words and by meaning as one list.

    Both scores and both ranks are added up, as a paper that is far ahead by either is likely
    meant, and one that both know is likelier. Words that are found well count more, and a paper
    that has them by chance loses by its meaning.
    """
    scores: dict[int, float] = {}
    best = max([_WORD_SCORES[0], *by_words.scores.values()])
    words = _word_weight(best)
    for rank, (number, score) in enumerate(by_words.scores.items()):
        scores[number] = words * (score / best + _by_rank(rank))
    for rank, (number, cosine) in enumerate(by_meaning):
        near = (cosine - _MIN_COSINE) / _COSINE_RANGE
        near = near + _by_rank(rank) if near >= 0 else max(near, _FARTHEST)
        scores[number] = scores.get(number, 0) + (1 - words) * near
    ordered = sorted(scores, key=lambda number: -scores[number])[:limit]
    cosines = dict(by_meaning)
    texts = index.texts([number for number in ordered if number not in by_words.scores])
    return tuple(
        by_words.guess(number)
        if number in by_words.scores
        else Guess(number, 100 * cosines[number], Snippet(number, _lead(texts.get(number, ()))))
        for number in ordered
    )


def _word_weight(best: float) -> float:
    least, most = _WORD_SCORES
    share = min((best - least) / (most - least), 1)
    return _WORD_WEIGHTS[0] + share * (_WORD_WEIGHTS[1] - _WORD_WEIGHTS[0])


def _by_rank(rank: int) -> float:
    return _RANK_WEIGHT / (_RANK_OFFSET + rank)


def find_similar_papers(
    index: SearchIndex, embedder: Embedder | None, paper: Paper, limit: int
) -> tuple[int, ...]:
    """Return the papers most like a paper: by meaning, or else by shared words and tags."""
    found = None if embedder is None else find_alike_papers(index, embedder, paper, limit)
    return _find_by_shared_words(index, paper, limit) if found is None else found


def find_alike_papers(
    index: SearchIndex, embedder: Embedder, paper: Paper, limit: int
) -> tuple[int, ...] | None:
    """Return the papers most like a paper by meaning; None where it has no vector yet."""
    vector = index.vector_of(embedder.model, paper.id)
    if vector is None:
        return None
    near = index.find_nearest(embedder.model, vector, limit + 1)
    found = (number for number, cosine in near if number != paper.id and cosine >= _MIN_ALIKE)
    return tuple(found)[:limit]


def _find_by_shared_words(index: SearchIndex, paper: Paper, limit: int) -> tuple[int, ...]:
    said = dict.fromkeys(content_words(gist(paper)[0]))
    ideas: list[Concept] = [[(form,) for form in word_forms(word)] for word in said]
    tags: list[Concept] = [[tuple(words(tag))] for tag in paper.tags]
    matches = index.match_concepts([*ideas, *tags], _MAX_SHARED)
    weights = [
        math.log((matches.total + 1) / (frequency + 0.5)) * factor
        for frequency, factor in zip(
            matches.frequencies, [1.0] * len(ideas) + [_TAG_WEIGHT] * len(tags), strict=True
        )
    ]
    whole = sum(weights) or 1
    scores = {
        number: _weigh(weights, places) + _weigh(weights, matches.in_names.get(number, ()))
        for number, places in matches.in_texts.items()
        if number != paper.id
    }
    good = [number for number in scores if scores[number] >= _MIN_SHARED * whole]
    return tuple(sorted(good, key=lambda number: (-scores[number], -number))[:limit])


def _weigh(weights: Sequence[float], places: Collection[int]) -> float:
    return sum(weights[place] for place in places)


def _lead(texts: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Return the beginning of the first text, which nothing is marked in."""
    first = next((text for text in texts if text), "").replace("\n", " ")
    if len(first) <= _LEAD_LENGTH:
        return ((first, False),) if first else ()
    return ((first[: first.rfind(" ", 0, _LEAD_LENGTH)].rstrip() + "…", False),)
