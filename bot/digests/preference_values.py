"""Parses the value of each setting of a digest (pure)."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import time, timedelta
from typing import Any

from rapidfuzz import process

from bot.digests.slots import DAYS
from bot.digests.time_zones import UnknownZone, find_zone
from bot.digests.times_of_day import parse_time
from bot.model.channels import Target
from bot.model.languages import OTHER_LANGUAGES
from bot.model.mentions import MentionSyntax
from bot.model.papers import LANGUAGES
from bot.model.subscriptions import Layout
from bot.papers import tagging
from bot.papers.tagging import Vocabulary

MIN_SIMILARITY = 70
"""The least similarity (0 to 100) at which a value is suggested for a mistyped one."""

_KOREAN_DAYS = "월화수목금토일"
_OFF = frozenset({"never", "none", "off", "안함", "없음", "끔"})
_LANGUAGES = {
    "한국어": "ko", "korean": "ko", "국문": "ko", "영어": "en", "english": "en", "영문": "en",
    "둘다": "both", "둘 다": "both", "한영": "both", "모두": "both",
}  # fmt: skip
_OTHERS = {name.casefold(): code for code, name in OTHER_LANGUAGES.items()}
_LAYOUTS = {"개요": "overview", "스레드": "threads", "쓰레드": "threads", "포럼": "forum"}
_DURATION = re.compile(
    r"^(\d{1,4})\s*(m|min|minutes?|h|hrs?|hours?|d|days?|분|시간|일)?$", re.IGNORECASE
)
_KOREAN_DAYS_LONG = {
    "반나절": "12h", "하루": "1d", "이틀": "2d", "사흘": "3d", "나흘": "4d", "닷새": "5d",
    "엿새": "6d", "이레": "7d", "일주일": "7d", "1주일": "7d", "1주": "7d", "한주": "7d",
    "2주": "14d", "이주일": "14d", "보름": "15d", "한시간": "1h", "두시간": "2h",
}  # fmt: skip
"""Spans that Korean has words for."""
_MINUTES = {"m": 1, "분": 1, "h": 60, "시": 60, "": 60, "d": 1440, "일": 1440}
"""Minutes by the first letter of a unit; hours without one."""
_LONGEST_PATIENCE, _LONGEST_GRACE = timedelta(days=7), timedelta(days=14)
_ALL_TAGS = (["all"], ["any"], ["none"], ["전체"], ["모두"], ["모든"], ["없음"])
_LIST_SEPARATORS = re.compile(r"[,;/|·、]")


class InvalidValue(Exception):
    """A value cannot be understood; `suggestions` are the nearest ones that can."""

    def __init__(self, *suggestions: str, value: str = "") -> None:
        super().__init__()
        self.suggestions = suggestions
        self.value = value
        """The piece that was not understood, if it is not the whole."""


def parse_value(name: str, value: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """Return the fields of a subscription that a setting changes; raises InvalidValue."""
    if name == "tags":
        return {"tags": parse_tags(value, vocabulary)}
    return PARSERS[name](value.strip())


def parse_day(value: str) -> int | None:
    """Return the number of a day of the week, 0 is Monday; None for no day."""
    wanted = value.casefold().removeprefix("매주").removesuffix("마다").strip()
    wanted = wanted.removesuffix("요일")
    if wanted in _OFF:
        return None
    if wanted in _KOREAN_DAYS and len(wanted) == 1:
        return _KOREAN_DAYS.index(wanted)
    shortest = 3
    if len(wanted) >= shortest:
        for number, day in enumerate(DAYS):
            if day.startswith(wanted):
                return number
    near = process.extract(wanted, DAYS, limit=1, score_cutoff=MIN_SIMILARITY)
    raise InvalidValue(*(each[0] for each in near))


def parse_clock(value: str) -> time:
    """Return a time of day; raises InvalidValue."""
    found = parse_time(value)
    if found is None:
        raise InvalidValue("09:00", "3pm", "오후 3시")
    return found


def parse_zone(value: str) -> str:
    """Return the name of a time zone in the IANA database; raises InvalidValue."""
    try:
        return find_zone(value)
    except UnknownZone as error:
        raise InvalidValue(*error.suggestions) from None


def parse_language(value: str) -> str:
    """Return 'ko', 'en', 'both' or the code of another language; raises InvalidValue.

    Whether texts are translated into another one is for the caller to say.
    """
    wanted = value.casefold()
    wanted = _LANGUAGES.get(wanted) or _OTHERS.get(wanted, wanted)
    if set(re.split(r"\s*[,/+&]\s*", wanted)) == set(LANGUAGES):
        return "both"
    if wanted not in (*LANGUAGES, "both", *OTHER_LANGUAGES):
        raise InvalidValue(*LANGUAGES, "both")
    return wanted


def parse_layout(value: str) -> Layout:
    """Return a layout; raises InvalidValue."""
    wanted = value.casefold()
    try:
        return Layout(_LAYOUTS.get(wanted, wanted))
    except ValueError:
        raise InvalidValue(*(layout.value for layout in Layout)) from None


def parse_tags(value: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the slugs of a list of tags; empty for all papers. Raises InvalidValue."""
    wanted = [part.strip().lstrip("#") for part in _LIST_SEPARATORS.split(value)]
    wanted = [part for part in wanted if part]
    if [part.casefold() for part in wanted] in _ALL_TAGS:
        return ()
    found = [slug for part in wanted for slug in _tags_of(part, vocabulary)]
    if not found:
        raise InvalidValue
    return tuple(dict.fromkeys(found))


