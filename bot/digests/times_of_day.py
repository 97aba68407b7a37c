"""Reads times of day as people write them, in Korean and English (pure)."""

import re
from collections.abc import Callable, Mapping
from datetime import time

_NOON = 12

_CLOCK = re.compile(r"^(\d{1,2})(?:[:.](\d{2})(?::00)?|시(?:(\d{1,2})분|(반)|정각)?)?$")
_DIGITS = re.compile(r"^(\d{2})(\d{2})$")
_NAMED = {"정오": time(_NOON), "noon": time(_NOON), "자정": time(), "midnight": time()}


def _morning(hour: int) -> int | None:
    return hour % _NOON if hour <= _NOON else None


def _afternoon(hour: int) -> int | None:
    return hour % _NOON + _NOON if hour <= _NOON else None


def _evening(hour: int) -> int | None:
    return hour + _NOON if 1 <= hour < _NOON else None


def _day(hour: int) -> int | None:
    first, last = 10, 5
    if first <= hour <= _NOON:
        return hour
    return hour + _NOON if 1 <= hour <= last else None


def _night(hour: int) -> int | None:
    first, last = 6, 4
    if first <= hour <= _NOON:
        return (hour + _NOON) % (2 * _NOON)
    return hour if hour <= last else None


_PARTS_OF_DAY: Mapping[str, Callable[[int], int | None]] = {
    "am": _morning, "오전": _morning, "새벽": _morning, "아침": _morning,
    "pm": _afternoon, "오후": _afternoon, "저녁": _evening, "낮": _day, "점심": _day, "밤": _night,
}  # fmt: skip
"""Words for a part of the day; each returns the hour of 24 of an hour of 12, None for nonsense."""

_PART = "|".join(sorted(_PARTS_OF_DAY, key=len, reverse=True))
_WITH_PART = re.compile(rf"^(?P<before>{_PART})?(?P<clock>.*?)(?P<after>{_PART})?$")


def parse_time(text: str) -> time | None:
    """Return the time of day that a text says, or None.

    It may be of 24 hours (`09:00`, `0900`, `18`, `15시`), of 12 hours (`3pm`, `pm 3:00`,
    `오후 3시 30분`, `저녁 7시`, `밤 12시`) or a name (`정오`, `midnight`).
    """
    folded = re.sub(r"\s+", "", text.casefold()).replace("a.m.", "am").replace("p.m.", "pm")
    folded = folded.removesuffix("에").replace("o'clock", "")
    if folded in _NAMED:
        return _NAMED[folded]
    found = _WITH_PART.match(folded)
    if found is None or (found["before"] and found["after"]):
        return None
    clock = _CLOCK.match(found["clock"]) or _DIGITS.match(found["clock"])
    if clock is None:
        return None
    hour: int | None = int(clock[1])
    part = found["before"] or found["after"]
    if part:
        # English speakers count from 1 to 12, Koreans from 0 to 12 or from 1 to 12.
        is_zero = clock[1] in {"0", "00"} and part in {"am", "pm"}
        hour = None if is_zero else _PARTS_OF_DAY[part](int(clock[1]))
    return _time(hour, _minutes(clock))


def _minutes(clock: re.Match[str]) -> int:
    _, *minutes = clock.groups()
    given = next(filter(None, minutes), "0")
    return 30 if given == "반" else int(given)


def _time(hour: int | None, minute: int) -> time | None:
    try:
        return None if hour is None else time(hour, minute)
    except ValueError:
        return None
