"""Answers to the button of a notice that a week was not posted: post it now."""

from bot.cards.retractions import withdrawn_issue_card
from bot.cards.reviews import review_waits_card
from bot.cards.subscriptions import message_card, permission_denied_card
from bot.commands.context import Context
from bot.commands.handlers.digest_actions import enqueue_issue
from bot.commands.handlers.unconfirmed import may_settle
from bot.commands.reviews import waits_for_review
from bot.model import weeks
from bot.model.subscriptions import Subscription
from bot.ports.archive import SeriesPreference
from bot.ports.conversation import Reply, Request


async def post(context: Context, request: Request) -> Reply:
    """Post a week that came too late; the argument is a subscription's number and the week."""
    number, _, named = request.argument.strip().partition(" ")
    locale, reference = context.locale(request), weeks.parse(named)
    found = await _subscription(context, number)
    if found is None or reference is None:
        said = locale.translate("There is no such digest any more")
        return Reply(message_card(said), is_private=True, is_refused=True)
    if not may_settle(found, request):
        card = permission_denied_card(locale, request.person)
        return Reply(card, is_private=True, is_refused=True)
    if found.is_paused:
        sentence = locale.translate("The digest is paused; /digest resume goes on.")
        card = message_card(locale.translate("Nothing was posted"), sentence)
        return Reply(card, is_private=True, is_refused=True)
    wanted = SeriesPreference(only=found.series)
    issue = (await context.archive.find_issue(reference, context.today(), wanted)).issue
    is_there = issue is not None and issue.series == found.series and str(issue.week) == named
    if issue is None or not is_there or await waits_for_review(context, found.target, issue):
        card = message_card(locale.translate("Nothing was posted"))
        card = review_waits_card(locale, issue) if issue and is_there else card
        return Reply(card, is_private=True, is_refused=True)
    if issue.retraction or not await enqueue_issue(context, found, issue, context.now()):
        said = locale.translate(
            "{week} was posted here already, or is on its way", week=issue.week
        )
        card = (
            withdrawn_issue_card(locale, issue.week, issue.retraction)
            if issue.retraction
            else message_card(said)
        )
        return Reply(card, is_private=True, is_refused=True)
    return Reply(
        message_card(locale.translate("{week} is on its way", week=issue.week)), is_private=True
    )


async def _subscription(context: Context, number: str) -> Subscription | None:
    every = await context.ledger.subscriptions()
    return next((each for each in every if str(each.id) == number), None)
