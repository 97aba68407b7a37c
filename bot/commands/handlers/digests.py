"""Answers about a channel's digest: /digest and its second words."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from bot.cards.digest import digest_card
from bot.cards.notices import unconfirmed_card
from bot.cards.subscriptions import (
    admin_channel_denied_card,
    invalid_preferences_card,
    message_card,
    not_subscribed_card,
    permission_denied_card,
    settings_form,
    status_card,
    subscribe_form,
    subscription_card,
    subscription_list_card,
    unsupported_layout_card,
)
from bot.commands.context import Context
from bot.digests import slots
from bot.digests.deliveries import filter_by_tags, plan_delivery
from bot.digests.layouts import digest_parts
from bot.digests.preferences import InvalidPreference, apply_preferences, parse_preferences
from bot.model.card import Card
from bot.model.deliveries import SubscriptionReport
from bot.model.papers import Issue
from bot.model.subscriptions import Layout, Subscription
from bot.model.weeks import NamedWeek
from bot.ports.archive import SeriesPreference
from bot.ports.conversation import Reply, Request
from bot.ports.errors import Refused, TryLater, Unknown

_HISTORY_LIMIT = 6
"""How many slots and deliveries are read for a status."""


async def digest(context: Context, request: Request) -> Reply:
    """Answer `/digest` alone like `/digest status`."""
    return await status(context, request)


async def subscribe(context: Context, request: Request) -> Reply:
    """Begin a digest in this channel, or change the one of the series that is named."""
    wishes, troubles = parse_preferences(request.argument, request.fields)
    series, unknown = await _resolve_series(context, wishes.get("series", ""))
    known = [s for s in await _channel_subscriptions(context, request) if s.series == series]
    locale = context.locale(request)
    if request.target.platform not in context.platforms:
        names = ", ".join(sorted(context.platforms))
        card = message_card(
            locale.translate("No digest can be posted here"),
            locale.translate("Digests are posted on these platforms: {names}.", names=names)
            if names
            else locale.translate("No platform is set up yet; an operator can do that."),
        )
        return _refused_reply(card)
    begun = known[0] if known else _default_subscription(context, request, series)
    syntax = context.mention_syntax(request.target.platform)
    wanted, unread = apply_preferences(begun, wishes, context.vocabulary, syntax)
    if troubles or unknown or unread:
        return _refused_reply(invalid_preferences_card(locale, (*troubles, *unknown, *unread)))
    if request.person.id:
        wanted = replace(wanted, subscriber=request.person.id)
    said = (
        locale.translate("The digest was changed")
        if known
        else locale.translate("The digest is subscribed")
    )
    return await _save_subscription(context, request, wanted, said)


async def settings(context: Context, request: Request) -> Reply:
    """Change what is wished; without a wish, ask with a form."""
    locale = context.locale(request)
    wishes, troubles = parse_preferences(request.argument, request.fields)
    chosen, unclear = await _select_subscriptions(context, request, wishes.get("series", ""))
    if not chosen:
        return unclear
    if not wishes.keys() - {"series"} and not troubles:
        layouts = context.layouts(chosen[0].target.platform)
        return Reply(settings_form(locale, chosen[0], layouts), is_private=True)
    syntax = context.mention_syntax(request.target.platform)
    wanted, unread = apply_preferences(chosen[0], wishes, context.vocabulary, syntax)
    if troubles or unread:
        return _refused_reply(invalid_preferences_card(locale, (*troubles, *unread)))
    return await _save_subscription(
        context, request, wanted, locale.translate("The digest was changed")
    )


async def status(context: Context, request: Request) -> Reply:
    """Tell what comes next, what was posted, what failed and why, and what is waited for."""
    accounts = [
        await _load_report(context, subscription)
        for subscription in await _channel_subscriptions(context, request)
    ]
    return Reply(status_card(context.locale(request), accounts), is_private=True)


async def open_form(context: Context, request: Request) -> Reply:
    """Ask with a form what is wished; whoever may not decide about the digest gets its status."""
    if not request.person.is_identified:
        return _refused_reply(permission_denied_card(context.locale(request), request.person))
    if not request.person.may_manage:
        return await status(context, request)
    stored = [name for name, _, _ in (await context.archive.totals()).series]
    here = await _channel_subscriptions(context, request)
    series, _ = await _resolve_series(context, "")
    subscription = here[0] if here else _default_subscription(context, request, series)
    locale = context.locale(request)
    layouts = context.layouts(request.target.platform)
    return Reply(subscribe_form(locale, subscription, layouts, stored), is_private=True)


async def list_digests(context: Context, request: Request) -> Reply:
    """Tell which channels of a server have digests."""
    target = request.target
    found = tuple(
        subscription
        for subscription in await context.ledger.subscriptions()
        if (subscription.target.platform, subscription.target.workspace)
        == (target.platform, target.workspace)
    )
    return Reply(
        subscription_list_card(context.locale(request), found),
        is_private=True,
        subscriptions=found,
    )


async def preview(context: Context, request: Request) -> Reply:
    """Show what the next digest says, to the asker alone."""
    wishes, _ = parse_preferences(request.argument, request.fields)
    chosen, unclear = await _select_subscriptions(context, request, wishes.get("series", ""))
    if not chosen:
        return unclear
    subscription = chosen[0]
    locale = context.locale(request, subscription.language)
    issue = await _latest_issue(context, subscription)
    if issue is None:
        return _refused_reply(_no_issue_card(context, request, subscription))
    shown = filter_by_tags(issue, subscription.tags)
    place = digest_parts(shown, Layout.OVERVIEW)[0]
    return Reply(digest_card(locale, shown, place), is_private=True)


async def post_now(context: Context, request: Request) -> Reply:
    """Owe the newest issue at once; it counts as that week's."""
    locale, moment = context.locale(request), context.now()
    wishes, _ = parse_preferences(request.argument, request.fields)
    chosen, unclear = await _select_subscriptions(context, request, wishes.get("series", ""))
    if not chosen:
        return unclear
    subscription = chosen[0]
    if subscription.is_paused:
        said = locale.translate("The digest is paused; /digest resume goes on.")
        return _refused_reply(message_card(locale.translate("Nothing was posted"), said))
    issue = await _latest_issue(context, subscription)
    if issue is None:
        return _refused_reply(_no_issue_card(context, request, subscription))
    if not await enqueue_issue(context, subscription, issue, moment):
        account, upcoming = await _load_report(context, subscription)
        if key := _unconfirmed_key(account, issue):
            return _refused_reply(unconfirmed_card(locale, issue.week, f"{key} all"))
        said = locale.translate(
            "{week} was posted here already, or is on its way", week=issue.week
        )
        return _refused_reply(subscription_card(locale, account, upcoming, said))
    said = locale.translate("{week} is on its way", week=issue.week)
    return Reply(
        message_card(said, locale.translate("The next slot does not repeat it.")), is_private=True
    )


