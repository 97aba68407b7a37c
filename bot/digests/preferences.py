"""Reads the settings of a digest from words or from named fields (pure)."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import fuzz, process

from bot.digests.preference_values import (
    MENTIONS,
    MIN_SIMILARITY,
    PARSERS,
    InvalidValue,
    parse_mention,
    parse_value,
)
from bot.digests.slots import DAYS
from bot.digests.time_zones import UnknownZone, find_zone
from bot.model.languages import OTHER_LANGUAGES
from bot.model.mentions import MentionSyntax
from bot.model.papers import LANGUAGES
from bot.model.subscriptions import Layout, Subscription
from bot.papers.tagging import Vocabulary

PREFERENCE_NAMES = {
    "day": "day", "요일": "day", "time": "time", "시각": "time", "시간": "time", "zone": "zone",
    "timezone": "zone", "시간대": "zone", "language": "language", "lang": "language",
    "언어": "language", "layout": "layout", "배치": "layout", "tags": "tags", "tag": "tags",
    "태그": "tags", "series": "series", "시리즈": "series", "mention": "mention",
    "멘션": "mention", "patience": "patience", "기다림": "patience", "absence": "absence",
    "부재": "absence", "grace": "grace", "유예": "grace", "quiet": "quiet",
    "조용한시간": "quiet", "admin": "admin", "관리채널": "admin", "recap": "recap",
    "지난토론": "recap",
}  # fmt: skip
"""The settings by all their names."""

_BARE = ("day", "time", "language", "layout", "zone")
"""The settings whose values are recognised without a name, in the order they are tried."""

_LONGEST_VALUE = 5
"""The most words of a value, as in `quiet=오후 10시 - 오전 8시`."""

_MAX_WORDS, _SHOWN_WORDS = 100, 5
"""The most words that are read as settings, and how many are shown of more."""

_FILLERS = frozenset({"every", "at", "on", "in", "매주", "마다"})
"""Words around a day, a time or a zone that say nothing by themselves."""

_NAMES = "|".join(sorted(PREFERENCE_NAMES, key=len, reverse=True))
_COMMA_BEFORE_NAME = re.compile(rf"[,;]\s*(?=(?:{_NAMES})\s*=)", re.IGNORECASE)
_BETWEEN_VALUES = re.compile(r"\s*[,;/&]\s*")
_BLANKS_AROUND_MARK = re.compile(r"\s*([=,;])\s*")


@dataclass(frozen=True, slots=True)
class InvalidPreference:
    """A setting that could not be read."""

    name: str
    """Which setting; empty if that is not clear."""
    value: str
    suggestions: tuple[str, ...] = ()
    """What may have been meant."""
    is_repeated: bool = False
    """Whether two different values were given; `value` holds both."""


def parse_preferences(
    words: str, fields: Mapping[str, str], series: Collection[str] = ()
) -> tuple[dict[str, str], tuple[InvalidPreference, ...]]:
    """Return settings by their names, and what could not be read.

    Words are `name=value` or bare values, of which each may have blanks; fields, of a form or
    of options, take precedence. The names of `series` are recognised as bare words.
    """
    found: dict[str, list[str]] = {}
    invalid: list[InvalidPreference] = []
    if len(words.split()) > _MAX_WORDS:
        return {}, (InvalidPreference("", " ".join(words.split()[:_SHOWN_WORDS]) + " …"),)
    for name, value in _iter_settings(words, frozenset(series)):
        if name in PREFERENCE_NAMES.values():
            found.setdefault(name, []).append(value)
        else:
            invalid.append(InvalidPreference("", value, _suggest(value)))
    settings: dict[str, str] = {}
    given = {
        PREFERENCE_NAMES[name]: unicodedata.normalize("NFKC", value).strip()
        for name, value in fields.items()
        if value.strip() and name in PREFERENCE_NAMES
    }
    for name, values in found.items():
        if name in given:
            continue
        if name == "tags":
            settings[name] = ",".join(values)
        elif all(_is_same(name, values[0], each) for each in values[1:]):
            settings[name] = values[0]
        else:
            invalid.append(_repeated(name, values))
    return settings | given, tuple(invalid)


def apply_preferences(
    subscription: Subscription,
    preferences: Mapping[str, str],
    vocabulary: Vocabulary,
    syntax: MentionSyntax | None = None,
    languages: Collection[str] = LANGUAGES,
) -> tuple[Subscription, tuple[InvalidPreference, ...]]:
    """Return the subscription with these settings, and what could not be read of them.

    `syntax` tells how its platform writes mentions, `languages` in which ones there are texts.
    """
    syntax = syntax or MentionSyntax()
    invalid = []
    for name, value in preferences.items():
        if name == "series":
            continue
        try:
            changes = (
                parse_mention(name, value, syntax, subscription.target)
                if name in MENTIONS
                else parse_value(name, value, vocabulary)
            )
            _require_language(changes, languages)
            subscription = replace(subscription, **changes)
        except InvalidValue as error:
            values = _values(value)
            if len(values) > 1 and name != "tags" and all(_reads(name, each) for each in values):
                invalid.append(_repeated(name, values))
            else:
                invalid.append(InvalidPreference(name, error.value or value, error.suggestions))
    return subscription, tuple(invalid)


def _require_language(changes: Mapping[str, object], languages: Collection[str]) -> None:
    """Raise InvalidValue where a language is wanted in which there are no texts."""
    if changes.get("language", "both") not in (*languages, "both"):
        raise InvalidValue(*languages, "both")


def _iter_settings(words: str, series: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the names and values that words hold; the name is empty where it is not known."""
    text = _COMMA_BEFORE_NAME.sub(" ", unicodedata.normalize("NFKC", words))
    tokens = _BLANKS_AROUND_MARK.sub(r"\1", text).split()
    while tokens:
        name, mark, value = tokens[0].partition("=")
        if mark:
            known = PREFERENCE_NAMES.get(name.casefold(), "")
            count = _value_length(known, [value, *tokens[1:]], series) if known else 1
            yield known, " ".join([value, *tokens[1:count]]) if known else tokens[0]
        elif tokens[0].casefold() in _FILLERS:
            count = 1
        elif tokens[0] in series:
            count = 1
            yield "series", tokens[0]
        else:
            known, count = _recognise(tokens)
            yield known, " ".join(tokens[:count])
        del tokens[:count]


