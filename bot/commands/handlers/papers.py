"""Answers about papers: /paper, /cite and the controls of a paper's card."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.cards.help import gone_card
from bot.cards.locale import Voice
from bot.cards.paper_facts import citation_card, wants_abstract
from bot.cards.papers import abstract_card, choice_card, missing_card, paper_card
from bot.cards.references import referred
from bot.cards.weeks import empty_card
from bot.commands.context import Library
from bot.commands.handlers.discussions import with_thread
from bot.model.card import Card
from bot.model.papers import Paper
from bot.ports.conversation import Reply, Request
from bot.search.lookup import Found, look_up

BIBTEX = "--bibtex"
"""What is written after a paper's name to get its citation."""

_LIMIT = 5

Show = Callable[[Library, Request, Voice, Paper], Awaitable[Card]]
"""Makes the card of the paper that is meant."""


async def paper(library: Library, request: Request) -> Reply:
    """Answer with the paper that is meant, with several to choose from, or with none."""
    words = request.argument.split()
    if BIBTEX in words:
        rest = " ".join(word for word in words if word != BIBTEX)
        return await cite(library, replace(request, argument=rest))
    return await _answer(library, request, _shown, "paper")


async def cite(library: Library, request: Request) -> Reply:
    """Answer with the citation of the paper that is meant."""
    return await _answer(library, request, _cited, "cite")


async def abstract(library: Library, request: Request) -> Reply:
    """Answer with the abstract of a paper, to whoever asked for it."""
    reference = referred(request.argument)
    papers = await library.archive.papers([reference.paper]) if reference else ()
    if not reference or not papers:
        return Reply(gone_card(library.voice(request)), is_private=True)
    voice = library.voice(request, reference.choice)
    return Reply(abstract_card(voice, papers[0]), is_private=True, papers=papers)


async def _shown(library: Library, request: Request, voice: Voice, found: Paper) -> Card:
    card = paper_card(voice, found, whole=wants_abstract(voice, found))
    return await with_thread(library, request, voice, found, card)


async def _cited(library: Library, request: Request, voice: Voice, found: Paper) -> Card:  # noqa: ARG001 - as `Show`
    return citation_card(voice, found)


async def _answer(library: Library, request: Request, show: Show, action: str) -> Reply:
    reference = referred(request.argument)
    if reference is not None:
        voice = library.voice(request, reference.choice)
        meant: tuple[Paper, ...] = await library.archive.papers([reference.paper])
        if not meant:
            return Reply(gone_card(voice), is_private=True)
        return Reply(await show(library, request, voice, meant[0]), papers=meant)
    voice, query = library.voice(request), request.argument.strip()
    found: Found = await library.archive.query_index(lambda index: look_up(index, query, _LIMIT))
    explanation = tuple(str(step) for step in found.steps)
    if not found.hits and await library.is_empty():
        return Reply(empty_card(voice), is_private=True, explanation=explanation)
    if not found.hits:
        nearest = await library.archive.papers([hit.paper_id for hit in found.suggestions])
        return Reply(
            missing_card(voice, query, nearest, action),
            is_private=True,
            suggestions=tuple(voice.text(each.titles) or each.key for each in nearest),
            explanation=explanation,
        )
    papers = await library.archive.papers([hit.paper_id for hit in found.hits])
    if found.is_sure:
        card = await show(library, request, voice, papers[0])
    else:
        card = choice_card(voice, query, papers, action)
    return Reply(card, is_private=False, papers=papers, explanation=explanation)