async def pause(context: Context, request: Request) -> Reply:
    """Post nothing until it is resumed."""

    async def act(subscription: Subscription) -> None:
        await context.ledger.set_paused(subscription.id, context.now(), paused=True)

    said = context.locale(request).translate("The digest is paused; /digest resume goes on.")
    return await _apply_to_selected(context, request, act, said)


async def resume(context: Context, request: Request) -> Reply:
    """Go on after a pause."""

    async def act(subscription: Subscription) -> None:
        await context.ledger.set_paused(subscription.id, context.now(), paused=False)

    return await _apply_to_selected(
        context, request, act, context.locale(request).translate("The digest goes on")
    )


async def unsubscribe(context: Context, request: Request) -> Reply:
    """End the digest; what was posted is remembered."""

    async def act(subscription: Subscription) -> None:
        await context.ledger.unsubscribe(subscription.id)

    said = context.locale(request).translate("The digest has ended; what was posted stays")
    return await _apply_to_selected(context, request, act, said)


async def enqueue_issue(
    context: Context, subscription: Subscription, issue: Issue, moment: datetime
) -> bool:
    """Owe an issue to a subscription at once; False where it was owed or posted before."""
    planned = plan_delivery(subscription, issue, moment, moment + subscription.grace)
    return await context.ledger.enqueue(planned, moment)


