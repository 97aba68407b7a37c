"""Collects what the pages of trends show; see `adapters.site.pages`."""

from collections.abc import Mapping, Sequence

from adapters.site.page import Page
from bot.cards import page_addresses as addresses
from bot.cards.locale import Locale
from bot.cards.trends import (
    PERIODS,
    finding,
    shift_text,
    shifts_subtitle,
    shifts_title,
    trend_chart,
    trend_description,
    trend_subtitle,
    trend_title,
)
from bot.commands.library import Library
from bot.model.papers import Paper
from bot.model.picture import LineChart
from bot.model.trends import TagShifts, Trend

CHARTS = ("chart.png", "chart-dark.png")
"""The names of the chart of a page, for a light and a dark ground."""
_MAX_PAPERS = 3


async def trend(library: Library, locale: Locale, asked: str, tag: str = "") -> Page | None:
    """Return a trend with its table: of a tag, of a question, or of the frequent tags."""
    found = await library.trend(asked, tag)
    if found is None:
        return None
    address = addresses.trend(tag) if tag else addresses.trend_of(asked)
    charts = tuple(addresses.beside(address, name) for name in CHARTS)
    is_empty = not any(any(line.counts) for line in found.lines)
    return Page(
        "trend.html",
        trend_title(locale, found),
        address,
        {
            "trend": found,
            "asked": asked,
            "subtitle": trend_subtitle(locale, found),
            "findings": [(line, finding(locale, found, line)) for line in found.lines],
            "rows": _rows(locale, found),
            "charts": () if is_empty else charts,
            "description": trend_description(locale, found),
        },
        trend_description(locale, found),
        is_listed=not asked,
        image="" if is_empty else charts[0],
    )


async def trends(library: Library, locale: Locale) -> Page | None:
    """Return what rose and fell in each of the periods, with the newest papers."""
    shifts = [each for weeks in PERIODS if (each := await library.shifts(weeks))]
    if not shifts:
        return None
    papers = await library.papers_behind(shifts, _MAX_PAPERS)
    periods = [
        (
            shifts_title(locale, each.weeks),
            shifts_subtitle(locale, each),
            _sides(locale, each, papers),
        )
        for each in shifts
    ]
    title = locale.translate("What rose and fell")
    return Page("trends.html", title, addresses.trends(), {"periods": periods})


def _sides(
    locale: Locale, shifts: TagShifts, papers: Mapping[str, Sequence[Paper]]
) -> list[tuple[str, list[tuple[str, str, Sequence[Paper]]]]]:
    """Return what rose and what fell, each tag with what is said of it and its papers."""
    sides = (
        (locale.translate("Rising"), shifts.rising),
        (locale.translate("Falling"), shifts.falling),
    )
    return [
        (
            title,
            [
                (each.tag, shift_text(locale, shifts, each), papers.get(each.tag, ()))
                for each in found
            ],
        )
        for title, found in sides
        if found
    ]


async def chart(library: Library, locale: Locale, asked: str, tag: str = "") -> LineChart | None:
    """Return the chart of a page of a trend; None where it has none."""
    found = await library.trend(asked, tag)
    if found is None or not any(any(line.counts) for line in found.lines):
        return None
    return trend_chart(locale, found)


def _rows(locale: Locale, found: Trend) -> list[tuple[str, int, list[tuple[int, str]]]]:
    """Return the table: a month, its papers, and for each line papers and percentage."""
    shares = [found.shares(line) for line in found.lines]
    rows = []
    for place, (month, total) in enumerate(zip(found.months, found.totals, strict=True)):
        cells = []
        for line, share in zip(found.lines, shares, strict=True):
            value = share[place]
            cells.append(
                (line.counts[place], "-" if value is None else locale.format_percent(value))
            )
        rows.append((locale.format_month(month), total, cells))
    return rows[::-1]
