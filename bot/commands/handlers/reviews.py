"""Handles weeks that wait for a curator: approve, hold, and the list of them."""

from datetime import timedelta

from bot.cards.help import expired_control_card
from bot.cards.reports import not_curator_card
from bot.cards.reviews import (
    review_card,
    review_list_card,
    reviewed_card,
    stale_review_card,
)
from bot.commands.context import Context
from bot.commands.curator_requests import attribution, number_in, refused
from bot.digests.deliveries import load_issue
from bot.model.reviews import EVERYWHERE, Review, ReviewState, ReviewVerdict
from bot.ports.conversation import Reply, Request
from bot.ports.curation import CurationRefused

_LISTED_FOR = timedelta(days=21)
_MOST_LISTED = 10


async def approve(context: Context, request: Request) -> Reply:
    """Let a week be posted; the argument is its review and the state that the curator saw."""
    return await _decide(context, request, ReviewState.APPROVED)


async def hold(context: Context, request: Request) -> Reply:
    """Keep a week from being posted; the argument is the same."""
    return await _decide(context, request, ReviewState.HELD)


async def show(context: Context, request: Request) -> Reply:
    """Show a curator a week that waits."""
    found = await _decidable(context, request)
    if isinstance(found, Reply):
        return found
    issue = await load_issue(context.archive, found.series, found.week)
    locale = context.locale(request)
    card = review_card(locale, found, issue, context.review_rules, context.zone)
    return Reply(card, is_private=True)


async def list_reviews(context: Context, request: Request) -> Reply:
    """Answer a curator with the weeks that wait in the community."""
    locale = context.locale(request)
    if not context.curators.is_curator(request.person):
        return refused(not_curator_card(locale))
    place = EVERYWHERE if request.person.is_operator else request.target
    found = await context.reviews.waiting_reviews(place, context.now() - _LISTED_FOR)
    return Reply(review_list_card(locale, found[-_MOST_LISTED:]), is_private=True)


async def _decide(context: Context, request: Request, state: ReviewState) -> Reply:
    found = await _decidable(context, request)
    if isinstance(found, Reply):
        return found
    locale = context.locale(request)
    seen = request.argument.strip().partition(" ")[2]
    expected = next((each for each in ReviewState if each.value == seen), found.state)
    verdict, by, store = ReviewVerdict(state, expected), attribution(request), context.reviews
    try:
        if request.person.is_operator:
            outcome = await store.decide_week(found.series, found.week, verdict, by, context.now())
        else:
            outcome = await store.decide_review(found.id, verdict, by, context.now())
    except CurationRefused:
        now = await context.reviews.review(found.id)
        return refused(stale_review_card(locale, now or found))
    return Reply(reviewed_card(locale, outcome), is_private=True)


async def _decidable(context: Context, request: Request) -> Review | Reply:
    """Return the review of a request whose person may decide about it, or the refusal."""
    locale, person = context.locale(request), request.person
    if not context.curators.is_curator(person):
        return refused(not_curator_card(locale))
    number = number_in(request.argument.strip().partition(" ")[0])
    found = await context.reviews.review(number) if number is not None else None
    if found is None:
        return refused(expired_control_card(locale))
    place, theirs = request.target, found.place
    is_theirs = (place.platform, place.workspace) == (theirs.platform, theirs.workspace)
    # Reviews of other communities are as good as unknown here.
    if not (is_theirs or person.is_operator):
        return refused(expired_control_card(locale))
    return found
