"""Answers about a channel's digest: /digest and its second words."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from bot.cards.digest import message
from bot.cards.subscriptions import (
    digests_card,
    done_card,
    kept_card,
    no_layout_card,
    nothing_card,
    settings_form,
    status_card,
    subscribe_form,
    trouble_card,
)
from bot.commands.context import Library
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

_LIMIT = 6
"""How many slots and deliveries are read for a status."""


async def digest(library: Library, request: Request) -> Reply:
    """Answer `/digest` alone like `/digest status`."""
    return await status(library, request)


async def subscribe(library: Library, request: Request) -> Reply:
    """Begin a digest in this channel, or change the one of the series that is named."""
    wishes, troubles = parse_preferences(request.argument, request.fields)
    series, unknown = await _series(library, wishes.get("series", ""))
    known = [s for s in await _here(library, request) if s.series == series]
    voice = library.voice(request)
    if request.target.platform not in library.platforms:
        names = ", ".join(sorted(library.platforms))
        card = done_card(
            voice.say("No digest can be posted here"),
            voice.say("Digests are posted on these platforms: {names}.", names=names)
            if names
            else voice.say("No platform is set up yet; an operator can do that."),
        )
        return _no(card)
    begun = known[0] if known else _fresh(library, request, series)
    wanted, unread = apply_preferences(begun, wishes, library.vocabulary)
    if troubles or unknown or unread:
        return _no(trouble_card(voice, (*troubles, *unknown, *unread)))
    if request.person.id:
        wanted = replace(wanted, subscriber=request.person.id)
    said = voice.say("The digest was changed") if known else voice.say("The digest is subscribed")
    return await _keep(library, request, wanted, said)


async def settings(library: Library, request: Request) -> Reply:
    """Change what is wished; without a wish, ask with a form."""
    voice = library.voice(request)
    wishes, troubles = parse_preferences(request.argument, request.fields)
    chosen, unclear = await _chosen(library, request, wishes.get("series", ""))
    if not chosen:
        return unclear
    if not wishes.keys() - {"series"} and not troubles:
        layouts = library.layouts(chosen[0].target.platform)
        return Reply(settings_form(voice, chosen[0], layouts), is_private=True)
    wanted, unread = apply_preferences(chosen[0], wishes, library.vocabulary)
    if troubles or unread:
        return _no(trouble_card(voice, (*troubles, *unread)))
    return await _keep(library, request, wanted, voice.say("The digest was changed"))


async def status(library: Library, request: Request) -> Reply:
    """Tell what comes next, what was posted, what failed and why, and what is waited for."""
    accounts = [
        await _account(library, subscription) for subscription in await _here(library, request)
    ]
    return Reply(status_card(library.voice(request), accounts), is_private=True)


async def form(library: Library, request: Request) -> Reply:
    """Ask with a form what is wished; whoever may not decide about the digest gets its status."""
    if not request.person.may_manage:
        return await status(library, request)
    stored = [name for name, _, _ in (await library.archive.totals()).series]
    here = await _here(library, request)
    series, _ = await _series(library, "")
    subscription = here[0] if here else _fresh(library, request, series)
    voice = library.voice(request)
    layouts = library.layouts(request.target.platform)
    return Reply(subscribe_form(voice, subscription, layouts, stored), is_private=True)


async def everywhere(library: Library, request: Request) -> Reply:
    """Tell which channels of a server have digests."""
    target = request.target
    found = tuple(
        subscription
        for subscription in await library.ledger.subscriptions()
        if (subscription.target.platform, subscription.target.workspace)
        == (target.platform, target.workspace)
    )
    return Reply(digests_card(library.voice(request), found), is_private=True, subscriptions=found)


async def preview(library: Library, request: Request) -> Reply:
    """Show what the next digest says, to the asker alone."""
    wishes, _ = parse_preferences(request.argument, request.fields)
    chosen, unclear = await _chosen(library, request, wishes.get("series", ""))
    if not chosen:
        return unclear
    subscription = chosen[0]
    voice = library.voice(request, subscription.language)
    issue = await _newest(library, subscription)
    if issue is None:
        return _no(_no_issue(library, request, subscription))
    shown = filter_by_tags(issue, subscription.tags)
    place = digest_parts(shown, Layout.OVERVIEW)[0]
    return Reply(message(voice, shown, place), is_private=True)


async def now(library: Library, request: Request) -> Reply:
    """Owe the newest issue at once; it counts as that week's."""
    voice, moment = library.voice(request), library.now()
    wishes, _ = parse_preferences(request.argument, request.fields)
    chosen, unclear = await _chosen(library, request, wishes.get("series", ""))
    if not chosen:
        return unclear
    subscription = chosen[0]
    if subscription.is_paused:
        said = voice.say("The digest is paused; /digest resume goes on.")
        return _no(done_card(voice.say("Nothing was posted"), said))
    issue = await _newest(library, subscription)
    if issue is None:
        return _no(_no_issue(library, request, subscription))
    if not await owe(library, subscription, issue, moment):
        account, upcoming = await _account(library, subscription)
        said = voice.say("{week} was posted here already, or is on its way", week=issue.week)
        return _no(kept_card(voice, account, upcoming, said))
    said = voice.say("{week} is on its way", week=issue.week)
    return Reply(done_card(said, voice.say("The next slot does not repeat it.")), is_private=True)


