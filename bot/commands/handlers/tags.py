"""Handles /tag."""

import re
from functools import partial

from bot.cards.lists import PAGE_SIZE, empty_page_card, missing_tag_card, tag_card, tags_card
from bot.cards.weeks import empty_archive_card
from bot.commands.context import Context
from bot.papers import tagging
from bot.ports.conversation import Reply, Request

_TAG_AND_PAGE = re.compile(r"^(.*\S)\s+(\d{1,4})$", re.DOTALL)
_PAGE_ARGUMENT = re.compile(r"^(\d{1,4}) (.*)$", re.DOTALL)


async def tag(context: Context, request: Request) -> Reply:
    """Answer with a page of the papers with a tag; without a name, with all tags."""
    asked = request.argument.strip()
    if not asked:
        return await _list_tags(context, request)
    slug = await resolve_known_tag(context, asked)
    number = 1
    if slug is None and (paged := _TAG_AND_PAGE.match(asked)):
        asked, number = paged[1], int(paged[2])
        slug = await resolve_known_tag(context, asked)
    if slug is None:
        return await _unknown_tag(context, request, asked)
    return await _tag_papers_page(context, request, slug, number)


async def tag_page(context: Context, request: Request) -> Reply:
    """Answer a control that turns the page; the argument is its number and the tag."""
    turned = _PAGE_ARGUMENT.match(request.argument)
    if turned is None:
        return await _list_tags(context, request)
    return await _tag_papers_page(context, request, turned[2], int(turned[1]))


async def resolve_known_tag(context: Context, asked: str) -> str | None:
    """Return the tag that is meant: one of the vocabulary, or one that only a source gave."""
    slug = tagging.resolve_tag(context.vocabulary, asked)
    if slug is not None:
        return slug
    wanted = asked.casefold().lstrip("#").replace(" ", "-")
    is_used = (await context.archive.papers_by_tag(wanted, 0, 0)).total
    return wanted if is_used else None


async def _list_tags(context: Context, request: Request) -> Reply:
    locale = context.locale(request)
    counts = await context.archive.tag_counts()
    name = partial(tagging.tag_name, context.vocabulary, language=locale.words[0])
    return Reply(tags_card(locale, counts, name))


async def _tag_papers_page(context: Context, request: Request, slug: str, number: int) -> Reply:
    locale = context.locale(request)
    page = await context.archive.papers_by_tag(slug, PAGE_SIZE, (max(number, 1) - 1) * PAGE_SIZE)
    if page.total == 0:
        return await _unknown_tag(context, request, slug)
    if not page.papers:
        return Reply(empty_page_card(locale, slug, page.total), is_private=True)
    name = tagging.tag_name(context.vocabulary, slug, locale.words[0])
    return Reply(tag_card(locale, slug, name, page, number), papers=page.papers)


async def _unknown_tag(context: Context, request: Request, asked: str) -> Reply:
    locale = context.locale(request)
    if await context.is_empty():
        return Reply(empty_archive_card(locale), is_private=True)
    used = [slug for slug, _ in await context.archive.tag_counts()]
    nearest = tagging.similar_tags(context.vocabulary, asked, used)
    name = partial(tagging.tag_name, context.vocabulary, language=locale.words[0])
    return Reply(
        missing_tag_card(locale, asked, nearest, name), is_private=True, suggestions=nearest
    )
