"""Handles votes for the favourite of a week: one for each person and week, in secret."""

from bot.cards.help import expired_control_card
from bot.cards.locale import Locale
from bot.cards.references import parse_reference
from bot.cards.votes import vote_card, vote_elsewhere_card, withdrawn_card
from bot.commands.context import Context
from bot.model.discussions import Ballot
from bot.model.papers import Paper
from bot.ports.conversation import Reply, Request


async def vote(context: Context, request: Request) -> Reply:
    """Give the person's vote of a paper's week to the paper; a second click changes nothing."""
    found = await _ballot(context, request)
    if isinstance(found, Reply):
        return found
    locale, paper, ballot = found
    result = await context.ledger.vote(ballot, context.now())
    before = (
        await context.archive.papers([result.moved_from]) if result.moved_from is not None else ()
    )
    moved_from = before[0] if before and before[0].id != paper.id else None
    return Reply(vote_card(locale, paper, result.votes, moved_from), is_private=True)


async def unvote(context: Context, request: Request) -> Reply:
    """Take the person's vote for a paper back."""
    found = await _ballot(context, request)
    if isinstance(found, Reply):
        return found
    locale, paper, ballot = found
    result = await context.ledger.withdraw_vote(ballot, context.now())
    return Reply(withdrawn_card(locale, paper, result.votes), is_private=True)


async def _ballot(context: Context, request: Request) -> tuple[Locale, Paper, Ballot] | Reply:
    """Return what is voted on, or the reply where it cannot be."""
    reference = parse_reference(request.argument)
    papers = await context.archive.papers([reference.paper]) if reference else ()
    if not reference or not papers or not papers[0].appearances:
        return Reply(expired_control_card(context.locale(request)), is_private=True)
    locale, paper = context.locale(request, reference.choice), papers[0]
    target = request.target
    if not (target.workspace and target.channel and request.person.id):
        return Reply(vote_elsewhere_card(locale), is_private=True, is_refused=True)
    newest = paper.appearances[0]
    community = context.community(target)
    ballot = Ballot(target, community, request.person.id, paper.id, newest.series, newest.week)
    return locale, paper, ballot