def _unconfirmed_key(account: SubscriptionReport, issue: Issue) -> str:
    """Return the key of a message of an issue of which it is not known whether it is there."""
    keys = (
        part.key
        for report in account.reports
        if report.delivery.week == issue.week
        for part in report.parts
        if part.is_unconfirmed
    )
    return next(keys, "")


async def _channel_subscriptions(context: Context, request: Request) -> tuple[Subscription, ...]:
    return await context.ledger.subscriptions(request.target)


async def _select_subscriptions(
    context: Context, request: Request, series: str
) -> tuple[tuple[Subscription, ...], Reply]:
    """Return the subscriptions that are meant, and what to answer where there is none."""
    here = await _channel_subscriptions(context, request)
    nothing = _refused_reply(not_subscribed_card(context.locale(request)))
    return tuple(s for s in here if not series or s.series == series), nothing


async def _apply_to_selected(
    context: Context,
    request: Request,
    act: Callable[[Subscription], Awaitable[None]],
    said: str,
) -> Reply:
    wishes, _ = parse_preferences(request.argument, request.fields)
    chosen, unclear = await _select_subscriptions(context, request, wishes.get("series", ""))
    for subscription in chosen:
        await act(subscription)
    return Reply(message_card(said), is_private=True) if chosen else unclear


async def _save_subscription(
    context: Context, request: Request, wanted: Subscription, said: str
) -> Reply:
    if not await _may_notify(context, request, wanted):
        return _refused_reply(admin_channel_denied_card(context.locale(request)))
    layouts = context.layouts(wanted.target.platform)
    if wanted.layout not in layouts:
        return _refused_reply(
            unsupported_layout_card(context.locale(request), wanted.layout, layouts)
        )
    kept = await context.ledger.subscribe(wanted, context.now())
    account, upcoming = await _load_report(context, kept)
    card = subscription_card(context.locale(request), account, upcoming, said)
    return Reply(card, is_private=True, subscriptions=(kept,))


async def _may_notify(context: Context, request: Request, wanted: Subscription) -> bool:
    """Return whether the person may have failures told in the channel that is wanted for them."""
    channel = replace(wanted.target, channel=wanted.admin_channel)
    rights = context.channel_rights
    known = await context.ledger.subscriptions(wanted.target)
    is_new = all(each.admin_channel != wanted.admin_channel for each in known)
    if not wanted.admin_channel or channel == wanted.target or rights is None or not is_new:
        return True
    try:
        return not request.person.id or await rights.may_manage(channel, request.person.id)
    except (TryLater, Refused, Unknown):
        return False


async def _load_report(
    context: Context, subscription: Subscription
) -> tuple[SubscriptionReport, datetime | None]:
    upcoming = slots.next_slot(subscription, context.now())
    account = await context.ledger.subscription_report(subscription.id, _HISTORY_LIMIT)
    return account, upcoming.at if upcoming else None


async def _resolve_series(
    context: Context, asked: str
) -> tuple[str, tuple[InvalidPreference, ...]]:
    """Return the series that is meant: the named one, or the first that there is."""
    stored = [name for name, _, _ in (await context.archive.totals()).series]
    known = [name for name in context.series if name in stored]
    if not asked:
        return (known or [*context.series, *stored])[0], ()
    if asked in {*stored, *context.series}:
        return asked, ()
    return asked, (InvalidPreference("series", asked, tuple(dict.fromkeys((*known, *stored)))),)


async def _latest_issue(context: Context, subscription: Subscription) -> Issue | None:
    wanted = SeriesPreference(only=subscription.series)
    found = await context.archive.find_issue(NamedWeek.LATEST, context.today(), wanted)
    return found.issue


def _default_subscription(context: Context, request: Request, series: str) -> Subscription:
    language = request.person.language or context.language
    zone = context.zone
    return Subscription(request.target, series, zone=zone, language=language)


def _refused_reply(card: Card) -> Reply:
    return Reply(card, is_private=True, is_refused=True)


def _no_issue_card(context: Context, request: Request, subscription: Subscription) -> Card:
    locale = context.locale(request)
    return message_card(
        locale.translate("There is no week to post yet"),
        locale.translate("{series} has no weeks in the archive.", series=subscription.series),
    )
