"""Reads weeks and months as people write them, in English and Korean (pure)."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TypeVar

from bot.model.weeks import Month, NamedWeek, Week, WeekReference, make_day, make_week, parse

FoundT = TypeVar("FoundT", date, Week)

WeekPhrase = WeekReference | Month
"""One week, or all weeks of a month."""

_AHEAD = timedelta(days=6)
"""How far ahead of today a day without a year may lie: to the end of the current week."""

_YEARS_BACK = 8
"""29 February may be that many years away."""

_WEEK = timedelta(weeks=1)
MONTH_NUMBERS = {
    name[:length]: number
    for number, name in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september",
         "october", "november", "december"), start=1,
    )
    for length in (3, 4, len(name))
}  # fmt: skip
"""Numbers of the months by their English names and abbreviations, in lower case."""

_NUMBERS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "한": 1, "두": 2, "세": 3, "네": 4}
_NAMES = {
    NamedWeek.LATEST: "latest week|newest week|most recent|most recent week|recent|new|최근"
    "|최신주",
    NamedWeek.THIS: "this week|current|current week|now|이번주|이번 주|이번주차|금주|today|오늘",
    NamedWeek.LAST: "last week|previous week|past week|a week ago|지난주|지난 주|저번주|저번 주"
    "|전주|일주일 전",
}
_NAMED_WEEKS = {name: week for week, names in _NAMES.items() for name in names.split("|")}
_DAYS_BACK = {
    "yesterday": 1, "어제": 1, "the day before yesterday": 2, "day before yesterday": 2,
    "그제": 2, "그저께": 2, "엊그제": 2, "week before last": 14, "the week before last": 14,
    "지지난주": 14, "지지난 주": 14, "저저번주": 14, "저저번 주": 14,
}  # fmt: skip
_MONTHS_BACK = {"this month": 0, "이번달": 0, "이번 달": 0, "이달": 0, "last month": 1,
                "지난달": 1, "지난 달": 1, "저번달": 1, "저번 달": 1}  # fmt: skip

_DASHES = re.compile("[\u2013\u2014\u223c\u301c\uff5e]")
_WEEKDAY = re.compile(
    r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? +(?=\S)|"
    r" *\([월화수목금토일]\)| *[월화수목금토일]요일"
)
_FILLER_BEFORE = re.compile(
    r"^(?:(?:show|me|the|papers?|issues?|lists?|of|from|for|in|on|during|논문) +|week of +)+"
)
_FILLER_AFTER = re.compile(
    r"(?:['\u2019]s|의| *(?:papers?|issues?|list|week|please))$|"
    r" *(?:논문들?|목록|리스트|소식|보여줘|알려줘|좀|주간|주)$"
)
_AGO = re.compile(r"(\d{1,3}|[a-z]+|[한두세네]) ?(days?|weeks?|일|주일?) ?(?:ago|전)")
_NAME = "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True))
_YEAR = r"(?P<year>\d{4}|'\d{2}|\d{2}(?=년))년?"
_DAY_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?:{_YEAR}\s*)?(?P<month>\d{{1,2}})월 *(?P<day>\d{{1,2}})일?",
        rf"(?P<name>{_NAME})\.?[ -]?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? ?-?(?:{_YEAR}))?",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ -](?:of )?(?P<name>{_NAME})\.?(?:,?[ -]?{_YEAR})?",
        r"(?P<year>\d{4})[-./ ] *(?P<month>\d{1,2})[-./ ] *(?P<day>\d{1,2})\.?",
    )
)
_MONTH_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?:{_YEAR} *)?(?P<month>\d{{1,2}})월",
        rf"(?P<name>{_NAME})\.?(?:,? ?{_YEAR})?",
        rf"{_YEAR},? (?P<name>{_NAME})\.?",
        r"(?P<year>\d{4})[-./] *(?P<month>\d{1,2})\.?",
    )
)
_WEEK_FORMS = tuple(
    re.compile(form)
    for form in (
        r"(?:(?P<year>\d{4})[- ]?)?(?:w|week ?)(?P<number>\d{1,2})",
        r"(?:w|week ?)(?P<number>\d{1,2})(?:,? (?:of )?(?P<year>\d{4}))",
        r"(?:(?P<year>\d{4})년 *)?(?P<number>\d{1,2})주(?:차)?",
        r"(?P<year>\d{4})[-./](?P<number>1[3-9]|[2-5]\d)",
    )
)
_DAY_OF_MONTH = re.compile(r"(?:[\d./-]+[./-])?\d{1,2}일?(?:,? ?\d{4})?")
_LAST_YEAR = re.compile(r"\b(\d{4})$")


def parse_week_phrase(text: str, today: date) -> WeekPhrase | None:
    """Return the week or the month that a person means by a text, or None.

    What names no year is the latest that has begun: on 2024-03-01 `October` is 2023-10. Of a
    range of days the first one counts.
    """
    written = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    for candidate in _without_filler(written):
        for read in (_parse_written, _parse_relative, _parse_range, _parse_week, _parse_absolute):
            found = read(candidate, today)
            if found is not None:
                return found
    return None


def _without_filler(text: str) -> Iterator[str]:
    """Yield a text, and then what is left of it without each filler word in turn."""
    yield text
    bare = _WEEKDAY.sub("", text).strip(" .") or text
    for begun in dict.fromkeys((bare, _FILLER_BEFORE.sub("", bare))):
        left = begun
        yield left
        while (shorter := _FILLER_AFTER.sub("", left).strip()) != left and shorter:
            left = shorter
            yield left


def _parse_written(text: str, _today: date) -> WeekPhrase | None:
    return parse(text)


def _parse_relative(text: str, today: date) -> WeekPhrase | None:
    if text in _NAMED_WEEKS:
        return _NAMED_WEEKS[text]
    if text in _DAYS_BACK:
        return today - timedelta(days=_DAYS_BACK[text])
    if text in _MONTHS_BACK:
        return _month_before(today, _MONTHS_BACK[text])
    ago = _AGO.fullmatch(text)
    if ago and (ago[1].isdigit() or ago[1] in _NUMBERS):
        count = int(ago[1]) if ago[1].isdigit() else _NUMBERS[ago[1]]
        return today - count * (_WEEK if ago[2][0] in "w주" else timedelta(days=1))
    return None


def _parse_range(text: str, today: date) -> WeekPhrase | None:
    parted = _DASHES.sub("~", text)
    if "~" not in parted and any(name in parted for name in MONTH_NUMBERS):
        parted = re.sub(r"(?<=\d) ?- ?(?=\d{1,2}(?:,|$))| - | to ", "~", parted)
    first, mark, last = (part.strip() for part in parted.partition("~"))
    if not mark or not (_DAY_OF_MONTH.fullmatch(last) or _parse_day(last, today)):
        return None
    day = _parse_day(first, today)
    year = _LAST_YEAR.search(last)
    if day is None or year is None or _LAST_YEAR.search(first):
        return day
    named = make_day(int(year[1]), day.month, day.day)
    end = _parse_day(last, today)
    if named and end and named > end:
        return make_day(named.year - 1, named.month, named.day)
    return named


def _parse_week(text: str, today: date) -> WeekPhrase | None:
    for form in _WEEK_FORMS:
        if match := form.fullmatch(text):
            number = int(match["number"])
            if match["year"]:
                return make_week(int(match["year"]), number)
            return _latest(lambda year, number=number: make_week(year, number), _begun, today)  # type: ignore[misc]
    return None


def _parse_absolute(text: str, today: date) -> WeekPhrase | None:
    return _parse_day(text, today) or _parse_month(text, today)


def _parse_day(text: str, today: date) -> date | None:
    for form in _DAY_FORMS:
        if match := form.fullmatch(text):
            month, day = _month_number(match), int(match["day"])
            if match["year"]:
                return make_day(_full_year(match["year"]), month, day)
            return _latest(
                lambda year, month=month, day=day: make_day(year, month, day),  # type: ignore[misc]
                lambda found, now: found <= now + _AHEAD,
                today,
            )
    return None


def _parse_month(text: str, today: date) -> Month | None:
    for form in _MONTH_FORMS:
        if match := form.fullmatch(text):
            number = _month_number(match)
            if not 1 <= number <= len(set(MONTH_NUMBERS.values())):
                return None
            if match["year"]:
                return Month(_full_year(match["year"]), number)
            return Month(today.year - (number > today.month), number)
    return None


def _latest(
    make: Callable[[int], FoundT | None], is_past: Callable[[FoundT, date], bool], today: date
) -> FoundT | None:
    for year in range(today.year, today.year - _YEARS_BACK - 1, -1):
        found = make(year)
        if found is not None and is_past(found, today):
            return found
    return None


def _begun(week: Week, today: date) -> bool:
    return date.fromisocalendar(week.year, week.number, 1) <= today


def _month_number(match: re.Match[str]) -> int:
    found = match.groupdict()
    return MONTH_NUMBERS[found["name"]] if found.get("name") else int(found["month"])


def _full_year(text: str) -> int:
    digits = text.removeprefix("'")
    return int(digits) if len(digits) > 2 else 2000 + int(digits)  # noqa: PLR2004 - two digits


def _month_before(today: date, count: int) -> Month:
    year, month = divmod(today.year * 12 + today.month - 1 - count, 12)
    return Month(year, month + 1)
