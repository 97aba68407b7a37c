"""Handles the settings and the state of a channel's digests: subscribe, settings, status, list."""

from collections.abc import Sequence
from dataclasses import replace

from bot.cards.locale import Locale
from bot.cards.subscription_form import settings_form, subscribe_form
from bot.cards.subscription_status import status_card, subscription_card, subscription_list_card
from bot.cards.subscriptions import (
    admin_channel_denied_card,
    invalid_preferences_card,
    message_card,
    not_subscribed_card,
    permission_denied_card,
    posting_forbidden_card,
    unsupported_layout_card,
    with_channel_problems,
)
from bot.commands.channel_checks import channel_problems
from bot.commands.context import Context
from bot.commands.series import known_series, resolve_series, with_series_ids
from bot.commands.subscriptions import (
    channel_subscriptions,
    channel_url,
    load_status,
    refused_reply,
    select_series,
)
from bot.digests.preferences import apply_preferences, parse_preferences
from bot.model.card import Card
from bot.model.subscriptions import Layout, Subscription
from bot.ports.conversation import Reply, Request
from bot.ports.errors import Refused, TryLater, Unknown


async def digest(context: Context, request: Request) -> Reply:
    """Answer `/digest` alone like `/digest status`."""
    return await status(context, request)


async def subscribe(context: Context, request: Request) -> Reply:
    """Begin a digest in this channel, or change the one of the series that is named."""
    locale = context.locale(request)
    if request.target.platform not in context.platforms:
        return refused_reply(_no_platform_card(context, locale))
    names = await known_series(context)
    words = with_series_ids(request.argument, names)
    preferences, invalid = parse_preferences(words, request.fields, names)
    series, unknown = await resolve_series(context, preferences.get("series", ""))
    known = [s for s in await channel_subscriptions(context, request) if s.series == series]
    begun = known[0] if known else _new_subscription(context, request, series)
    syntax = context.mention_syntax(request.target.platform)
    wanted, unread = apply_preferences(
        begun, preferences, context.vocabulary, syntax, tuple(context.catalogues)
    )
    if invalid or unknown or unread:
        return refused_reply(invalid_preferences_card(locale, (*invalid, *unknown, *unread)))
    if not request.access.may_post:
        return refused_reply(posting_forbidden_card(locale))
    if request.person.id:
        wanted = replace(wanted, subscriber=request.person.id)
    title = (
        locale.translate("The digest was changed")
        if known
        else locale.translate("The digest is subscribed")
    )
    return await save_subscription(context, request, wanted, title)


async def settings(context: Context, request: Request) -> Reply:
    """Change settings; without any, ask for them with a form."""
    locale = context.locale(request)
    here = await channel_subscriptions(context, request)
    names = [each.series for each in here]
    words = with_series_ids(request.argument, names)
    preferences, invalid = parse_preferences(words, request.fields, names)
    chosen = select_series(context, request, here, preferences.get("series", ""), "settings")
    if isinstance(chosen, Reply):
        return chosen
    (subscription,) = chosen
    if not preferences.keys() - {"series"} and not invalid:
        layouts = _layouts(context, request)
        return Reply(settings_form(locale, subscription, layouts), is_private=True)
    syntax = context.mention_syntax(request.target.platform)
    wanted, unread = apply_preferences(
        subscription, preferences, context.vocabulary, syntax, tuple(context.catalogues)
    )
    if invalid or unread:
        return refused_reply(invalid_preferences_card(locale, (*invalid, *unread)))
    title = locale.translate("The digest was changed")
    return await save_subscription(context, request, wanted, title)


async def status(context: Context, request: Request) -> Reply:
    """Answer with the next slots, what was posted or failed, and what is waited for."""
    locale = context.locale(request)
    here = await channel_subscriptions(context, request)
    if not here:
        can_begin = request.target.platform in context.platforms
        card = not_subscribed_card(locale) if can_begin else _no_platform_card(context, locale)
        return Reply(card, is_private=True)
    statuses = [await load_status(context, request, each) for each in here]
    return Reply(status_card(locale, statuses), is_private=True)


async def open_form(context: Context, request: Request) -> Reply:
    """Ask for the settings with a form; people who may not manage the digest get its status."""
    if not request.person.is_identified:
        return refused_reply(permission_denied_card(context.locale(request), request.person))
    if not request.person.may_manage:
        return await status(context, request)
    here = await channel_subscriptions(context, request)
    series, _ = await resolve_series(context, "")
    subscription = here[0] if here else _new_subscription(context, request, series)
    locale = context.locale(request)
    layouts = context.layouts(request.target.platform)
    stored = [name for name, _, _ in (await context.archive.totals()).series]
    offered = tuple(dict.fromkeys((subscription.series, *stored, *sorted(context.source_series))))
    return Reply(subscribe_form(locale, subscription, layouts, offered), is_private=True)


async def list_digests(context: Context, request: Request) -> Reply:
    """Answer with all digests of a server."""
    target = request.target
    found = tuple(
        subscription
        for subscription in await context.ledger.subscriptions()
        if (subscription.target.platform, subscription.target.workspace)
        == (target.platform, target.workspace)
    )
    return Reply(
        subscription_list_card(
            context.locale(request),
            found,
            lambda channel: channel_url(context, channel),
            may_end=request.person.may_manage,
        ),
        is_private=True,
        subscriptions=found,
    )


def _layouts(context: Context, request: Request) -> Sequence[Layout]:
    """Return the layouts that the channel can have, as far as its kind is known."""
    known = context.layouts(request.target.platform)
    return [each for each in known if each in (request.access.layouts or known)]


async def save_subscription(
    context: Context, request: Request, wanted: Subscription, title: str
) -> Reply:
    """Store a subscription, and answer with its settings; or say why it cannot be so."""
    if not await _may_notify(context, request, wanted):
        return refused_reply(admin_channel_denied_card(context.locale(request)))
    locale = context.locale(request)
    layouts = _layouts(context, request)
    if wanted.layout not in layouts:
        return refused_reply(unsupported_layout_card(locale, wanted.layout, layouts))
    problems = await channel_problems(context, wanted.target)
    kept = await context.ledger.subscribe(wanted, context.now())
    status_ = await load_status(context, request, kept)
    card = subscription_card(locale, status_, title)
    if problems:
        card = with_channel_problems(locale, card, problems)
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


def _new_subscription(context: Context, request: Request, series: str) -> Subscription:
    """Return a subscription with the defaults of the person, the settings and the channel."""
    layouts = _layouts(context, request)
    return Subscription(
        request.target,
        series,
        zone=context.zone,
        language=request.person.language or context.language,
        layout=Layout.OVERVIEW if Layout.OVERVIEW in layouts else layouts[0],
    )


def _no_platform_card(context: Context, locale: Locale) -> Card:
    names = ", ".join(sorted(context.platforms))
    sentence = (
        locale.translate("Digests are posted on these platforms: {names}.", names=names)
        if names
        else locale.translate("No platform is set up yet; an operator can do that.")
    )
    return message_card(locale.translate("No digest can be posted here"), sentence)
