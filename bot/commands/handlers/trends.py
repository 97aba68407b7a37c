"""Handles /trend and /trends: subjects over time, and what rose and fell."""

from dataclasses import replace
from functools import partial

from bot.cards import page_addresses
from bot.cards.trends import (
    PERIODS,
    no_trend_card,
    shifts_card,
    trend_card,
    trend_chart,
    trend_description,
)
from bot.cards.weeks import empty_archive_card
from bot.commands.context import Context
from bot.commands.trends import (
    DEFAULT_PERIOD,
    MAX_LINES,
    TrendQuestion,
    find_shifts,
    find_trend,
    papers_behind,
    parse_trend_question,
)
from bot.model.picture import Picture
from bot.model.trends import Trend
from bot.papers import tagging
from bot.ports.conversation import Reply, Request

_MAX_PAPERS = 2
"""Papers that are named of each tag."""


async def trend(context: Context, request: Request) -> Reply:
    """Answer with the share of papers by month, drawn; without terms, of the frequent tags."""
    locale = context.locale(request)
    question = parse_trend_question(request.argument, context.today())
    if not question.terms:
        tags = await context.archive.tag_counts()
        question = replace(question, terms=tuple(tag for tag, _ in tags[:MAX_LINES]))
    found = await find_trend(context, question)
    if found is None:
        return Reply(empty_archive_card(locale), is_private=True)
    if not any(any(line.counts) for line in found.lines):
        return await _nothing_found(context, request, question)
    address = trend_address(found, request.argument)
    card = trend_card(locale, found, address)
    return Reply(card, picture=await _draw(context, request, found))


async def trends(context: Context, request: Request) -> Reply:
    """Answer with what rose and fell in the last weeks, as many as the argument says."""
    locale = context.locale(request)
    digits = "".join(filter(str.isdecimal, request.argument))
    asked = int(digits[:4]) if digits else DEFAULT_PERIOD
    weeks = min(PERIODS, key=lambda each: abs(each - asked))
    shifts = await find_shifts(context, weeks)
    if shifts is None:
        return Reply(empty_archive_card(locale), is_private=True)
    papers = await papers_behind(context, [shifts], _MAX_PAPERS)
    name = partial(tagging.tag_name, context.vocabulary, language=locale.words[0])
    shown = tuple(paper for each in papers.values() for paper in each)
    return Reply(shifts_card(locale, shifts, papers, name), papers=shown)


def trend_address(found: Trend, asked: str) -> str:
    """Return the address of the page of a trend."""
    if len(found.lines) == 1 and found.lines[0].tag in (asked.strip(), asked.strip(" #")):
        return page_addresses.trend(found.lines[0].tag)
    return page_addresses.trend_of(asked.strip())


async def _draw(context: Context, request: Request, found: Trend) -> Picture | None:
    if context.pictures is None:
        return None
    locale = context.locale(request)
    content = await context.pictures.chart(trend_chart(locale, found))
    return Picture(content, "trend.png", trend_description(locale.by_language()[0], found))


async def _nothing_found(context: Context, request: Request, question: TrendQuestion) -> Reply:
    locale = context.locale(request)
    asked = ", ".join(question.terms)
    used = [slug for slug, _ in await context.archive.tag_counts()]
    nearest = tagging.similar_tags(context.vocabulary, asked, used)
    name = partial(tagging.tag_name, context.vocabulary, language=locale.words[0])
    card = no_trend_card(locale, asked, nearest, name)
    return Reply(card, is_private=True, suggestions=nearest)
