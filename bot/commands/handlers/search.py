"""Handles /find: full-text search."""

import re

from bot.cards.lists import PAGE_SIZE, no_results_card, search_results_card
from bot.cards.weeks import empty_archive_card
from bot.commands.context import Context
from bot.ports.conversation import Reply, Request
from bot.search.full_text import search_papers
from bot.search.lookup import MAX_QUERY_LENGTH
from bot.search.text_query import parse_text_query, stems_of

_PAGE_ARGUMENT = re.compile(r"^(\d{1,4}) (.*)$", re.DOTALL)


async def find(context: Context, request: Request) -> Reply:
    """Answer with the papers whose texts contain these words."""
    return await _search_page(context, request, request.argument.strip(), 1)


async def find_page(context: Context, request: Request) -> Reply:
    """Answer a control that turns the page; the argument is its number and the words."""
    turned = _PAGE_ARGUMENT.match(request.argument)
    number, words = (int(turned[1]), turned[2]) if turned else (1, request.argument)
    return await _search_page(context, request, words, max(number, 1))


async def _search_page(context: Context, request: Request, words: str, number: int) -> Reply:
    locale, offset = context.locale(request), (number - 1) * PAGE_SIZE
    typed = words[:MAX_QUERY_LENGTH]
    query, stems = parse_text_query(typed, context.vocabulary, context.today()), stems_of(typed)
    hits, total = await context.archive.query_index(
        lambda index: search_papers(index, query, stems, (PAGE_SIZE, offset))
    )
    if not hits:
        is_empty = await context.is_empty()
        card = empty_archive_card(locale) if is_empty else no_results_card(locale, words)
        return Reply(card, is_private=True)
    card = search_results_card(locale, words, hits, total, number)
    return Reply(card, papers=tuple(paper for paper, _ in hits))