def _tags_of(part: str, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield the tags that are named: each word's, or that of the whole phrase."""
    words = [word.lstrip("#") for word in part.split()]
    slugs = set(vocabulary.slugs.values())
    if len(words) > 1 and all(word.casefold() in slugs for word in words):
        yield from (word.casefold() for word in words)
        return
    slug = tagging.resolve_tag(vocabulary, part)
    if slug is not None:
        yield slug
    elif len(words) > 1:
        for word in words:
            yield from _tags_of(word, vocabulary)
    else:
        raise InvalidValue(*tagging.similar_tags(vocabulary, part, slugs), value=part)


def _parse_duration(value: str, least: timedelta, most: timedelta) -> timedelta:
    match = _DURATION.match(_KOREAN_DAYS_LONG.get(value.replace(" ", ""), value))
    if match is None:
        raise InvalidValue("36h", "2d")
    unit = (match[2] or "")[:1].casefold()
    found = timedelta(minutes=int(match[1]) * _MINUTES[unit])
    if not least <= found <= most:
        raise InvalidValue(f"{least // timedelta(hours=1)}h … {most.days}d")
    return found


def _parse_switch(value: str) -> bool:
    wanted = value.casefold().replace(" ", "")
    if wanted in {"on", "yes", "true", "켬", "켜기", "켜짐", "예", "네", "보이기"}:
        return True
    if wanted in _OFF | {"no", "false", "끄기", "꺼짐", "아니오", "아니요", "숨기기"}:
        return False
    raise InvalidValue("on", "off")


def _parse_absence(value: str) -> bool:
    wanted = value.casefold().replace(" ", "")
    if wanted in {"say", "yes", "on", "알림", "알리기", "알려줘"}:
        return True
    if wanted in {
        "silent",
        "no",
        "off",
        "조용히",
        "말없이",
        "말없음",
        "알리지않음",
        "안함",
        "없음",
        "끔",
    }:
        return False
    raise InvalidValue("say", "silent")


def _parse_quiet_hours(value: str) -> tuple[time, time]:
    if value.casefold() in _OFF:
        return time(), time()
    plain = re.sub("[~–]|부터", "-", value).removesuffix("까지")  # noqa: RUF001 - people type it
    start, mark, end = plain.partition("-")
    if not mark:
        raise InvalidValue("22-8", "off")
    return parse_clock(start.strip()), parse_clock(end.strip())


def parse_mention(
    name: str, value: str, syntax: MentionSyntax, target: Target | None = None
) -> dict[str, Any]:
    """Return the change of `mention` or `admin`; raises InvalidValue.

    The role that bears the id of its server is everyone's, and refused.
    """
    field = MENTIONS[name]
    if value.strip().casefold() in _OFF:
        return {field: ""}
    parse = syntax.parse_group if name == "mention" else syntax.parse_channel
    try:
        found = parse(value.strip())
    except ValueError:
        raise InvalidValue from None
    if target and target.workspace == found:
        raise InvalidValue
    return {field: found}


MENTIONS = {"mention": "mention", "admin": "admin_channel"}
"""The settings that are mentions, and the fields of a subscription that they change."""

PARSERS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "day": lambda value: {"weekday": parse_day(value)},
    "time": lambda value: {"at": parse_clock(value)},
    "zone": lambda value: {"zone": parse_zone(value)},
    "language": lambda value: {"language": parse_language(value)},
    "layout": lambda value: {"layout": parse_layout(value)},
    "patience": lambda value: {"patience": _parse_duration(value, timedelta(), _LONGEST_PATIENCE)},
    "grace": lambda value: {"grace": _parse_duration(value, timedelta(hours=1), _LONGEST_GRACE)},
    "absence": lambda value: {"says_absence": _parse_absence(value)},
    "recap": lambda value: {"has_recap": _parse_switch(value)},
    "quiet": lambda value: dict(
        zip(("quiet_from", "quiet_until"), _parse_quiet_hours(value), strict=True)
    ),
    "mention": lambda value: parse_mention("mention", value, MentionSyntax()),
    "admin": lambda value: parse_mention("admin", value, MentionSyntax()),
}
"""The parser of each setting, except for tags and series."""