def _value_length(name: str, tokens: Sequence[str], series: Collection[str]) -> int:
    """Return how many words, at least one, a value has whose first word follows its name."""
    if name == "tags":
        count = 1
        while count < len(tokens) and not _is_other(tokens[count], series):
            count += 1
        return count
    return (_longest_readable(name, tokens) if name in PARSERS else 0) or 1


def _is_other(token: str, series: Collection[str]) -> bool:
    """Tell whether a word cannot belong to the tags before it."""
    if "=" in token or token in series or token.casefold() in _FILLERS:
        return True
    return bool(_recognise([token])[0])


def _recognise(tokens: Sequence[str]) -> tuple[str, int]:
    """Return the setting that the first words are a value of, and how many these are."""
    for name in _BARE:
        found = _longest_readable(name, tokens)
        # Codes of other languages are words of this one too, as `it`, or begin days, as `th`.
        is_code = name == "language" and tokens[0].casefold() in OTHER_LANGUAGES
        is_bare_number = name == "time" and found == 1 and tokens[0].isdigit()
        if found and not is_bare_number and not is_code:
            return name, found
    return "", 1


def _longest_readable(name: str, tokens: Sequence[str]) -> int:
    """Return how many of the first words make the longest value of a setting; 0 for none."""
    plain = next((i for i, each in enumerate(tokens) if i and "=" in each), len(tokens))
    for count in range(min(plain, _LONGEST_VALUE), 0, -1):
        if _reads(name, " ".join(tokens[:count])):
            return count
    return 0


def _values(value: str) -> list[str]:
    """Return the values of a list: what stands between its marks, or else its words."""
    words = value.split()
    has_marks = len(words) == 1 or any(mark in value for mark in ",;&")
    return _BETWEEN_VALUES.split(value.strip()) if has_marks else words


def _reads(name: str, value: str) -> bool:
    return _parsed(name, value) is not None


def _parsed(name: str, value: str) -> dict[str, object] | None:
    """Return the fields that a value sets; None where it cannot be read."""
    if name not in PARSERS:
        return {name: value}
    try:
        return PARSERS[name](value)
    except InvalidValue:
        return None


def _is_same(name: str, one: str, other: str) -> bool:
    return _parsed(name, one) == _parsed(name, other) is not None


def _repeated(name: str, values: Sequence[str]) -> InvalidPreference:
    both = ("both",) if name == "language" else ()
    return InvalidPreference(name, " / ".join(values), (*values, *both), is_repeated=True)


@lru_cache(maxsize=256)
def _suggest(word: str) -> tuple[str, ...]:
    """Return the values or names that a word is nearest to."""
    name = word.partition("=")[0].casefold()
    values = {
        value: value for value in (*DAYS, *LANGUAGES, "both", *(each.value for each in Layout))
    }
    settings = values | {name: f"{name}=" for name in PREFERENCE_NAMES}
    near = process.extract(
        name, list(settings), scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY, limit=2
    )
    if near:
        return tuple(settings[each[0]] for each in near)
    try:
        find_zone(name)
    except UnknownZone as error:
        return error.suggestions
    return ()