async def pause(library: Library, request: Request) -> Reply:
    """Post nothing until it is resumed."""

    async def act(subscription: Subscription) -> None:
        await library.ledger.pause(subscription.id, library.now(), paused=True)

    said = library.voice(request).say("The digest is paused; /digest resume goes on.")
    return await _each(library, request, act, said)


async def resume(library: Library, request: Request) -> Reply:
    """Go on after a pause."""

    async def act(subscription: Subscription) -> None:
        await library.ledger.pause(subscription.id, library.now(), paused=False)

    return await _each(library, request, act, library.voice(request).say("The digest goes on"))


async def unsubscribe(library: Library, request: Request) -> Reply:
    """End the digest; what was posted is remembered."""

    async def act(subscription: Subscription) -> None:
        await library.ledger.unsubscribe(subscription.id)

    said = library.voice(request).say("The digest has ended; what was posted stays")
    return await _each(library, request, act, said)


async def owe(
    library: Library, subscription: Subscription, issue: Issue, moment: datetime
) -> bool:
    """Owe an issue to a subscription at once; False where it was owed or posted before."""
    planned = plan_delivery(subscription, issue, moment, moment + subscription.grace)
    return await library.ledger.enqueue(planned, moment)


async def _here(library: Library, request: Request) -> tuple[Subscription, ...]:
    return await library.ledger.subscriptions(request.target)


async def _chosen(
    library: Library, request: Request, series: str
) -> tuple[tuple[Subscription, ...], Reply]:
    """Return the subscriptions that are meant, and what to answer where there is none."""
    here = await _here(library, request)
    nothing = _no(nothing_card(library.voice(request)))
    return tuple(s for s in here if not series or s.series == series), nothing


async def _each(
    library: Library,
    request: Request,
    act: Callable[[Subscription], Awaitable[None]],
    said: str,
) -> Reply:
    wishes, _ = parse_preferences(request.argument, request.fields)
    chosen, unclear = await _chosen(library, request, wishes.get("series", ""))
    for subscription in chosen:
        await act(subscription)
    return Reply(done_card(said), is_private=True) if chosen else unclear


async def _keep(library: Library, request: Request, wanted: Subscription, said: str) -> Reply:
    layouts = library.layouts(wanted.target.platform)
    if wanted.layout not in layouts:
        return _no(no_layout_card(library.voice(request), wanted.layout, layouts))
    kept = await library.ledger.subscribe(wanted, library.now())
    account, upcoming = await _account(library, kept)
    card = kept_card(library.voice(request), account, upcoming, said)
    return Reply(card, is_private=True, subscriptions=(kept,))


async def _account(
    library: Library, subscription: Subscription
) -> tuple[SubscriptionReport, datetime | None]:
    upcoming = slots.next_slot(subscription, library.now())
    account = await library.ledger.account(subscription.id, _LIMIT)
    return account, upcoming.at if upcoming else None


async def _series(library: Library, asked: str) -> tuple[str, tuple[InvalidPreference, ...]]:
    """Return the series that is meant: the named one, or the first that there is."""
    stored = [name for name, _, _ in (await library.archive.totals()).series]
    known = [name for name in library.series if name in stored]
    if not asked:
        return (known or [*library.series, *stored])[0], ()
    if asked in {*stored, *library.series}:
        return asked, ()
    return asked, (InvalidPreference("series", asked, tuple(dict.fromkeys((*known, *stored)))),)


async def _newest(library: Library, subscription: Subscription) -> Issue | None:
    wanted = SeriesPreference(only=subscription.series)
    found = await library.archive.find_issue(NamedWeek.LATEST, library.today(), wanted)
    return found.issue


def _fresh(library: Library, request: Request, series: str) -> Subscription:
    language = request.person.language or library.language
    zone = library.zone
    return Subscription(request.target, series, zone=zone, language=language)


def _no(card: Card) -> Reply:
    return Reply(card, is_private=True, is_refused=True)


def _no_issue(library: Library, request: Request, subscription: Subscription) -> Card:
    voice = library.voice(request)
    return done_card(
        voice.say("There is no week to post yet"),
        voice.say("{series} has no weeks in the archive.", series=subscription.series),
    )
