"""Answers about the addresses of papers that a message holds."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.links import link_card, links_card, no_links_card, unlisted_card
from bot.commands.context import Context
from bot.commands.handlers.discussions import add_discussion_control
from bot.model.papers import Paper
from bot.papers.identifiers import find_keys
from bot.ports.conversation import Reply, Request
from bot.ports.errors import TryLater
from bot.ports.search_index import SearchIndex

_MAX_ADDRESSES = 5
"""Addresses of a message that are looked up, the first ones."""
_ARXIV = "arxiv:"


@dataclass(frozen=True, slots=True)
class LinkedPapers:
    """The papers behind the addresses of a text, in their order."""

    papers: tuple[Paper, ...] = ()
    is_busy: bool = False
    """Whether there may be more, as arXiv does not answer now."""


async def links(context: Context, request: Request) -> Reply:
    """Answer with the papers behind the addresses in a text: one in short, or a list."""
    locale = context.locale(request)
    found = await find_linked_papers(context, request.argument)
    if not found.papers:
        return Reply(no_links_card(locale, is_busy=found.is_busy), is_private=True)
    if len(found.papers) > 1:
        return Reply(links_card(locale, found.papers), papers=found.papers)
    (paper,) = found.papers
    if not paper.id:
        return Reply(unlisted_card(locale, paper), papers=found.papers)
    card = await add_discussion_control(context, request, locale, paper, link_card(locale, paper))
    return Reply(card, papers=found.papers)


async def find_linked_papers(context: Context, text: str) -> LinkedPapers:
    """Return the papers behind the addresses and identifiers in a text.

    One that the archive lacks is looked up at arXiv by its id.
    """
    keys = find_keys(text)[:_MAX_ADDRESSES]

    def find(index: SearchIndex) -> list[tuple[Paper, ...]]:
        return [index.papers(index.find_by_keys([key])[:1]) for key in keys]

    listed = await context.archive.query_index(find) if keys else []
    found = await asyncio.gather(
        *(_find(context, key, papers) for key, papers in zip(keys, listed, strict=True))
    )
    papers = {each.key: each for each in found if isinstance(each, Paper)}
    return LinkedPapers(tuple(papers.values()), any(isinstance(each, TryLater) for each in found))


async def _find(context: Context, key: str, listed: Sequence[Paper]) -> Paper | TryLater | None:
    """Return the paper of a key, from the archive or else from arXiv."""
    if listed:
        return listed[0]
    if not key.startswith(_ARXIV) or context.unlisted is None:
        return None
    try:
        return await context.unlisted.find(key.removeprefix(_ARXIV))
    except TryLater as error:
        return error
