"""Answers about subjects: /tag."""

import re
from functools import partial

from bot.cards.lists import PAGE, empty_page_card, missing_tag_card, tag_card, tags_card
from bot.cards.weeks import empty_card
from bot.commands.context import Library
from bot.papers import tagging
from bot.ports.conversation import Reply, Request

_PAGED = re.compile(r"^(.*\S)\s+(\d{1,4})$", re.DOTALL)
_TURNED = re.compile(r"^(\d{1,4}) (.*)$", re.DOTALL)


async def tag(library: Library, request: Request) -> Reply:
    """Answer with a page of the papers with a tag; without a name, with all tags."""
    asked = request.argument.strip()
    if not asked:
        return await _all(library, request)
    slug = await _resolve(library, asked)
    number = 1
    if slug is None and (paged := _PAGED.match(asked)):
        asked, number = paged[1], int(paged[2])
        slug = await _resolve(library, asked)
    if slug is None:
        return await _missing(library, request, asked)
    return await _page(library, request, slug, number)


async def tag_page(library: Library, request: Request) -> Reply:
    """Answer a control that turns the page; the argument is its number and the tag."""
    turned = _TURNED.match(request.argument)
    if turned is None:
        return await _all(library, request)
    return await _page(library, request, turned[2], int(turned[1]))


async def _all(library: Library, request: Request) -> Reply:
    voice = library.voice(request)
    counts = await library.archive.tag_counts()
    name = partial(tagging.name, library.vocabulary, language=voice.languages[0])
    return Reply(tags_card(voice, counts, name))


async def _page(library: Library, request: Request, slug: str, number: int) -> Reply:
    voice = library.voice(request)
    page = await library.archive.tagged(slug, PAGE, (max(number, 1) - 1) * PAGE)
    if page.total == 0:
        return await _missing(library, request, slug)
    if not page.papers:
        return Reply(empty_page_card(voice, slug, page.total), is_private=True)
    name = tagging.name(library.vocabulary, slug, voice.languages[0])
    return Reply(tag_card(voice, slug, name, page, number), papers=page.papers)


async def _missing(library: Library, request: Request, asked: str) -> Reply:
    voice = library.voice(request)
    if await library.is_empty():
        return Reply(empty_card(voice), is_private=True)
    used = [slug for slug, _ in await library.archive.tag_counts()]
    nearest = tagging.nearest(library.vocabulary, asked, used)
    name = partial(tagging.name, library.vocabulary, language=voice.languages[0])
    return Reply(
        missing_tag_card(voice, asked, nearest, name), is_private=True, suggestions=nearest
    )


async def _resolve(library: Library, asked: str) -> str | None:
    """Return the tag that is meant: one of the vocabulary, or one that only a source gave."""
    slug = tagging.resolve(library.vocabulary, asked)
    if slug is not None:
        return slug
    wanted = asked.casefold().lstrip("#").replace(" ", "-")
    used = {known for known, _ in await library.archive.tag_counts()}
    return wanted if wanted in used else None
