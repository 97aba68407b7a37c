"""Guesses papers from the words of a description: rare words count more, names count thrice."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.lib.normalise import fold, words
from bot.lib.transliteration import has_hangul
from bot.ports.archive import Concept, ConceptMatches, SearchIndex, Snippet
from bot.search.description import Description, Thesaurus, concepts
from bot.search.full_text import passage

_MAX_FREQUENCY = 1_500
"""Papers that one word brings at most; more frequent words only rank."""

_NAME_WEIGHT = 0.7
"""Added weight of a word that stands in a name, too."""

_MIN_COVERAGE = 0.45
"""Minimum share of the words' weight that a guess has to have."""

_MANY_IDEAS = 4
_MIN_COVERAGE_OF_MANY = 0.2
"""The same for a long description."""

_MIN_RARITY = 0.3
"""Minimum weight of a guess's words, in parts of the rarest possible word's."""

_UNKNOWN = 0.4
"""Part of the weight that a word counts which no paper has."""

_MIN_HALF_TYPED = 5
_RERANKED = 40
_LEAD_LENGTH = 250
"""Characters of a text that say what a paper is about."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A paper that may be meant."""

    paper_id: int
    score: float
    snippet: Snippet
    """Where its texts have the words."""


@dataclass(frozen=True, slots=True)
class WordRanking:
    """Papers that have many of the described words, the most probable first."""

    scores: Mapping[int, float]
    """Of each paper, in order: 0 to 100 for the share of the words' weight that it has."""
    texts: Mapping[int, Sequence[str]]
    stems: Sequence[str]
    """The words to mark in a passage."""

    def guesses(self, limit: int) -> tuple[Guess, ...]:
        """Return the first papers."""
        return tuple(self.guess(number) for number in islice(self.scores, limit))

    def guess(self, number: int) -> Guess:
        """Return one of the papers, with the passage that has the words."""
        shown = passage(self.texts.get(number, ()), self.stems)
        return Guess(number, self.scores[number], Snippet(number, shown))


def rank_by_words(
    index: SearchIndex,
    description: Description,
    thesaurus: Thesaurus,
    *,
    is_typing: bool = False,
) -> WordRanking:
    """Return the papers that have many of the described words, 40 at most.

    While a person is typing, the last word may go on.
    """
    ideas = concepts(description.content, thesaurus)
    if is_typing and ideas:
        ideas = (*ideas[:-1], (*ideas[-1], (_half_typed(description.content[-1]),)))
    if not ideas:
        return WordRanking({}, {}, ())
    matches = index.match_concepts(ideas, _MAX_FREQUENCY)
    weights = [
        _weight(matches.total, frequency, is_foreign=_is_korean_only(idea))
        for idea, frequency in zip(ideas, matches.frequencies, strict=True)
    ]
    is_long = len(ideas) >= _MANY_IDEAS
    scored = _scores(matches, weights, _MIN_COVERAGE_OF_MANY if is_long else _MIN_COVERAGE)
    if description.period is not None:
        days = index.days_of(list(scored))
        scored = {
            number: score
            for number, score in scored.items()
            if description.is_of_period(days.get(number, ()))
        }
    best = sorted(scored, key=lambda number: (-scored[number], -number))[:_RERANKED]
    texts = index.texts(best)
    ranked = sorted(
        best,
        key=lambda number: -scored[number] * (1 + 0.3 * _focus(texts.get(number, ()), ideas)),
    )
    stems = [_stem_of(alternative) for idea in ideas for alternative in idea]
    return WordRanking({number: scored[number] for number in ranked}, texts, stems)


def _half_typed(word: str) -> str:
    """Return a long word as a beginning; a short one would be that of too many."""
    return word + "*" if word.isascii() and len(word) >= _MIN_HALF_TYPED else word


def _weight(total: int, frequency: int, *, is_foreign: bool) -> float:
    """Return the inverse document frequency of an idea.

    A word without papers counts less than a rare one, and so does a Korean word without an English
    one: it is rare where few papers have Korean texts.
    """
    whole = math.log((total + 1) / (frequency + 0.5))
    return _UNKNOWN * whole if not frequency or is_foreign else whole


def _is_korean_only(idea: Concept) -> bool:
    return all(has_hangul(word) for alternative in idea for word in alternative)


def _scores(
    matches: ConceptMatches, weights: Sequence[float], min_coverage: float
) -> dict[int, float]:
    whole = sum(weights)
    least = _MIN_RARITY * math.log(matches.total + 1)
    found: dict[int, float] = {}
    for number in matches.in_texts.keys() | matches.in_names.keys():
        in_names = matches.in_names.get(number, frozenset())
        places = matches.in_texts.get(number, frozenset()) | in_names
        covered = sum(weights[place] for place in places)
        if covered < min_coverage * whole or covered < least:
            continue
        named = sum(weights[place] for place in in_names)
        found[number] = 100 * (covered + _NAME_WEIGHT * named) / ((1 + _NAME_WEIGHT) * whole)
    return found


def _focus(texts: Collection[str], ideas: Sequence[Concept]) -> float:
    """Return the share of ideas that the leads of a paper's texts have, 0 to 1."""
    leads = fold(" ".join(text[:_LEAD_LENGTH] for text in texts))
    said = set(words(leads))
    found = sum(any(_is_said(each, said, leads) for each in idea) for idea in ideas)
    return found / len(ideas)


def _is_said(alternative: Sequence[str], said: Collection[str], leads: str) -> bool:
    (first, *others) = alternative
    if others or first.endswith("*") or has_hangul(first):
        return _stem_of(alternative) in leads
    return first in said


def _stem_of(alternative: Sequence[str]) -> str:
    return " ".join(alternative).replace("*", "")
