"""Answers from the full text: /find."""

import re

from bot.cards.lists import PAGE, find_card, nothing_found_card
from bot.cards.weeks import empty_card
from bot.commands.context import Library
from bot.ports.conversation import Reply, Request
from bot.search.full_text import find as find_passages

_TURNED = re.compile(r"^(\d{1,4}) (.*)$", re.DOTALL)


async def find(library: Library, request: Request) -> Reply:
    """Answer with the papers in whose texts these words stand."""
    return await _page(library, request, request.argument.strip(), 1)


async def find_page(library: Library, request: Request) -> Reply:
    """Answer a control that turns the page; the argument is its number and the words."""
    turned = _TURNED.match(request.argument)
    number, words = (int(turned[1]), turned[2]) if turned else (1, request.argument)
    return await _page(library, request, words, max(number, 1))


async def _page(library: Library, request: Request, words: str, number: int) -> Reply:
    voice, offset = library.voice(request), (number - 1) * PAGE
    found = await library.archive.query_index(
        lambda index: find_passages(index, words, PAGE, offset)
    )
    papers = await library.archive.papers([passage.paper_id for passage in found.hits])
    if not papers:
        is_empty = await library.is_empty()
        card = empty_card(voice) if is_empty else nothing_found_card(voice, words)
        return Reply(card, is_private=True)
    passages = {passage.paper_id: passage for passage in found.hits}
    hits = [(paper, passages[paper.id]) for paper in papers if paper.id in passages]
    return Reply(find_card(voice, words, hits, found.total, number), papers=papers)
