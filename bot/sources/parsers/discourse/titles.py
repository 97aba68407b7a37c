"""Parses the titles of weekly posts and of their papers: days, and both languages (pure)."""

import re
from datetime import date

from bot.lib.transliteration import has_hangul
from bot.sources.parsers.languages import language_of

_DATES = re.compile(
    r"\[\s*(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})\s*[-~～∼〜–—]\s*"  # noqa: RUF001 (dashes that people write)
    r"(?:(?:(\d{4})[/.-])?(\d{1,2})[/.-])?(\d{1,2})\s*\]\s*([^\n]*)"
)

_LATIN = re.compile(r"[A-Za-z]")
_LAST_DAY = date(9999, 1, 1)

_LONGEST_TITLE = 1000
"""Where the two languages of a title divide; a longer one has no second language."""


def has_dates(text: str) -> bool:
    """Return whether a text has the days of a week as weekly posts write them."""
    return _DATES.search(text) is not None


def parse_title(title: str) -> tuple[date, date, dict[str, str]] | None:
    """Return first day, last day and titles by language; None if it has no days of a week."""
    match = _DATES.search(title)
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    end_month = int(match[5]) if match[5] else month
    end_year = int(match[4]) if match[4] else year + (end_month < month)
    try:
        start, end = date(year, month, day), date(end_year, end_month, int(match[6]))
    except ValueError:
        return None
    return (start, end, _titles(match[7])) if date.min < start <= end < _LAST_DAY else None


def _titles(text: str) -> dict[str, str]:
    korean, english = _split_parenthesis(text.strip())
    if korean and _LATIN.search(english):
        return {"ko": korean, "en": english}
    return {language_of(text): text.strip()} if text.strip() else {}


def _split_parenthesis(text: str) -> tuple[str, str]:
    """Return what stands before the parenthesis at the end of a text, and what stands in it."""
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += (text[place] == ")") - (text[place] == "(")
        if not depth:
            return text[:place].strip(), text[place + 1 : -1].strip()
    return text, ""


def split_title(title: str) -> dict[str, str]:
    """Return `KO / EN` by language; a slash may stand inside either of them."""
    place = title.find(" / ")
    while 0 <= place <= _LONGEST_TITLE:
        korean, english = title[:place].strip(), title[place + 3 :].strip()
        if has_hangul(korean) and english and not has_hangul(english):
            return {"ko": korean, "en": english}
        place = title.find(" / ", place + 1)
    return {language_of(title): title.strip()}
