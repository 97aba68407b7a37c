"""Scores how much texts are about ideas, as BM25F does: by how often and where they say them."""

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self, TypeVar

from bot.lib.normalise import index_tokens
from bot.ports.search_index import Concept

_NAME = 4.0
_LEAD = 2.0
"""How much a word counts in a name, and where a text begins; elsewhere it counts 1."""

_LEAD_LENGTH = 300
"""Characters of a text that say what a paper is about."""

_SATURATION = 3.0
_LENGTH_SHARE = 0.5
"""The parameters k1 and b of BM25: https://en.wikipedia.org/wiki/Okapi_BM25."""

_SYNONYM = 0.6
"""Part of its weight that an idea counts where it is said in other words than the typed ones."""

_HEAD = 2
"""Letters of a beginning by which it is looked up; shorter ones there are none."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Ideas:
    """The ideas of a description, each as it was typed, and in other words too."""

    typed: tuple[Concept, ...]
    wider: tuple[Concept, ...]
    """For each idea all its alternatives, or none where it has no other words."""

    @classmethod
    def of(cls, typed: Sequence[Concept], said: Sequence[Concept]) -> Self:
        """Return ideas as they were typed, and as they may be said."""
        pairs = zip(typed, said, strict=True)
        return cls(tuple(typed), tuple(() if whole == own else whole for own, whole in pairs))

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """All ideas as they were typed, and then all in other words."""
        return self.typed + self.wider

    def of_each(self, values: Sequence[_T]) -> tuple[Sequence[_T], Sequence[_T]]:
        """Part values of the concepts into those of either wording."""
        return values[: len(self.typed)], values[len(self.typed) :]


@dataclass(frozen=True, slots=True)
class IdeaWeights:
    """How much ideas tell of a paper: the rarer the more."""

    typed: tuple[float, ...]
    said: tuple[float, ...]
    """Of the ideas in any words; less, as more papers say them."""

    @property
    def whole(self) -> float:
        """The weight of all ideas."""
        return sum(self.said)

    def sum_of(self, concepts: Collection[int]) -> float:
        """Return the weight of the ideas that some of `Ideas.concepts` say."""
        return self.total([float(place in concepts) for place in range(2 * len(self.said))])

    def total(self, shares: Sequence[float]) -> float:
        """Return the weight of the ideas, by the share that each of `Ideas.concepts` counts."""
        count = len(self.said)
        return sum(
            max(typed * shares[place], _SYNONYM * said * shares[count + place])
            for place, (typed, said) in enumerate(zip(self.typed, self.said, strict=True))
        )


@dataclass(frozen=True, slots=True)
class Mentions:
    """How often texts say each of `Ideas.concepts`, weighed by the place."""

    counts: Sequence[float]
    length: int
    """Number of tokens of the texts."""


class IdeaCounter:
    """Counts mentions of ideas in texts; it keeps what it learns of a word for the next text."""

    def __init__(self, ideas: Ideas) -> None:
        self._size = len(ideas.concepts)
        self._said_by = _Alternatives()
        for place, concept in enumerate(ideas.concepts):
            for words in concept:
                tokens = [token for word in words for token in _tokens_of_word(word)]
                if tokens:
                    is_open = words[-1].endswith("*")
                    self._said_by.add(_Alternative(place, tokens[0], tuple(tokens[1:]), is_open))

    def count(self, texts: Collection[str], indexed: Collection[int]) -> Mentions:
        """Return how often texts say each of `Ideas.concepts`.

        The indexed concepts are said once at least, as more is indexed than is in the texts.
        """
        counts = [0.0] * self._size
        length = 0
        for text in texts:
            tokens = index_tokens(text)
            is_long = len(text) > _LEAD_LENGTH
            end_of_lead = len(index_tokens(text[:_LEAD_LENGTH])) if is_long else len(tokens)
            length += len(tokens)
            # Few of the tokens say an idea, and there are tens of thousands: no loop sees each.
            for at in itertools.compress(
                itertools.count(), map(self._said_by.__getitem__, tokens)
            ):
                for each in self._said_by[tokens[at]]:
                    if not each.rest or _goes_on(tokens, at + 1, each):
                        counts[each.concept] += _LEAD if at < end_of_lead else 1
        for place in indexed:
            counts[place] = max(counts[place], 1.0)
        return Mentions(counts, length)


def relevance(
    mentions: Mapping[int, Mentions],
    in_names: Mapping[int, Collection[int]],
    weights: IdeaWeights,
) -> dict[int, float]:
    """Return for each paper the weight of the ideas that it says, 0 to 100.

    `in_names` has the positions of the concepts in each paper's names.
    """
    average = sum(each.length for each in mentions.values()) / max(len(mentions), 1) or 1
    found = {}
    for paper, each in mentions.items():
        named = in_names.get(paper, ())
        scale = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * each.length / average)
        counts = [count + _NAME * (place in named) for place, count in enumerate(each.counts)]
        shares = [count / (count + scale) for count in counts]
        found[paper] = 100 * weights.total(shares) / (weights.whole or 1)
    return found


@dataclass(frozen=True, slots=True)
class _Alternative:
    concept: int
    first: str
    rest: tuple[str, ...]
    is_open: bool
    """Whether the last token may go on."""


class _Alternatives(dict[str, Sequence[_Alternative]]):
    """The alternatives that a token begins, for every token there is."""

    def __init__(self) -> None:
        super().__init__()
        self._beginnings: dict[str, list[_Alternative]] = {}
        self._exact: dict[str, list[_Alternative]] = {}

    def add(self, each: _Alternative) -> None:
        """Add an alternative; all are added before a token is asked for."""
        if each.is_open and not each.rest:
            self._beginnings.setdefault(each.first[:_HEAD], []).append(each)
        else:
            self._exact.setdefault(each.first, []).append(each)

    def __missing__(self, token: str) -> Sequence[_Alternative]:
        """Learn which alternatives a token begins."""
        found: Sequence[_Alternative] = self._exact.get(token, ())
        if begun := self._beginnings.get(token[:_HEAD]):
            found = [*(each for each in begun if token.startswith(each.first)), *found]
        self[token] = found
        return found


@lru_cache(maxsize=32_768)  # those of the thesaurus are asked again and again
def _tokens_of_word(word: str) -> Sequence[str]:
    return index_tokens(word)


def _goes_on(tokens: Sequence[str], start: int, alternative: _Alternative) -> bool:
    *middle, last = alternative.rest
    found = tokens[start : start + len(alternative.rest)]
    if len(found) < len(alternative.rest) or list(found[:-1]) != middle:
        return False
    return found[-1].startswith(last) if alternative.is_open else found[-1] == last
