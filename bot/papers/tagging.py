"""Infers the tags of a paper from a vocabulary, and resolves names of tags (pure)."""

import operator
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from bot.lib.normalise import letters
from bot.lib.transliteration import has_hangul
from bot.model.papers import MAX_TAGS, Paper
from bot.papers.tag_scores import Evidence, TagWeights, leads, score_tags

_TITLE_WEIGHT = 3
_LEAD_WEIGHT = 2
_BODY_WEIGHT = 1
"""Weight of a phrase, by its position."""

_LEAD_LENGTH = 200
"""Characters of a summary or abstract that are its lead."""

_FULL_LENGTH = 1200
"""Characters of a text's body beyond which its phrases count in proportion less."""

_FIRST_SENTENCE = re.compile(r"(?:[.!?](?=\s|$)|[\n\u3002\u25cf])")
_MIN_SIMILARITY = 70
"""Minimum similarity (0 to 100) of a suggested tag."""

_MAX_SUGGESTIONS = 5
_WORD = re.compile(r"[^\W_]+(?:\.\d+)*")
_PLURAL = re.compile(r"(?<=[a-z]{3})(?<!s)s$")
_FIELDS = {"en": str, "ko": str, "also": list, "phrases": list, "korean": list, "needs": int}


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A sequence of words that indicates a tag."""

    words: tuple[str, ...]
    """As they are written, or without case and plural where case does not matter."""
    tag: str
    is_cased: bool
    """Whether case matters."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The known tags, built once from the parsed `config/tags.toml`."""

    names: Mapping[str, Mapping[str, str]]
    """Names of each tag by language."""
    slugs: Mapping[str, str]
    """Tags by the letters of each of their names."""
    phrases: Mapping[str, tuple[_Phrase, ...]]
    """Phrases by first word, in lower case."""
    korean_phrases: tuple[tuple[str, str], ...]
    """Korean substrings with their tags."""
    thresholds: Mapping[str, int]
    """Minimum weight of each tag."""
    sufficient: Mapping[str, re.Pattern[str]]
    """Phrases of a tag that are enough in the title or the first sentence."""
    broader: Mapping[str, str]
    """The tag that a paper with a narrower one has too."""
    weights: TagWeights | None
    """What decides which tags fit; without it the thresholds do."""

    @classmethod
    def of(cls, data: Mapping[str, object], weights: TagWeights | None = None) -> Self:
        """Return the vocabulary; raises ValueError naming an invalid entry."""
        tags = {slug: _validate_tag(slug, value) for slug, value in data.items()}
        phrases: dict[str, list[_Phrase]] = defaultdict(list)
        for slug, entry in tags.items():
            for text in entry["phrases"]:
                is_cased = text != text.lower()
                words = tuple(_words(text, is_cased=is_cased))
                first = words[0].lower()
                if not is_cased:
                    words = tuple(_PLURAL.sub("", word) for word in words)
                phrases[first].append(_Phrase(words, slug, is_cased))
        return cls(
            names={slug: {"en": entry["en"], "ko": entry["ko"]} for slug, entry in tags.items()},
            slugs=_slugs(tags),
            phrases={first: tuple(each) for first, each in phrases.items()},
            korean_phrases=tuple(
                (piece, slug) for slug, entry in tags.items() for piece in entry["korean"]
            ),
            thresholds={slug: entry["needs"] for slug, entry in tags.items()},
            sufficient={
                slug: _pattern(entry["sufficient"])
                for slug, entry in tags.items()
                if entry.get("sufficient")
            },
            broader=_broader(tags),
            weights=weights,
        )


def _validate_tag(slug: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"the tag {slug!r} is no table")  # noqa: TRY004 - one error for all
    for name, kind in _FIELDS.items():
        if not isinstance(value.get(name), kind):
            raise ValueError(  # noqa: TRY004 - one error for all
                f"the tag {slug!r} needs {name} as {kind.__name__}"
            )
    return value


