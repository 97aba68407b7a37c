"""Counts subjects and words over time: what `/trend` and `/trends` and their pages show."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

from bot.commands.context import Context
from bot.commands.handlers.tags import resolve_known_tag
from bot.model.papers import Paper
from bot.model.trends import TagPeriod, TagShift, TagShifts, Trend, TrendLine
from bot.model.week_phrases import parse_week_phrase
from bot.model.weeks import Month, Week, thursday_of
from bot.search.text_query import parse_text_query

MAX_LINES = 5
"""More lines are not told apart."""
DEFAULT_PERIOD = 13

_DEFAULT_MONTHS = 24
_MAX_SHIFTS = 5
_MIN_SCORE = 1.3
"""By so many standard deviations a share has to differ from the one before."""
_MIN_PAPERS = 3
"""A tag with fewer papers in both periods is left out."""

_SEPARATOR = re.compile(r"\s*(?:[,;\n、]|\bvs\.?\s)\s*", re.IGNORECASE)
_SINCE = re.compile(
    r"^(?P<terms>.*?)(?:^|[\s,]+)(?:since(?:\s*[:=]\s*|\s+)(?P<after>.+)"
    r"|(?P<korean>\d{4}\S*(?:\s+\d{1,2}월)?)\s*(?:부터|이후)"
    r"|(?P<bare>(?:19|20)\d\d(?:-\d{1,2})?))$",
    re.IGNORECASE | re.DOTALL,
)
_YEAR = re.compile(r"(\d{4})년?")


@dataclass(frozen=True, slots=True)
class TrendQuestion:
    """What a person wants to see over time."""

    terms: tuple[str, ...]
    """Tags or words, as they were written."""
    since: Month | None
    """The first month; None for the usual time."""


def parse_trend_question(text: str, today: date) -> TrendQuestion:
    """Return what is asked: terms between commas, and a month or year after them."""
    since = None
    if found := _SINCE.match(text.strip()):
        since = _month(found["after"] or found["korean"] or found["bare"], today)
    terms = found["terms"] if found and since else text
    parts = [" ".join(part.split()) for part in _SEPARATOR.split(terms)]
    return TrendQuestion(tuple(dict.fromkeys(filter(None, parts))), since)


def _month(text: str, today: date) -> Month | None:
    """Return the first month that a phrase means, such as `2023`, `2023-05` or `2023년 5월`."""
    if year := _YEAR.fullmatch(text.strip()):
        return Month(int(year[1]), 1) if int(year[1]) else None
    meant = parse_week_phrase(text, today)
    if isinstance(meant, Week):
        meant = thursday_of(meant)
    if isinstance(meant, date):
        return Month(meant.year, meant.month)
    return meant if isinstance(meant, Month) else None


async def find_trend(context: Context, question: TrendQuestion) -> Trend | None:
    """Return the trend of at most `MAX_LINES` terms; None where the archive has no papers.

    A term that is no tag is searched for as words, unless each of its words is a tag.
    """
    terms = await _resolve(context, question.terms)
    return await draw_terms(context, terms[:MAX_LINES], question.since)


async def draw_terms(
    context: Context, terms: Sequence[tuple[str, str]], since: Month | None = None
) -> Trend | None:
    """Return the trend of terms, each with its tag or with nothing; see `find_trend`."""
    days = await context.archive.first_days()
    if days is None:
        return None
    months = _months(*days, since)
    # Of a large archive only the months that are shown are read.
    first = months[0].first_day
    totals = await context.archive.papers_by_month(since=first)
    words = [name for name, tag in terms if not tag]
    queries = [parse_text_query(each, context.vocabulary, context.today()) for each in words]
    found = await context.archive.query_index(lambda index: index.matches_by_month(queries, first))
    matches = dict(zip(words, found, strict=True))
    lines = [
        TrendLine(
            f"#{tag}",
            tag,
            tag,
            _counted(await context.archive.papers_by_month(tag, first), months),
        )
        if tag
        else TrendLine(f"“{name}”", name, "", _counted(matches[name], months))
        for name, tag in terms
    ]
    return Trend(months, _counted(totals, months), tuple(lines))


async def _resolve(context: Context, terms: Sequence[str]) -> list[tuple[str, str]]:
    """Return each term with its tag, or with nothing where it is words."""
    found: dict[str, str] = {}
    for term in terms:
        tag = await resolve_known_tag(context, term)
        words = term.split()
        parts = [] if tag else [await resolve_known_tag(context, word) for word in words]
        if len(parts) > 1 and all(parts):
            found |= {part: part for part in parts if part}
        else:
            found[tag or term] = tag or ""
    return list(found.items())


def _counted(counts: Mapping[Month, int], months: Sequence[Month]) -> tuple[int, ...]:
    return tuple(counts.get(month, 0) for month in months)


def _months(oldest: date, newest: date, since: Month | None) -> tuple[Month, ...]:
    """Return all months from the first wanted one to that of the newest issue."""
    first, last = (_month_number(Month(day.year, day.month)) for day in (oldest, newest))
    begin = max(first, _month_number(since) if since else last - _DEFAULT_MONTHS + 1)
    return tuple(
        Month(number // 12, number % 12 + 1) for number in range(min(begin, last), last + 1)
    )


def _month_number(month: Month) -> int:
    return month.year * 12 + month.number - 1


async def find_shifts(context: Context, weeks: int) -> TagShifts | None:
    """Return what rose and fell in the last weeks against as many before.

    The last week is that of the newest issue. None where the archive has no papers.
    """
    days = await context.archive.first_days()
    if days is None:
        return None
    last, span = days[1], timedelta(weeks=weeks)
    now = await context.archive.tags_of_period(_after(last, span), last)
    before = await context.archive.tags_of_period(_after(last, 2 * span), last - span)
    scored = sorted(
        (
            (_score(shift, now, before), shift)
            for shift in _shifts(now, before)
            if max(shift.now, shift.before) >= _MIN_PAPERS
        ),
        key=lambda each: (-abs(each[0]), each[1].tag),
    )
    rising = [shift for score, shift in scored if score >= _MIN_SCORE]
    falling = [shift for score, shift in scored if score <= -_MIN_SCORE]
    return TagShifts(weeks, now, before, tuple(rising[:_MAX_SHIFTS]), tuple(falling[:_MAX_SHIFTS]))


async def papers_behind(
    context: Context, shifts: Sequence[TagShifts], limit: int
) -> Mapping[str, tuple[Paper, ...]]:
    """Return the newest papers of each tag that rose or fell, with their own titles alone."""
    tags = {each.tag: None for period in shifts for each in (*period.rising, *period.falling)}
    found = await context.archive.newest_by_tag(tuple(tags), limit)
    return {
        tag: tuple(paper.without_machine_texts() for paper in papers)
        for tag, papers in found.items()
    }


def _after(last: date, span: timedelta) -> date:
    """Return the first day of a period that ends with a day."""
    return last - span + timedelta(days=1)


def _shifts(now: TagPeriod, before: TagPeriod) -> list[TagShift]:
    present, past = dict(now.tags), dict(before.tags)
    return [
        TagShift(tag, present.get(tag, 0), past.get(tag, 0))
        for tag in sorted(present.keys() | past.keys())
    ]


def _score(shift: TagShift, now: TagPeriod, before: TagPeriod) -> float:
    """Return by how many standard deviations the two shares differ; 0 where one has no papers.

    It is the test of two proportions: a few papers more of a rare tag are not yet a change.
    """
    if not now.papers or not before.papers:
        return 0.0
    pooled = (shift.now + shift.before) / (now.papers + before.papers)
    deviation = sqrt(pooled * (1 - pooled) * (1 / now.papers + 1 / before.papers))
    if not deviation:
        return 0.0
    return (shift.now / now.papers - shift.before / before.papers) / deviation
