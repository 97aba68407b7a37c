"""Scores how well tags fit a paper, by the weights of a linear classifier (pure)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

from bot.model.papers import Paper

_BODY = 0.4
"""Value of a word that stands in the body of a text only; one of the title or the lead has 1."""

_MOST = 4.0
"""Weight of the vocabulary's phrases, in multiples of what the tag needs, at most."""

_OTHER = 0.5
"""Value of another tag whose phrases the paper has."""

_LEAD_END = re.compile(r"(?:[.!?;](?=\s|$)|[\n\u25cf])")
_WORD = re.compile(r"[a-z0-9]+(?:\.[a-z0-9]+)*")
_PLURAL = re.compile(r"(?<=[a-z]{3})(?<!s)s$")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a paper's phrases tell of one tag of the vocabulary."""

    weight: float
    """Weight of the tag's phrases in the paper, in multiples of what the tag needs."""
    is_in_title: bool
    is_in_lead: bool
    """Whether the first sentence of a summary has a phrase of the tag."""
    share: float
    """The weight of the tag's phrases as a share of the strongest tag's."""
    rank: int
    """How many tags have heavier phrases."""


@dataclass(frozen=True, slots=True)
class TagWeights:
    """The weights of a logistic regression, as `benchmarks/tags` fits them.

    The score of a tag is the sum of the values of its features, each times its weight; the tag
    fits from the score `threshold` on.
    """

    threshold: float
    shared: Mapping[str, float]
    """Weights of the features that all tags have in common."""
    of_tags: Mapping[str, Mapping[str, float]]
    """Weights of each tag: its bias and what the vocabulary tells."""
    of_words: Mapping[str, Mapping[str, float]]
    """Weights of each word or pair of words, by tag."""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Return the weights of a parsed `tag-weights.json`."""
        words: dict[str, dict[str, float]] = {}
        for tag, weights in data["words"].items():
            for word, weight in weights.items():
                words.setdefault(word, {})[tag] = weight
        return cls(
            threshold=data["threshold"],
            shared=data["shared"],
            of_tags=data["tags"],
            of_words=words,
        )


def score_tags(
    weights: TagWeights, paper: Paper, evidence: Mapping[str, Evidence]
) -> Mapping[str, float]:
    """Return the score of each tag of the evidence; those from `weights.threshold` on fit."""
    scores = dict.fromkeys(evidence, 0.0)
    for word, value in word_features(paper).items():
        for tag, weight in weights.of_words.get(word, {}).items():
            if tag in scores:
                scores[tag] += value * weight
    strong = strong_tags(evidence)
    others = [f"#{other}" for other in strong]
    for tag, found in evidence.items():
        own = weights.of_tags.get(tag, {})
        if found.weight or found.is_in_title or found.is_in_lead:
            scores[tag] = _add(scores[tag], shared_features(found), weights.shared)
            scores[tag] = _add(scores[tag], tag_features(tag, evidence, strong), own)
        else:
            # Most tags have none of their phrases in a paper: no other feature is more than 0.
            scores[tag] += own.get("bias", 0.0)
            scores[tag] = _add(scores[tag], dict.fromkeys(others, _OTHER), own)
    return scores


def _add(score: float, features: Mapping[str, float], weights: Mapping[str, float]) -> float:
    for name, value in features.items():
        score += value * weights.get(name, 0.0)
    return score


def word_features(paper: Paper) -> dict[str, float]:
    """Return the values of words: those of the summary, and pairs of title and lead as well."""
    heads = [*paper.titles.values()]
    heads += leads(paper)
    found = {word: _BODY for text in paper.summaries.values() for word in _words(text)}
    return found | {word: 1.0 for text in heads for word in _words_and_pairs(text)}


def leads(paper: Paper) -> list[str]:
    """Return the first sentences of the summaries of a paper."""
    return [_LEAD_END.split(text, maxsplit=1)[0] for text in paper.summaries.values()]


def shared_features(found: Evidence) -> dict[str, float]:
    """Return the values of the features that all tags have in common."""
    weight = min(found.weight, _MOST)
    return {
        "lead": float(found.is_in_lead),
        "both": float(found.is_in_lead and found.is_in_title),
        "rank": 1 / (1 + found.rank) if found.weight else 0.0,
        "weight": weight,
        "root": weight**0.5,
        "any": float(found.weight > 0),
        "enough": float(found.weight >= 1),
        "title": float(found.is_in_title),
        "share": found.share,
    }


def strong_tags(evidence: Mapping[str, Evidence]) -> Sequence[str]:
    """Return the tags of which a paper has as many phrases as they need."""
    return [tag for tag, found in evidence.items() if found.weight >= 1]


def tag_features(
    tag: str, evidence: Mapping[str, Evidence], strong: Sequence[str]
) -> dict[str, float]:
    """Return the values of the features that a tag has for itself: bias, phrases, other tags.

    `strong` has the strong tags of the evidence, which are the same for all tags.
    """
    found = evidence[tag]
    features = {
        "bias": 1.0,
        "weight": min(found.weight, _MOST),
        "enough": float(found.weight >= 1),
        "title": float(found.is_in_title),
        "lead": float(found.is_in_lead),
    }
    features |= {f"#{other}": _OTHER for other in strong if other != tag}
    return features


def _words_and_pairs(text: str) -> Iterable[str]:
    words = _words(text)
    yield from words
    for first, second in pairwise(words):
        yield f"{first} {second}"


def _words(text: str) -> Sequence[str]:
    return [_PLURAL.sub("", word) for word in _WORD.findall(text.lower())]