def _broader(tags: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    found = {slug: entry["broader"] for slug, entry in tags.items() if "broader" in entry}
    for slug, broader in found.items():
        if broader not in tags:
            raise ValueError(f"the tag {slug!r} has a broader one that is none: {broader!r}")
    return found


def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern of phrases: whole words of Latin ones, parts of words of others."""
    alternatives = (
        rf"\b{re.escape(phrase)}\b" if phrase.isascii() else re.escape(phrase)
        for phrase in phrases
    )
    return re.compile("|".join(alternatives), re.IGNORECASE)


def _slugs(tags: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for slug, entry in tags.items():
        for called in (slug, entry["en"], entry["ko"], *entry["also"]):
            other = found.setdefault(letters(called), slug)
            if other != slug:
                raise ValueError(f"{called!r} is a name of two tags, {other} and {slug}")
    return found


def infer_tags(vocabulary: Vocabulary, paper: Paper) -> tuple[str, ...]:
    """Return the tags that the paper's texts indicate, the strongest first.

    Tags that its source gave are left out; with them there are at most `MAX_TAGS`.
    """
    sufficient = _sufficient_tags(vocabulary, paper)
    evidence = gather_evidence(vocabulary, paper)
    strengths = {tag: found.weight for tag, found in evidence.items()}
    threshold = 1.0
    if vocabulary.weights is not None:
        strengths = dict(score_tags(vocabulary.weights, paper, evidence))
        threshold = vocabulary.weights.threshold
    strengths = with_broader(vocabulary, strengths)
    found = [
        tag
        for tag, strength in strengths.items()
        if (strength >= threshold or tag in sufficient) and tag not in paper.tags
    ]
    # stable: ties in the vocabulary's order
    found.sort(key=lambda tag: (tag not in sufficient, -strengths[tag]))
    return tuple(found[: max(MAX_TAGS - len(paper.tags), 0)])


def with_broader(vocabulary: Vocabulary, strengths: Mapping[str, float]) -> dict[str, float]:
    """Return the strengths of tags; a broader tag is as strong as its narrower ones at least."""
    found = dict(strengths)
    for narrower, broader in vocabulary.broader.items():
        found[broader] = max(found[broader], strengths[narrower])
    return found


def gather_evidence(vocabulary: Vocabulary, paper: Paper) -> Mapping[str, Evidence]:
    """Return what the paper's phrases tell of each tag of the vocabulary."""
    weights = _weights(vocabulary, paper)
    titles = {tag for title in paper.titles.values() for tag in _matched_tags(vocabulary, title)}
    first = {tag for lead in leads(paper) for tag in _matched_tags(vocabulary, lead)}
    ordered = sorted(weights.values(), reverse=True)
    strongest = ordered[0] if ordered else 1.0
    return {
        tag: Evidence(
            weight=weights.get(tag, 0.0) / needed,
            is_in_title=tag in titles,
            is_in_lead=tag in first,
            share=weights.get(tag, 0.0) / strongest,
            rank=bisect_left(ordered, -weights.get(tag, 0.0), key=operator.neg),
        )
        for tag, needed in vocabulary.thresholds.items()
    }


def _weights(vocabulary: Vocabulary, paper: Paper) -> dict[str, float]:
    weights: dict[str, float] = defaultdict(float)
    texts = [*paper.summaries.values(), *paper.abstracts.values()]
    # A long text mentions more subjects than it is about.
    length = sum(map(len, texts))
    body = _BODY_WEIGHT * min(1.0, _FULL_LENGTH / max(length, 1))
    for title in paper.titles.values():
        _add(vocabulary, title, _TITLE_WEIGHT, weights)
    for text in texts:
        _add(vocabulary, text[:_LEAD_LENGTH], _LEAD_WEIGHT, weights)
        _add(vocabulary, text[_LEAD_LENGTH:], body, weights)
    return weights


def _sufficient_tags(vocabulary: Vocabulary, paper: Paper) -> frozenset[str]:
    texts = (*paper.summaries.values(), *paper.abstracts.values())
    heads = [*paper.titles.values(), *(_FIRST_SENTENCE.split(text, 1)[0] for text in texts)]
    return frozenset(
        tag for tag, pattern in vocabulary.sufficient.items() if any(map(pattern.search, heads))
    )


def _add(vocabulary: Vocabulary, text: str, weight: float, weights: dict[str, float]) -> None:
    for slug in _matched_tags(vocabulary, text):
        weights[slug] += weight


def _matched_tags(vocabulary: Vocabulary, text: str) -> Iterable[str]:
    written = list(_words(text, is_cased=True))
    folded = [_PLURAL.sub("", word.lower()) for word in written]
    lowered = [word.lower() for word in written]
    for place, word in enumerate(lowered):
        for first in {word, folded[place]}:
            for phrase in vocabulary.phrases.get(first, ()):
                if _is_phrase_at(phrase, place, written, folded):
                    yield phrase.tag
    if has_hangul(text):
        for piece, slug in vocabulary.korean_phrases:
            if piece in text:
                yield slug


def _is_phrase_at(
    phrase: _Phrase, place: int, written: Sequence[str], folded: Sequence[str]
) -> bool:
    there = written if phrase.is_cased else folded
    return tuple(there[place : place + len(phrase.words)]) == phrase.words


def _words(text: str, *, is_cased: bool) -> Iterable[str]:
    return _WORD.findall(text if is_cased else text.lower())


def resolve_tag(vocabulary: Vocabulary, text: str) -> str | None:
    """Return the tag with this name, or None."""
    return vocabulary.slugs.get(letters(text))


def similar_tags(vocabulary: Vocabulary, text: str, known: Collection[str]) -> tuple[str, ...]:
    """Return known tags with similar names, the most similar first."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - for names that are no tag alone

    spelt = letters(text)
    called = {name: slug for name, slug in vocabulary.slugs.items() if slug in known}
    called |= {letters(slug): slug for slug in known}
    found = process.extract(
        spelt,
        list(called),
        scorer=fuzz.ratio,
        score_cutoff=_MIN_SIMILARITY,
        limit=2 * _MAX_SUGGESTIONS,
    )
    return tuple(dict.fromkeys(called[name] for name, _, _ in found))[:_MAX_SUGGESTIONS]


def tag_name(vocabulary: Vocabulary, slug: str, language: str) -> str:
    """Return the display name of a tag; its slug where the vocabulary lacks it."""
    return vocabulary.names.get(slug, {}).get(language, slug)
