"""ISO weeks and months, and references to weeks in their written form."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Self

_DAYS_TO_MIDDLE = timedelta(days=3)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week: the stable identifier of an issue, unlike headings and ranges of days."""

    year: int
    number: int

    @classmethod
    def of(cls, start: date) -> Self:
        """Return the week of an issue that starts on this day.

        It is the ISO week of the start plus three days, which is unique over the whole history
        of the known sources; the ISO week of the first or the last day is not.
        """
        year, number, _ = (start + _DAYS_TO_MIDDLE).isocalendar()
        return cls(year, number)

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02}"


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of a year."""

    year: int
    number: int
    """From 1."""

    @property
    def first_day(self) -> date:
        """Return its first day."""
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        """Return its last day."""
        return date(self.year, self.number, monthrange(self.year, self.number)[1])

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"


_DATE = re.compile(r"^(\d{4})(?:[-./ ] ?(\d{1,2})[-./ ] ?(\d{1,2})\.?|(\d{2})(\d{2}))$")
_KOREAN_DATE = re.compile(r"^(\d{4})\s*년\s*(\d{1,2})\s*월\s*(\d{1,2})\s*일$")
_ISO_WEEK = re.compile(r"^(\d{4})[- ]?W(\d{1,2})$", re.IGNORECASE)
_BACK = re.compile(r"^[-\u2212\u2013](\d{1,4})$")


class NamedWeek(Enum):
    """A week relative to today, or the newest stored one."""

    THIS = "this"
    LAST = "last"
    LATEST = "latest"


_NAMES = {
    "": NamedWeek.LATEST,
    "latest": NamedWeek.LATEST,
    "newest": NamedWeek.LATEST,
    "최신": NamedWeek.LATEST,
    "this": NamedWeek.THIS,
    "today": NamedWeek.THIS,
    "이번주": NamedWeek.THIS,
    "이번 주": NamedWeek.THIS,
    "오늘": NamedWeek.THIS,
    "last": NamedWeek.LAST,
    "previous": NamedWeek.LAST,
    "지난주": NamedWeek.LAST,
    "지난 주": NamedWeek.LAST,
}


@dataclass(frozen=True, slots=True)
class IssueOffset:
    """The issue `count` before the newest stored one."""

    count: int


WeekReference = date | Week | IssueOffset | NamedWeek
"""A reference to one week; `date` is any day inside the week."""


def parse(text: str) -> WeekReference | None:
    """Return the week that a written form such as `2023-W41` or `latest` refers to, or None.

    None also for a day that does not exist (2023-02-30) or a week that its year does not have.
    `bot.model.week_phrases` reads what people write beside these forms.
    """
    text = text.strip()
    named = _NAMES.get(text.casefold())
    if named is not None:
        return named
    if match := _BACK.match(text):
        return IssueOffset(int(match[1]))
    if match := _ISO_WEEK.match(text):
        return make_week(int(match[1]), int(match[2]))
    if match := _DATE.match(text) or _KOREAN_DATE.match(text):
        return make_day(*(int(part) for part in match.groups() if part))
    return None


def thursday_of(week: Week) -> date:
    """Return the Thursday of an ISO week, the day that decides its year."""
    return date.fromisocalendar(week.year, week.number, 4)


def week_earlier(day: date) -> date:
    """Return the same day of the week before."""
    return day - timedelta(days=7)


def make_week(year: int, number: int) -> Week | None:
    """Return a week, or None where the year does not have it."""
    try:
        date.fromisocalendar(year, number, 1)
    except ValueError:
        return None
    return Week(year, number)


def make_day(year: int, month: int, day: int) -> date | None:
    """Return a day, or None where it does not exist."""
    try:
        return date(year, month, day)
    except ValueError:
        return None
