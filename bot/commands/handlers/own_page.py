"""Handles the page of one's own, and the form of its settings."""

from dataclasses import replace

from bot.cards.own_page import (
    MOST_PAPERS,
    OwnPage,
    own_page_card,
    settings_form,
    settings_kept_card,
)
from bot.commands.context import Context
from bot.commands.handlers.follows import change_settings, tag_names
from bot.model.papers import Paper
from bot.model.people import Reminder, SavedOrder
from bot.ports.conversation import Reply, Request


async def own_page(context: Context, request: Request) -> Reply:
    """Answer with what a person keeps, follows and is reminded of, in short."""
    locale, person, people = context.locale(request), request.person, context.people
    await people.note_use(person, context.now())
    settings = await change_settings(context, request, {})
    if isinstance(settings, Reply):
        return settings
    saved = await people.saved_papers(person, SavedOrder.UNREAD, MOST_PAPERS)
    papers: list[Paper] = []
    reminders: list[tuple[Reminder, Paper]] = []
    for each in saved.papers:
        papers += await context.archive.papers([each.paper])
    for reminder in (await people.reminders(person))[:MOST_PAPERS]:
        found = await context.archive.papers([reminder.paper])
        reminders += [(reminder, paper) for paper in found]
    page = OwnPage(papers, saved.total, await people.follows(person), reminders, settings)
    return Reply(own_page_card(locale, page, tag_names(context, locale)), is_private=True)


async def message_settings(context: Context, request: Request) -> Reply:
    """Ask when direct messages are to come, or keep what was answered."""
    locale, given = context.locale(request), dict(request.fields)
    settings = await change_settings(context, request, given)
    if isinstance(settings, Reply):
        return replace(settings, is_refused=True)
    if not given:
        return Reply(settings_form(locale, settings), is_private=True)
    await context.people.set_settings(request.person, settings, context.now())
    return Reply(settings_kept_card(locale, settings), is_private=True)
