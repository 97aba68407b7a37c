"""Parses the query language of /find (pure): phrases, exclusions and filters."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from bot.lib.normalise import index_tokens, stem, words
from bot.model.week_phrases import parse_week_phrase
from bot.model.weeks import Month, Week
from bot.papers.tagging import Vocabulary, resolve_tag
from bot.ports.search_index import TextQuery

_PART = re.compile(
    r"(?P<no>-)?(?:(?P<field>tag|year|author|week|태그|연도|저자|주간):)?"
    r"(?:[\"\u201c\u201d](?P<quoted>[^\"\u201c\u201d]+)[\"\u201c\u201d]|(?P<plain>\S+))"
)
_FIELDS = {"태그": "tag", "연도": "year", "저자": "author", "주간": "week"}
_NUMBERED = re.compile(r"([^\W\d_]+)[-_ ]?(\d+)")
_YEAR = re.compile(r"\d{4}")


def parse_text_query(text: str, vocabulary: Vocabulary, today: date) -> TextQuery:
    """Return a query of /find.

    `"in quotes"` is a phrase, `-word` excludes, `tag:`, `year:`, `author:` and `week:` filter; a
    filter that cannot be read is searched for as words. `gpt4` and `gpt-4` are the same.
    """
    needed: list[tuple[tuple[str, ...], ...]] = []
    excluded: list[tuple[str, ...]] = []
    tags: list[str] = []
    days: tuple[date, date] | None = None
    for match in _PART.finditer(text):
        field = _FIELDS.get(match["field"] or "", match["field"] or "")
        value = match["quoted"] or match["plain"]
        period = _period(field, value, today)
        if field == "tag" and not match["no"]:
            tags.append(resolve_tag(vocabulary, value) or value.casefold().lstrip("#"))
        elif period and not match["no"]:
            days = period
        elif match["no"]:
            excluded.append(index_tokens(value))
        elif match["quoted"] or field == "author":
            needed.append((index_tokens(value),))
        else:
            needed.extend(_alternatives(value))
    return TextQuery(
        tuple(alternatives for alternatives in needed if all(alternatives)),
        tuple(filter(None, excluded)),
        tuple(tags),
        days,
    )


def stems_of(text: str) -> Sequence[str]:
    """Return the words to mark in a passage."""
    shown = [
        match["quoted"] or match["plain"]
        for match in _PART.finditer(text)
        if not match["no"] and match["field"] not in {"tag", "year", "week"}
    ]
    return [stem(word) for word in words(" ".join(shown))]


def _alternatives(value: str) -> Iterator[tuple[tuple[str, ...], ...]]:
    """Yield what has to occur for a plain word, each with its spellings as tokens."""
    numbered = _NUMBERED.fullmatch(value)
    if numbered:
        yield (
            index_tokens(numbered[1] + numbered[2]),
            index_tokens(f"{numbered[1]} {numbered[2]}"),
        )
        return
    for word in words(value):
        yield from (((token,),) for token in index_tokens(stem(word)))


def _period(field: str, value: str, today: date) -> tuple[date, date] | None:
    """Return the first and the last day that a filter means, or None."""
    if field == "year" and _YEAR.fullmatch(value) and int(value) > 0:
        return date(int(value), 1, 1), date(int(value), 12, 31)
    if field != "week":
        return None
    meant = parse_week_phrase(value, today)
    if isinstance(meant, Month):
        return meant.first_day, meant.last_day
    if isinstance(meant, Week):
        days = [date.fromisocalendar(meant.year, meant.number, day) for day in (1, 7)]
        return days[0], days[1]
    return (meant, meant) if isinstance(meant, date) else None
