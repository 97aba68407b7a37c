"""Guesses papers from the words of a description: rare words count more, names and leads too."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice

from bot.lib.transliteration import has_hangul
from bot.ports.search_index import Concept, ConceptMatches, SearchIndex, Snippet
from bot.search.description import Description, concepts
from bot.search.full_text import passage
from bot.search.relevance import IdeaCounter, Ideas, IdeaWeights, relevance
from bot.search.thesaurus import Thesaurus

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
_RERANKED = 120
"""Papers whose texts are read, to count how often they say the words."""


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
    """Of each paper, in order: 0 to 100 for how much it is about the words."""
    texts: Mapping[int, Sequence[str]]
    stems: Sequence[str]
    """The words to mark in a passage."""
    _guesses: dict[int, Guess] = field(default_factory=dict, compare=False, repr=False)
    """Those that were asked for: a passage takes long to choose."""

    def guesses(self, limit: int) -> tuple[Guess, ...]:
        """Return the first papers."""
        return tuple(self.guess(number) for number in islice(self.scores, limit))

    def guess(self, number: int) -> Guess:
        """Return one of the papers, with the passage that has the words."""
        if number not in self._guesses:
            shown = passage(self.texts.get(number, ()), self.stems)
            self._guesses[number] = Guess(number, self.scores[number], Snippet(number, shown))
        return self._guesses[number]


def rank_by_words(
    index: SearchIndex,
    description: Description,
    thesaurus: Thesaurus,
    *,
    is_typing: bool = False,
) -> WordRanking:
    """Return the papers that have many of the described words, the most relevant first.

    While a person is typing, the last word may go on.
    """
    typed = concepts(description.content, thesaurus.without_synonyms())
    if not typed:
        return WordRanking({}, {}, ())
    said = concepts(description.content, thesaurus)
    if is_typing:
        said = (*said[:-1], (*said[-1], (_half_typed(description.content[-1]),)))
    ideas = Ideas.of(typed, said)
    matches = index.match_concepts(ideas.concepts, _MAX_FREQUENCY)
    weights = _weights(ideas, matches)
    covered = _by_coverage(matches, weights)
    if description.period is not None:
        days = index.days_of(list(covered))
        covered = [number for number in covered if description.is_of_period(days.get(number, ()))]
    best = covered[:_RERANKED]
    texts = index.texts(best)
    counter = IdeaCounter(ideas)
    mentions = {
        number: counter.count(texts.get(number, ()), matches.in_texts.get(number, ()))
        for number in best
    }
    scores = relevance(mentions, matches.in_names, weights)
    ranked = sorted(best, key=lambda number: (-scores[number], -number))
    stems = [" ".join(alternative) for idea in ideas.concepts for alternative in idea]
    return WordRanking({number: scores[number] for number in ranked}, texts, stems)


def _half_typed(word: str) -> str:
    """Return a long word as a beginning; a short one would be that of too many."""
    return word + "*" if word.isascii() and len(word) >= _MIN_HALF_TYPED else word


def _weights(ideas: Ideas, matches: ConceptMatches) -> IdeaWeights:
    frequencies = list(zip(*ideas.of_each(matches.frequencies), strict=True))
    foreign = [_is_korean_only(idea) for idea in ideas.typed]
    typed, said = (
        [
            _weight(matches.total, frequency, is_foreign=is_foreign)
            for frequency, is_foreign in zip(column, foreign, strict=True)
        ]
        for column in (
            [own for own, _ in frequencies],
            [max(own, wider) for own, wider in frequencies],
        )
    )
    return IdeaWeights(tuple(typed), tuple(said))


def _weight(total: int, frequency: int, *, is_foreign: bool) -> float:
    """Return the inverse document frequency of an idea.

    A word without papers counts less than a rare one, and so does a Korean word without an English
    one: it is rare where few papers have Korean texts.
    """
    whole = math.log((total + 1) / (frequency + 0.5))
    return _UNKNOWN * whole if not frequency or is_foreign else whole


def _is_korean_only(idea: Concept) -> bool:
    return all(has_hangul(word) for alternative in idea for word in alternative)


def _by_coverage(matches: ConceptMatches, weights: IdeaWeights) -> list[int]:
    """Return the papers that say enough of the ideas, those that say most of them first."""
    is_long = len(weights.said) >= _MANY_IDEAS
    share = _MIN_COVERAGE_OF_MANY if is_long else _MIN_COVERAGE
    least = max(share * weights.whole, _MIN_RARITY * math.log(matches.total + 1))
    scores: dict[int, float] = {}
    sum_of = cache(weights.sum_of)  # many papers say the same few of the ideas
    for number in matches.in_texts.keys() | matches.in_names.keys():
        in_names = matches.in_names.get(number, frozenset())
        covered = sum_of(matches.in_texts.get(number, frozenset()) | in_names)
        if covered >= least:
            scores[number] = covered + _NAME_WEIGHT * sum_of(in_names)
    return sorted(scores, key=lambda number: (-scores[number], -number))
