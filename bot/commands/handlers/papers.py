"""Answers about papers: /paper, /cite, /similar and the controls of a paper's card."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.cards.help import expired_control_card
from bot.cards.links import unlisted_card
from bot.cards.lists import guess_card
from bot.cards.locale import Locale
from bot.cards.paper_buttons import save_button
from bot.cards.paper_facts import citation_card, has_inline_abstract
from bot.cards.papers import abstract_card, disambiguation_card, missing_paper_card, paper_card
from bot.cards.references import parse_reference
from bot.cards.similar import add_related, similar_card
from bot.cards.weeks import empty_archive_card
from bot.commands.context import Context
from bot.commands.handlers.discussions import add_discussion_control
from bot.commands.handlers.links import find_linked_papers
from bot.model.card import Card, Form
from bot.model.papers import Paper
from bot.ports.conversation import Reply, Request
from bot.search.lookup import LookupResult, look_up
from bot.search.meaning import find_alike_papers, find_similar_papers

BIBTEX_FLAG = "--bibtex"
"""What is written after a paper's name to get its citation."""

_LIMIT = 5
_MAX_SIMILAR = 8
_MAX_RELATED = 3
"""The number of related papers that the card of a paper names."""

CardBuilder = Callable[[Context, Request, Locale, Paper], Awaitable[Card | Form]]
"""Makes the card of the paper that is meant."""


async def paper(context: Context, request: Request) -> Reply:
    """Answer with the paper that is meant, with several to choose from, or with none."""
    words = request.argument.split()
    if BIBTEX_FLAG in words:
        rest = " ".join(word for word in words if word != BIBTEX_FLAG)
        return await cite(context, replace(request, argument=rest))
    reply = await answer_lookup(context, request, _build_paper_card, "paper")
    if reply.papers or reply.guesses:
        return reply
    unlisted = (await find_linked_papers(context, request.argument)).papers
    if not unlisted:
        return reply
    card = unlisted_card(context.locale(request), unlisted[0])
    return Reply(card, papers=unlisted[:1], explanation=reply.explanation)


async def cite(context: Context, request: Request) -> Reply:
    """Answer with the citation of the paper that is meant."""
    return await answer_lookup(context, request, _build_citation_card, "cite")


async def similar(context: Context, request: Request) -> Reply:
    """Answer with the papers that are most like the one that is meant."""
    found: list[Paper] = []

    async def build(context: Context, _request: Request, locale: Locale, paper: Paper) -> Card:
        found.extend(await _similar_papers(context, paper, _MAX_SIMILAR))
        return similar_card(locale, paper, found, is_by_meaning=context.embedder is not None)

    reply = await answer_lookup(context, request, build, "similar")
    return replace(reply, papers=tuple(found)) if found else reply


async def _similar_papers(context: Context, paper: Paper, limit: int) -> tuple[Paper, ...]:
    numbers = await context.archive.query_index(
        lambda index: find_similar_papers(index, context.embedder, paper, limit)
    )
    return await context.archive.papers(numbers)


async def abstract(context: Context, request: Request) -> Reply:
    """Answer with the abstract of a paper, to the person who asked for it."""
    reference = parse_reference(request.argument)
    papers = await context.archive.papers([reference.paper]) if reference else ()
    if not reference or not papers:
        return Reply(expired_control_card(context.locale(request)), is_private=True)
    locale = context.locale(request, reference.choice)
    return Reply(abstract_card(locale, papers[0]), is_private=True, papers=papers)


async def _build_paper_card(
    context: Context, request: Request, locale: Locale, found: Paper
) -> Card:
    card = paper_card(locale, found, with_abstract=has_inline_abstract(locale, found))
    card = add_related(locale, card, found, await _related_papers(context, found))
    card = replace(card, controls=(*card.controls, save_button(locale, found)))
    return await add_discussion_control(context, request, locale, found, card)


async def _related_papers(context: Context, paper: Paper) -> tuple[Paper, ...]:
    """Return the papers that a card names: by meaning, as to compare all words takes long."""
    if (embedder := context.embedder) is None:
        return ()
    numbers = await context.archive.query_index(
        lambda index: find_alike_papers(index, embedder, paper, _MAX_RELATED)
    )
    return await context.archive.papers(numbers) if numbers else ()


async def _build_citation_card(
    _context: Context, _request: Request, locale: Locale, found: Paper
) -> Card:
    return citation_card(locale, found)


async def answer_lookup(
    context: Context, request: Request, show: CardBuilder, action: str
) -> Reply:
    """Answer with the card of the paper that is meant; else with those to choose from.

    `action` is what is done with the one that is chosen.
    """
    reference = parse_reference(request.argument)
    if reference is not None:
        locale = context.locale(request, reference.choice)
        meant: tuple[Paper, ...] = await context.archive.papers([reference.paper])
        if not meant:
            return Reply(expired_control_card(locale), is_private=True)
        return Reply(await show(context, request, locale, meant[0]), papers=meant)
    locale, query = context.locale(request), request.argument.strip()
    found: LookupResult = await context.archive.query_index(
        lambda index: look_up(index, query, _LIMIT, context.thesaurus, context.embedder)
    )
    explanation = tuple(str(step) for step in found.steps)
    if not found.hits and await context.is_empty():
        return Reply(empty_archive_card(locale), is_private=True, explanation=explanation)
    if found.guesses:
        return await _guess_reply(context, request, found, action)
    if not found.hits:
        nearest = await context.archive.papers([hit.paper_id for hit in found.suggestions])
        return Reply(
            missing_paper_card(locale, query, nearest, action),
            is_private=True,
            suggestions=tuple(locale.first_text(each.titles) or each.key for each in nearest),
            explanation=explanation,
        )
    papers = await context.archive.papers([hit.paper_id for hit in found.hits])
    if found.is_sure:
        card: Card | Form = await show(context, request, locale, papers[0])
    else:
        card = disambiguation_card(locale, query, papers, action)
    return Reply(card, is_private=not found.is_sure, papers=papers, explanation=explanation)


async def _guess_reply(
    context: Context, request: Request, found: LookupResult, action: str
) -> Reply:
    """Answer privately with the papers that may be meant, and why."""
    locale, query = context.locale(request), request.argument.strip()
    snippets = {guess.paper_id: guess.snippet for guess in found.guesses}
    papers = await context.archive.papers(list(snippets))
    nearest = await context.archive.papers([hit.paper_id for hit in found.suggestions])
    shown = [(paper, snippets[paper.id]) for paper in papers if paper.id in snippets]
    return Reply(
        guess_card(locale, query, shown, action),
        is_private=True,
        guesses=papers,
        suggestions=tuple(locale.first_text(each.titles) or each.key for each in nearest),
        explanation=tuple(str(step) for step in found.steps),
    )
