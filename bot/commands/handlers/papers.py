"""Answers about papers: /paper, /cite, /similar and the controls of a paper's card."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

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
from bot.ports.embedder import Embedder
from bot.ports.search_index import SearchIndex
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

BesideReader = Callable[[SearchIndex, Paper], None]
"""Reads what a card says beside the paper that is meant; it may be called twice."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """The result of a look-up with its papers, all of one moment."""

    result: LookupResult
    papers: tuple[Paper, ...]
    """Those that match or, where none does, those that are guessed."""
    nearest: tuple[Paper, ...]
    """Those with the nearest names."""

    @property
    def explanation(self) -> tuple[str, ...]:
        """Return the steps of the look-up."""
        return tuple(map(str, self.result.steps))

    def suggestions(self, locale: Locale) -> tuple[str, ...]:
        """Return the nearest names."""
        return tuple(locale.first_text(each.titles) or each.key for each in self.nearest)


async def paper(context: Context, request: Request) -> Reply:
    """Answer with the paper that is meant, with several to choose from, or with none."""
    words = request.argument.split()
    if BIBTEX_FLAG in words:
        rest = " ".join(word for word in words if word != BIBTEX_FLAG)
        return await cite(context, replace(request, argument=rest))
    related: list[Paper] = []

    def read(index: SearchIndex, found: Paper) -> None:
        related[:] = _related_papers(index, context.embedder, found)

    async def build(context: Context, request: Request, locale: Locale, found: Paper) -> Card:
        card = paper_card(locale, found, with_abstract=has_inline_abstract(locale, found))
        card = add_related(locale, card, found, related)
        card = replace(card, controls=(*card.controls, save_button(locale, found)))
        return await add_discussion_control(context, request, locale, found, card)

    reply = await answer_lookup(context, request, build, "paper", read)
    if reply.papers or reply.guesses:
        return reply
    unlisted = (await find_linked_papers(context, request.argument)).papers
    if not unlisted:
        return reply
    card = unlisted_card(context.locale(request), unlisted[0])
    return Reply(card, papers=unlisted[:1], explanation=reply.explanation)


def _related_papers(
    index: SearchIndex, embedder: Embedder | None, paper: Paper
) -> tuple[Paper, ...]:
    """Return the papers that a card names: by meaning, as to compare all words takes long."""
    numbers = find_alike_papers(index, embedder, paper, _MAX_RELATED) if embedder else ()
    return index.papers(numbers) if numbers else ()


async def cite(context: Context, request: Request) -> Reply:
    """Answer with the citation of the paper that is meant."""
    return await answer_lookup(context, request, _build_citation_card, "cite")


async def similar(context: Context, request: Request) -> Reply:
    """Answer with the papers that are most like the one that is meant."""
    found: list[Paper] = []

    def read(index: SearchIndex, paper: Paper) -> None:
        numbers = find_similar_papers(index, context.embedder, paper, _MAX_SIMILAR)
        found[:] = index.papers(numbers)

    async def build(_context: Context, _request: Request, locale: Locale, paper: Paper) -> Card:
        return similar_card(locale, paper, found, is_by_meaning=context.embedder is not None)

    reply = await answer_lookup(context, request, build, "similar", read)
    return replace(reply, papers=tuple(found)) if found else reply


async def abstract(context: Context, request: Request) -> Reply:
    """Answer with the abstract of a paper, to the person who asked for it."""
    reference = parse_reference(request.argument)
    papers = await context.archive.papers([reference.paper]) if reference else ()
    if not reference or not papers:
        return Reply(expired_control_card(context.locale(request)), is_private=True)
    locale = context.locale(request, reference.choice)
    return Reply(abstract_card(locale, papers[0]), is_private=True, papers=papers)


async def _build_citation_card(
    _context: Context, _request: Request, locale: Locale, found: Paper
) -> Card:
    return citation_card(locale, found)


async def answer_lookup(
    context: Context,
    request: Request,
    show: CardBuilder,
    action: str,
    read: BesideReader | None = None,
) -> Reply:
    """Answer with the card of the paper that is meant; else with those to choose from.

    `action` is what is done with the one that is chosen; `read` is called before the card is made.
    """
    reference = parse_reference(request.argument)
    if reference is not None:
        locale = context.locale(request, reference.choice)
        meant = await context.archive.query_index(
            lambda index: _read_with(index, [reference.paper], read)
        )
        if not meant:
            return Reply(expired_control_card(locale), is_private=True)
        return Reply(await show(context, request, locale, meant[0]), papers=meant)
    locale, query = context.locale(request), request.argument.strip()
    answer = await context.archive.query_index(lambda index: _look_up(context, index, query, read))
    if not answer.result.hits and await context.is_empty():
        return Reply(empty_archive_card(locale), is_private=True, explanation=answer.explanation)
    if answer.result.guesses:
        return _guess_reply(locale, query, answer, action)
    if not answer.result.hits:
        return Reply(
            missing_paper_card(locale, query, answer.nearest, action),
            is_private=True,
            suggestions=answer.suggestions(locale),
            explanation=answer.explanation,
        )
    if answer.result.is_sure:
        card: Card | Form = await show(context, request, locale, answer.papers[0])
    else:
        card = disambiguation_card(locale, query, answer.papers, action)
    return Reply(
        card,
        is_private=not answer.result.is_sure,
        papers=answer.papers,
        explanation=answer.explanation,
    )


def _look_up(
    context: Context, index: SearchIndex, query: str, read: BesideReader | None
) -> _Answer:
    result = look_up(index, query, _LIMIT, context.thesaurus, context.embedder)
    numbers = [each.paper_id for each in result.hits or result.guesses]
    papers = _read_with(index, numbers, read if result.is_sure else None)
    near = [hit.paper_id for hit in result.suggestions]
    return _Answer(result, papers, index.papers(near) if near else ())


def _read_with(
    index: SearchIndex, numbers: Sequence[int], read: BesideReader | None
) -> tuple[Paper, ...]:
    """Return papers; `read` is called with the first of them."""
    papers = index.papers(numbers) if numbers else ()
    if papers and read:
        read(index, papers[0])
    return papers


def _guess_reply(locale: Locale, query: str, answer: _Answer, action: str) -> Reply:
    """Answer privately with the papers that may be meant, and why."""
    snippets = {guess.paper_id: guess.snippet for guess in answer.result.guesses}
    shown = [(paper, snippets[paper.id]) for paper in answer.papers if paper.id in snippets]
    return Reply(
        guess_card(locale, query, shown, action),
        is_private=True,
        guesses=answer.papers,
        suggestions=answer.suggestions(locale),
        explanation=answer.explanation,
    )
