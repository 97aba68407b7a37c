"""Finds the subscriptions that a request is about, and their state."""

from collections.abc import Sequence
from dataclasses import replace

from bot.cards.series import series_id
from bot.cards.subscription_status import SubscriptionStatus
from bot.cards.subscriptions import (
    choose_series_card,
    invalid_preferences_card,
    not_subscribed_card,
    unknown_series_card,
)
from bot.commands.context import Context
from bot.commands.series import series_warning, with_series_ids
from bot.digests import slots
from bot.digests.preferences import InvalidPreference, parse_preferences
from bot.model.card import Card
from bot.model.channels import Target
from bot.model.subscriptions import Subscription
from bot.ports.conversation import Reply, Request

_HISTORY_LIMIT = 6
"""How many slots and deliveries are read for a status."""

Selected = tuple[Subscription, ...]


async def channel_subscriptions(context: Context, request: Request) -> Selected:
    """Return the subscriptions of the channel of a request."""
    return await context.ledger.subscriptions(request.target)


async def load_status(
    context: Context, request: Request, each: Subscription
) -> SubscriptionStatus:
    """Return the state of a subscription."""
    upcoming = slots.next_slot(each, context.now())
    report = await context.ledger.subscription_report(each.id, _HISTORY_LIMIT)
    warning = await series_warning(context, context.locale(request), each.series)
    admin = replace(each.target, channel=each.admin_channel)
    url = channel_url(context, admin) if each.admin_channel else ""
    return SubscriptionStatus(report, upcoming.at if upcoming else None, warning, url)


def channel_url(context: Context, channel: Target) -> str:
    """Return the address of a channel; empty where the platform has none."""
    return context.channel_urls.channel_url(channel) if context.channel_urls else ""


async def select(context: Context, request: Request, word: str = "") -> Selected | Reply:
    """Return the subscriptions that the argument names, or else all; or why there are none.

    With `word`, a command that is about one of them, the reply asks which one where several are
    meant.
    """
    here = await channel_subscriptions(context, request)
    names = [each.series for each in here]
    words = with_series_ids(request.argument, names)
    settings, invalid = parse_preferences(words, request.fields, names)
    useless = [
        InvalidPreference("", f"{name}={value}")
        for name, value in settings.items()
        if name != "series"
    ]
    if invalid or useless:
        locale = context.locale(request)
        return refused_reply(invalid_preferences_card(locale, (*invalid, *useless)))
    return select_series(context, request, here, settings.get("series", ""), word)


def select_series(
    context: Context, request: Request, here: Sequence[Subscription], asked: str, word: str = ""
) -> Selected | Reply:
    """Return those of a channel's subscriptions that are of a series; see `select`."""
    locale, names = context.locale(request), [each.series for each in here]
    if not here:
        return refused_reply(not_subscribed_card(locale))
    series = series_id(asked, names)
    if asked and series is None:
        return refused_reply(unknown_series_card(locale, asked, names))
    found = tuple(each for each in here if not asked or each.series == series)
    if word and len(found) > 1:
        return refused_reply(choose_series_card(locale, word, names))
    return found


def refused_reply(card: Card) -> Reply:
    """Return a reply to a request that was not done."""
    return Reply(card, is_private=True, is_refused=True)
