"""Handles reminders of papers: /remind, /reminders and their controls."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cards.locale import Locale
from bot.cards.reminders import (
    ask_time_card,
    no_reminder_card,
    reminder_cancelled_card,
    reminder_set_card,
    reminders_card,
    too_many_reminders_card,
)
from bot.commands.context import Context
from bot.commands.handlers.follows import change_settings
from bot.commands.handlers.papers import answer_lookup
from bot.digests.reminder_times import parse_reminder_time, split_time, split_unusable_day
from bot.model.card import Card
from bot.model.papers import Paper
from bot.model.people import PersonSettings, Reminder
from bot.ports.conversation import Reply, Request

MOST_REMINDERS = 50
"""How many reminders of a person can be to come."""
_MOST_NUMBER = 2**31 - 1


async def remind(context: Context, request: Request) -> Reply:
    """Keep a reminder of the paper that is meant, or ask when it is to come."""
    settings = await change_settings(context, request, {})
    if isinstance(settings, Reply):
        return settings
    name, written, when = _split(context, request, settings)

    async def build(context: Context, request: Request, locale: Locale, paper: Paper) -> Card:
        if when is None:
            return ask_time_card(locale, paper, written)
        now = context.now()
        await context.people.set_settings(request.person, settings, now)
        kept = await context.people.remind(
            request.person, Reminder(paper.id, when), MOST_REMINDERS, now
        )
        if kept is None:
            return too_many_reminders_card(locale, MOST_REMINDERS)
        return reminder_set_card(locale, paper, kept, settings.zone)

    # Of several papers the one that is chosen is asked for its time again.
    reply = await answer_lookup(context, replace(request, argument=name), build, "remind")
    return replace(reply, is_private=True, papers=())


async def list_reminders(context: Context, request: Request) -> Reply:
    """Answer with the reminders that are to come."""
    locale = context.locale(request)
    await context.people.note_use(request.person, context.now())
    settings = await context.people.settings(request.person)
    shown = []
    for each in await context.people.reminders(request.person):
        shown += [(each, paper) for paper in await context.archive.papers([each.paper])]
    zone = settings.zone if settings else context.zone
    return Reply(reminders_card(locale, shown, zone), is_private=True)


async def cancel(context: Context, request: Request) -> Reply:
    """Cancel a reminder."""
    locale, number = context.locale(request), request.argument.strip()
    gone = (
        await context.people.cancel_reminder(request.person, min(int(number), _MOST_NUMBER))
        if number.isdecimal()
        else None
    )
    if gone is None:
        return Reply(no_reminder_card(locale), is_private=True)
    papers = await context.archive.papers([gone.paper])
    return Reply(reminder_cancelled_card(locale, papers[0] if papers else None), is_private=True)


def _split(
    context: Context, request: Request, settings: PersonSettings
) -> tuple[str, str, datetime | None]:
    """Return the paper's name, the time as it was given by itself, and the moment it means."""
    now, zone = context.now(), ZoneInfo(settings.zone)
    given = request.fields.get("when", "").strip()
    if given:
        return request.argument, given, parse_reminder_time(given, now, settings.at, zone)
    name, when = split_time(request.argument, now, settings.at, zone)
    if when is None:
        return *split_unusable_day(request.argument, now.astimezone(zone).date()), None
    # A name that is nothing but a time is a name: the paper has to be said.
    return (name, "", when) if name else (request.argument, "", None)
