"""Reads what an admin wishes of a digest, from words or from named fields (pure)."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import time, timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from rapidfuzz import fuzz, process

from bot.digests.slots import DAYS
from bot.model.papers import LANGUAGES
from bot.model.subscriptions import Layout, Subscription
from bot.papers import tagging
from bot.papers.tagging import Vocabulary

_KOREAN_DAYS = "월화수목금토일"
_NEVER = frozenset({"never", "none", "off", "안함", "없음"})
_LANGUAGES = {"한국어": "ko", "korean": "ko", "영어": "en", "english": "en", "둘다": "both"}
_TIME = re.compile(r"^(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm|시)?$", re.IGNORECASE)
_SPAN = re.compile(r"^(\d{1,4})\s*(m|h|d|분|시간|일)?$", re.IGNORECASE)
_UNITS = {"m": 1, "분": 1, "h": 60, "시간": 60, "": 60, "d": 1440, "일": 1440}
_NUMBERED = re.compile(r"^<?[@#!&]*(?:subteam\^)?([\w.-]{1,64})(?:\|[^>]*)?>?$")
_EVERYBODY = frozenset({"everyone", "here", "channel"})
_LONGEST_PATIENCE, _LONGEST_GRACE = timedelta(days=7), timedelta(days=14)
_NEAR = 70
_MORNING_HOURS = 12

PREFERENCE_NAMES = {
    "day": "day", "요일": "day", "time": "time", "시각": "time", "zone": "zone", "시간대": "zone",
    "language": "language", "lang": "language", "언어": "language", "layout": "layout",
    "배치": "layout", "tags": "tags", "tag": "tags", "태그": "tags", "series": "series",
    "시리즈": "series", "mention": "mention", "멘션": "mention", "patience": "patience",
    "기다림": "patience", "absence": "absence", "부재": "absence", "grace": "grace",
    "유예": "grace", "quiet": "quiet", "조용한시간": "quiet", "admin": "admin",
    "관리채널": "admin",
}  # fmt: skip
"""Every name that a wish is given under, and what it means."""


@dataclass(frozen=True, slots=True)
class InvalidPreference:
    """A wish that could not be read."""

    name: str
    """Which wish; empty where it is not clear which one was meant."""
    value: str
    suggestions: tuple[str, ...] = ()
    """What was meant, perhaps."""


class _InvalidValue(Exception):
    def __init__(self, *near: str, given: str = "") -> None:
        super().__init__()
        self.suggestions = near
        self.value = given
        """The piece that was not understood, where it is not the whole."""


def parse_preferences(
    words: str, fields: Mapping[str, str]
) -> tuple[dict[str, str], tuple[InvalidPreference, ...]]:
    """Return wishes by their names: those of a form, and those in words, `name=value` or bare."""
    found: dict[str, str] = {}
    troubles = []
    for word in _split(words):
        name, mark, value = word.partition("=")
        known = PREFERENCE_NAMES.get(name.casefold()) if mark else _kind(word)
        if known is None:
            troubles.append(InvalidPreference("", word, _suggest(name)))
            continue
        found[known] = value if mark else word
    for name, value in fields.items():
        if value.strip() and name in PREFERENCE_NAMES:
            found[PREFERENCE_NAMES[name]] = value.strip()
    return found, tuple(troubles)


def apply_preferences(
    subscription: Subscription, wishes: Mapping[str, str], vocabulary: Vocabulary
) -> tuple[Subscription, tuple[InvalidPreference, ...]]:
    """Return the subscription as wished, and what could not be read of it."""
    troubles = []
    for name, value in wishes.items():
        if name == "series":
            continue
        try:
            if name == "tags":
                subscription = replace(subscription, tags=_tags(value.strip(), vocabulary))
            else:
                subscription = replace(subscription, **_PARSERS[name](value.strip()))
        except _InvalidValue as error:
            troubles.append(InvalidPreference(name, error.value or value, error.suggestions))
    return subscription, tuple(troubles)


def matching_zones(prefix: str, limit: int) -> tuple[str, ...]:
    """Return names of time zones in which a step begins with this, the shortest first."""
    wanted = prefix.casefold().replace(" ", "_")
    found = [
        name
        for name in _zones().values()
        if any(step.startswith(wanted) for step in (name.casefold(), *_steps(name)))
    ]
    return tuple(sorted(found, key=lambda name: (len(name), name))[:limit])


def _split(words: str) -> Iterator[str]:
    """Yield the words; those after `tags=a,` that a blank follows belong to it."""
    yield from re.sub(r"\s*([=,])\s*", r"\1", words).split()


def _kind(word: str) -> str | None:
    """Return which wish a word without a name is, by its looks."""
    looks: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("day", _day), ("time", _clock), ("language", _language), ("layout", _layout),
        ("zone", _zone),
    )  # fmt: skip
    for name, read in looks:
        if name == "time" and word.isdigit():
            continue
        try:
            read(word)
        except _InvalidValue:
            continue
        return name
    return None


def _suggest(word: str) -> tuple[str, ...]:
    """Return what a word was meant to be, perhaps, of all that needs no name; cities at last."""
    values = (*DAYS, *LANGUAGES, "both", *(layout.value for layout in Layout))
    wishes = {value: value for value in values} | {name: f"{name}=" for name in PREFERENCE_NAMES}
    cities = {name.rpartition("/")[2].casefold(): name for name in _zones().values()}
    for known in (wishes, cities):
        near = process.extract(
            word.casefold(), list(known), scorer=fuzz.ratio, score_cutoff=_NEAR, limit=2
        )
        if near:
            return tuple(known[each[0]] for each in near)
    return ()


def _day(value: str) -> int | None:
    wanted = value.casefold().removesuffix("요일")
    if wanted in _NEVER:
        return None
    if wanted in _KOREAN_DAYS and len(wanted) == 1:
        return _KOREAN_DAYS.index(wanted)
    least = 2
    if len(wanted) > least:
        for number, day in enumerate(DAYS):
            if day.startswith(wanted):
                return number
    raise _InvalidValue(
        *(each[0] for each in process.extract(wanted, DAYS, limit=1, score_cutoff=_NEAR))
    )


def _clock(value: str) -> time:
    match = _TIME.match(value.strip())
    if match is None:
        raise _InvalidValue
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").casefold()
    if half in {"am", "pm"}:
        if not 1 <= hour <= _MORNING_HOURS:
            raise _InvalidValue
        hour = hour % _MORNING_HOURS + (_MORNING_HOURS if half == "pm" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        raise _InvalidValue from None


def _zone(value: str) -> str:
    wanted = value.casefold().replace(" ", "_")
    known = _zones()
    if wanted in known:
        return known[wanted]
    ends = [name for folded, name in known.items() if folded.endswith("/" + wanted)]
    if len(ends) == 1:
        return ends[0]
    near = process.extract(wanted, list(known), score_cutoff=_NEAR, limit=3)
    raise _InvalidValue(*(ends[:3] or [known[each[0]] for each in near]))


def _language(value: str) -> str:
    wanted = value.casefold()
    wanted = _LANGUAGES.get(wanted, wanted)
    if wanted not in (*LANGUAGES, "both"):
        raise _InvalidValue(*LANGUAGES, "both")
    return wanted


def _layout(value: str) -> Layout:
    try:
        return Layout(value.casefold())
    except ValueError:
        raise _InvalidValue(*(layout.value for layout in Layout)) from None


def _tags(value: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    wanted = [part.strip().lstrip("#") for part in value.split(",") if part.strip(" #")]
    if [part.casefold() for part in wanted] in (["all"], ["전체"], ["모두"]):
        return ()
    found = []
    for part in wanted:
        slug = tagging.resolve_tag(vocabulary, part)
        if slug is None:
            near = tagging.similar_tags(vocabulary, part, set(vocabulary.slugs.values()))
            raise _InvalidValue(*near, given=part)
        found.append(slug)
    if not found:
        raise _InvalidValue
    return tuple(dict.fromkeys(found))


def _parse_duration(value: str, least: timedelta, most: timedelta) -> timedelta:
    match = _SPAN.match(value)
    if match is None:
        raise _InvalidValue
    found = timedelta(minutes=int(match[1]) * _UNITS[(match[2] or "").casefold()])
    if not least <= found <= most:
        raise _InvalidValue(f"{least // timedelta(hours=1)}h … {most.days}d")
    return found


def _absence(value: str) -> bool:
    wanted = value.casefold()
    if wanted in {"say", "yes", "on", "알림"}:
        return True
    if wanted in {"silent", "no", "off", "조용히"}:
        return False
    raise _InvalidValue("say", "silent")


def _quiet(value: str) -> tuple[time, time]:
    if value.casefold() in _NEVER:
        return time(), time()
    start, mark, end = re.sub("[~–]", "-", value).partition("-")  # noqa: RUF001 - people type it
    if not mark:
        raise _InvalidValue("22-8", "off")
    return _clock(start.strip()), _clock(end.strip())


def _parse_mention(value: str) -> str:
    """Return the name or number of a role, group or channel, taken out of its mention."""
    if value.casefold() in _NEVER:
        return ""
    match = _NUMBERED.match(value)
    is_person = value.startswith("<@") and not value.startswith("<@&")
    if match is None or is_person or match[1].casefold() in _EVERYBODY:
        raise _InvalidValue
    return match[1]


_PARSERS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "day": lambda value: {"weekday": _day(value)},
    "time": lambda value: {"at": _clock(value)},
    "zone": lambda value: {"zone": _zone(value)},
    "language": lambda value: {"language": _language(value)},
    "layout": lambda value: {"layout": _layout(value)},
    "patience": lambda value: {"patience": _parse_duration(value, timedelta(), _LONGEST_PATIENCE)},
    "grace": lambda value: {"grace": _parse_duration(value, timedelta(hours=1), _LONGEST_GRACE)},
    "absence": lambda value: {"says_absence": _absence(value)},
    "quiet": lambda value: dict(zip(("quiet_from", "quiet_until"), _quiet(value), strict=True)),
    "mention": lambda value: {"mention": _parse_mention(value)},
    "admin": lambda value: {"admin_channel": _parse_mention(value)},
}


@cache
def _zones() -> Mapping[str, str]:
    """Return every zone by its folded name."""
    return {name.casefold(): name for name in sorted(available_timezones())}


def _steps(name: str) -> list[str]:
    return name.casefold().split("/")
