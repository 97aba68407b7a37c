"""Handles what is done with a channel's digests: preview, now, pause, resume, unsubscribe."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.cards.digest import digest_card
from bot.cards.notices import unconfirmed_card
from bot.cards.reviews import review_waits_card
from bot.cards.series import series_name
from bot.cards.subscription_status import subscription_card
from bot.cards.subscriptions import (
    confirm_end_card,
    confirm_unsubscribe_card,
    message_card,
    not_subscribed_card,
    permission_denied_card,
)
from bot.cards.talk import with_recap
from bot.commands.context import Context
from bot.commands.reviews import waits_for_review
from bot.commands.subscriptions import load_status, refused_reply, select
from bot.digests.deliveries import filter_by_tags, load_issue, plan_delivery
from bot.digests.layouts import digest_parts
from bot.digests.recap import load_recap
from bot.model.card import Card
from bot.model.delivery_reports import SubscriptionReport
from bot.model.papers import Issue
from bot.model.subscriptions import Layout, Subscription
from bot.ports.conversation import Reply, Request

CONFIRMED = "yes"
"""What follows `unsubscribe` where the person has confirmed it."""

_NEWEST = 10
"""How many issues are looked through for one that was not withdrawn."""

_YES = frozenset({CONFIRMED, "네", "예"})


async def preview(context: Context, request: Request) -> Reply:
    """Show the next digest to the person alone."""
    chosen = await select(context, request, "preview")
    if isinstance(chosen, Reply):
        return chosen
    (subscription,) = chosen
    locale = context.locale(request, subscription.language)
    issue = await _latest_issue(context, subscription)
    if issue is None:
        return refused_reply(_no_issue_card(context, request, subscription))
    shown = filter_by_tags(issue, subscription.tags)
    part = digest_parts(shown, Layout.OVERVIEW)[0]
    card = digest_card(locale, shown, part)
    target = subscription.target
    if subscription.has_recap:
        recap = await load_recap(context.ledger, context.community(target), target, context.now())
        if recap is not None:
            papers = await context.archive.papers(recap.papers)
            card = with_recap(locale, card, recap, papers)
    return Reply(card, is_private=True)


async def post_now(context: Context, request: Request) -> Reply:
    """Enqueue the newest issue at once; it counts as that week's."""
    locale, moment = context.locale(request), context.now()
    chosen = await select(context, request, "now")
    if isinstance(chosen, Reply):
        return chosen
    (subscription,) = chosen
    if subscription.is_paused:
        sentence = locale.translate("The digest is paused; /digest resume goes on.")
        return refused_reply(message_card(locale.translate("Nothing was posted"), sentence))
    issue = await _latest_issue(context, subscription)
    if issue is None or await waits_for_review(context, subscription.target, issue):
        reason = review_waits_card(locale, issue) if issue else None
        return refused_reply(reason or _no_issue_card(context, request, subscription))
    if not await enqueue_issue(context, subscription, issue, moment):
        status = await load_status(context, request, subscription)
        if key := _unconfirmed_key(status.report, issue):
            return refused_reply(unconfirmed_card(locale, issue.week, f"{key} all"))
        title = locale.translate(
            "{week} was posted here already, or is on its way", week=issue.week
        )
        return refused_reply(subscription_card(locale, status, title))
    title = locale.translate("{week} is on its way", week=issue.week)
    sentence = locale.translate("The next slot does not repeat it.")
    return Reply(message_card(title, sentence), is_private=True)


async def pause(context: Context, request: Request) -> Reply:
    """Post nothing until the digest is resumed."""
    chosen = await select(context, request)
    if isinstance(chosen, Reply):
        return chosen
    for each in chosen:
        await context.ledger.set_paused(each.id, context.now(), paused=True)
    title = context.locale(request).translate("The digest is paused; /digest resume goes on.")
    return _done(context, request, title, chosen)


async def resume(context: Context, request: Request) -> Reply:
    """Go on after a pause."""
    chosen = await select(context, request)
    if isinstance(chosen, Reply):
        return chosen
    for each in chosen:
        await context.ledger.set_paused(each.id, context.now(), paused=False)
    return _done(context, request, context.locale(request).translate("The digest goes on"), chosen)


async def unsubscribe(context: Context, request: Request) -> Reply:
    """End the digest once the person has confirmed it; the history is kept."""
    words = request.argument.split()
    is_confirmed = any(word.casefold() in _YES for word in words)
    rest = " ".join(word for word in words if word.casefold() not in _YES)
    chosen = await select(context, replace(request, argument=rest))
    if isinstance(chosen, Reply):
        return chosen
    locale = context.locale(request)
    if not is_confirmed:
        return Reply(confirm_unsubscribe_card(locale, chosen), is_private=True)
    for each in chosen:
        await context.ledger.unsubscribe(each.id)
    title = locale.translate("The digest has ended; what was posted stays")
    return _done(context, request, title, chosen)


async def end_digest(context: Context, request: Request) -> Reply:
    """End a digest of the server that its platform has stopped, once it is confirmed.

    The argument is its number; a channel that is gone cannot be asked in any more.
    """
    locale = context.locale(request)
    if not request.person.may_manage:
        return refused_reply(permission_denied_card(locale, request.person))
    number, _, confirmation = request.argument.partition(" ")
    place = (request.target.platform, request.target.workspace)
    found = [
        each
        for each in await context.ledger.subscriptions()
        if str(each.id) == number
        and (each.target.platform, each.target.workspace) == place
        and each.pause_reason
    ]
    if not found:
        return refused_reply(not_subscribed_card(locale))
    if confirmation != CONFIRMED:
        return Reply(confirm_end_card(locale, found[0]), is_private=True)
    await context.ledger.unsubscribe(found[0].id)
    title = locale.translate("The digest has ended; what was posted stays")
    return _done(context, request, title, found)


async def enqueue_issue(
    context: Context, subscription: Subscription, issue: Issue, moment: datetime
) -> bool:
    """Enqueue an issue for a subscription at once; False if it was enqueued before."""
    target = subscription.target
    recap = await load_recap(context.ledger, context.community(target), target, moment)
    planned = plan_delivery(subscription, issue, moment, moment + subscription.grace, recap)
    return await context.ledger.enqueue(planned, moment)


def _unconfirmed_key(report: SubscriptionReport, issue: Issue) -> str:
    """Return the key of a message of an issue of which it is not known whether it is there."""
    keys = (
        part.key
        for each in report.reports
        if each.delivery.week == issue.week
        for part in each.parts
        if part.is_unconfirmed
    )
    return next(keys, "")


def _done(context: Context, request: Request, title: str, chosen: Sequence[Subscription]) -> Reply:
    """Return that something was done, and to which series."""
    locale = context.locale(request)
    names = ", ".join(series_name(locale, each.series) for each in chosen)
    return Reply(message_card(title, names), is_private=True)


async def _latest_issue(context: Context, subscription: Subscription) -> Issue | None:
    """Return the newest issue that was not withdrawn."""
    series = subscription.series
    headings = await context.archive.weeks((series,), _NEWEST)
    standing = (each.week for each in headings if each.retraction is None)
    week = next(standing, None)
    return await load_issue(context.archive, series, week) if week else None


def _no_issue_card(context: Context, request: Request, subscription: Subscription) -> Card:
    locale = context.locale(request)
    return message_card(
        locale.translate("There is no week to post yet"),
        locale.translate("{series} has no weeks in the archive.", series=subscription.series),
    )
