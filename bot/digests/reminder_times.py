"""Reads when a person wants to be reminded, in Korean and English (pure)."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.digests.preference_values import InvalidValue, parse_day
from bot.digests.slots import local_to_utc
from bot.digests.times_of_day import parse_time

MOST_AHEAD = timedelta(days=366)
"""How far ahead a reminder can be."""

_MOST_WORDS = 6
"""The most words of a time, as in `다음 주 금요일 오후 3시 반`."""

_DAYS_AHEAD = {
    "today": 0, "오늘": 0, "tonight": 0, "tomorrow": 1, "내일": 1, "낼": 1, "모레": 2,
    "내일모레": 2, "day after tomorrow": 2, "글피": 3, "next week": 7, "다음주": 7, "다음 주": 7,
    # Days that are over are known, so that they are told of and not looked for as papers.
    "yesterday": -1, "어제": -1, "그제": -2, "그저께": -2, "last week": -7, "지난주": -7,
    "지난 주": -7,
}  # fmt: skip
_SPAN = re.compile(
    r"(?:in )?(\d{1,3}|a) ?(days?|weeks?|일|주일|주)(?: ?(?:from now|later|뒤|후|뒤에|후에))?"
)
_ISO = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})\.?")
_KOREAN = re.compile(r"(?:(\d{4})년 ?)?(\d{1,2})월 ?(\d{1,2})일")
_MONTH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = "|".join(_MONTHS)
_ENGLISH = re.compile(
    rf"(?:({_MONTH})[a-z]*\.? (\d{{1,2}})|(\d{{1,2}})\.? ({_MONTH})[a-z]*)(?:,? (\d{{4}}))?"
)
_NEXT = re.compile(r"(?:next|다음 ?주(?:의)?) (.+)")
_FILLERS = re.compile(r"^(?:on|at|by|this|이번 ?주) |(?:요일|일|주|뒤|후|내일|모레|오늘)(에)$")
_CLOCK = re.compile(r"[:시]|am|pm|a\.m|p\.m|noon|midnight|정오|자정")
_WEEK = 7


def split_time(text: str, now: datetime, at: time, zone: ZoneInfo) -> tuple[str, datetime | None]:
    """Return what stands before a time at the end of a text, and the time; None for none.

    The longest end that is a time is taken for one.
    """
    words = text.split()
    for start in range(max(len(words) - _MOST_WORDS, 0), len(words)):
        when = parse_reminder_time(" ".join(words[start:]), now, at, zone)
        if when is not None:
            return " ".join(words[:start]), when
        if _day(_plain(" ".join(words[start:])), now.astimezone(zone).date()) is not None:
            break  # the end of a day that is over, such as `2020년 1월 1일`, may be one to come
    return text.strip(), None


def split_unusable_day(text: str, today: date) -> tuple[str, str]:
    """Return what stands before a day at the end of a text, and the day as it is written.

    The day is one at which no reminder can come, as `split_time` finds the others; it is empty
    where the text ends with none, or has nothing else.
    """
    words = text.split()
    for start in range(max(len(words) - _MOST_WORDS, 1), len(words)):
        written = " ".join(words[start:])
        if _day(_plain(written), today) is not None:
            return " ".join(words[:start]), written
    return text.strip(), ""


def parse_reminder_time(text: str, now: datetime, at: time, zone: ZoneInfo) -> datetime | None:
    """Return the moment (UTC) that a text means; None where it means none.

    It is a day, a time of day or both: `friday`, `next monday 9am`, `2026-12-01`, `in 3 days`,
    `내일`, `금요일 오후 3시`, `20:00`. Without a time of day it is `at`; a day of the week is the
    next one that is still to come, and may be today.
    """
    today = now.astimezone(zone).date()
    words = _plain(text).split()
    whole = _day(" ".join(words), today)
    if whole is not None and whole < today:
        return None  # the year of `3 May 2020` is no time of day
    for count in range(len(words), -1, -1):
        day_words, clock_words = " ".join(words[:count]), " ".join(words[count:])
        clock = parse_time(_plain(clock_words)) if clock_words else at
        if clock is None or (not day_words and not _CLOCK.search(clock_words)):
            continue
        moment = _moment(day_words, clock, now, zone, today)
        if moment is not None:
            return moment
    return None


def _moment(
    day_words: str, clock: time, now: datetime, zone: ZoneInfo, today: date
) -> datetime | None:
    if not day_words:
        found = local_to_utc(today, clock, zone)
        return found if found > now else local_to_utc(today + timedelta(days=1), clock, zone)
    weekday = _weekday(day_words)
    if weekday is not None:
        day = today + timedelta(days=(weekday - today.weekday()) % _WEEK)
        found = local_to_utc(day, clock, zone)
        return found if found > now else local_to_utc(day + timedelta(days=_WEEK), clock, zone)
    day_meant = _day(day_words, today)
    if day_meant is None or not today <= day_meant <= today + MOST_AHEAD:
        return None
    found = local_to_utc(day_meant, clock, zone)
    return found if found > now else None


def _plain(text: str) -> str:
    folded = " ".join(text.casefold().split())
    match = _FILLERS.search(folded)
    if match and match[1]:
        folded = folded[: match.start(1)]
    return re.sub(r"^(?:on|at|by|this|이번 ?주) ", "", folded)


def _weekday(words: str) -> int | None:
    try:
        return parse_day(words)
    except InvalidValue:
        return None


def _day(words: str, today: date) -> date | None:
    if words in _DAYS_AHEAD:
        return today + timedelta(days=_DAYS_AHEAD[words])
    if match := _SPAN.fullmatch(words):
        number = 1 if match[1] == "a" else int(match[1])
        is_weeks = match[2].startswith(("week", "주"))
        return today + timedelta(days=number * (_WEEK if is_weeks else 1))
    if match := _NEXT.fullmatch(words):
        weekday = _weekday(match[1])
        monday = today - timedelta(days=today.weekday()) + timedelta(days=_WEEK)
        return None if weekday is None else monday + timedelta(days=weekday)
    return _date(words, today)


def _date(words: str, today: date) -> date | None:
    """Return a day of the calendar; one without a year is the next one of its kind."""
    year, month, day = 0, 0, 0
    if match := _ISO.fullmatch(words):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match := _KOREAN.fullmatch(words):
        year, month, day = int(match[1] or 0), int(match[2]), int(match[3])
    elif match := _MONTH_DAY.fullmatch(words):
        month, day = int(match[1]), int(match[2])
    elif match := _ENGLISH.fullmatch(words):
        name = match[1] or match[4]
        year, month = int(match[5] or 0), _MONTHS.index(name) + 1
        day = int(match[2] or match[3])
    try:
        found = date(year or today.year, month, day)
        return found if year or found >= today else found.replace(year=today.year + 1)
    except ValueError:
        return None
