"""Handles what is a person's own: saved papers, what is stored, and that it is forgotten."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.cards.help import expired_control_card
from bot.cards.locale import Locale
from bot.cards.people import (
    CONFIRMED,
    EXPORTS,
    PAGE_SIZE,
    confirm_forget_card,
    data_card,
    export_card,
    forgotten_card,
    privacy_card,
    removed_card,
    saved_card,
    saved_list_card,
    unknown_saved_card,
)
from bot.cards.references import parse_reference
from bot.commands.context import Context
from bot.commands.handlers.papers import answer_lookup
from bot.model.attachment import Attachment
from bot.model.card import Card
from bot.model.papers import Paper
from bot.model.people import SavedOrder
from bot.ports.conversation import Reply, Request

DATA_FILE = "paperboy-data.json"
"""The name of the file with all that is stored about a person."""
_MOST_EXPORTED, _LAST_PAGE = 100, 1_000_000
_ORDERS = {each.value: each for each in SavedOrder} | {
    "최신": SavedOrder.NEWEST, "오래된": SavedOrder.OLDEST, "안읽음": SavedOrder.UNREAD,
}  # fmt: skip
_EXPORT = re.compile(rf"(?:export|내보내기)\s*({'|'.join(EXPORTS)})?")
_YES = frozenset({CONFIRMED, "네", "예"})

ForPaper = Callable[[Locale, Paper], Awaitable[Reply]]


async def save(context: Context, request: Request) -> Reply:
    """Keep the paper that is meant for the person who asks."""

    async def build(context: Context, request: Request, locale: Locale, paper: Paper) -> Card:
        is_new = await context.people.save_paper(request.person, paper.id, context.now())
        return saved_card(locale, paper, is_new=is_new)

    reply = await answer_lookup(context, request, build, "save")
    return replace(reply, is_private=True, papers=())


async def saved(context: Context, request: Request) -> Reply:
    """Answer with the papers that the person keeps: a page of them, or an export."""
    locale, asked = context.locale(request), request.argument.strip().casefold()
    await context.people.note_use(request.person, context.now())
    if match := _EXPORT.fullmatch(asked):
        return await _export(context, request, locale, match[1] or EXPORTS[0])
    order, number = SavedOrder.NEWEST, 1
    for word in asked.split():
        if word in _ORDERS:
            order = _ORDERS[word]
        elif word.isdecimal() and 0 < int(word) <= _LAST_PAGE:
            number = int(word)
        else:
            return Reply(unknown_saved_card(locale, request.argument.strip()), is_private=True)
    total = (await context.people.saved_papers(request.person, order, 0)).total
    number = min(number, max(-(-total // PAGE_SIZE), 1))
    page = await context.people.saved_papers(
        request.person, order, PAGE_SIZE, (number - 1) * PAGE_SIZE
    )
    shown = []
    for each in page.papers:  # each by itself: a paper that was merged has another id now
        shown += [(paper, each) for paper in await context.archive.papers([each.paper])]
    card = saved_list_card(locale, shown, order, (number, page.total))
    return Reply(card, is_private=True)


async def _export(context: Context, request: Request, locale: Locale, form: str) -> Reply:
    page = await context.people.saved_papers(request.person, SavedOrder.NEWEST, _MOST_EXPORTED)
    papers = await context.archive.papers([each.paper for each in page.papers])
    if not papers:
        return Reply(saved_list_card(locale, (), SavedOrder.NEWEST, (1, 0)), is_private=True)
    return Reply(export_card(locale, form, papers, page.total), is_private=True)


async def unsave(context: Context, request: Request) -> Reply:
    """Keep a paper no more."""

    async def remove(locale: Locale, paper: Paper) -> Reply:
        reference = parse_reference(request.argument)
        for number in {paper.id, reference.paper if reference else paper.id}:
            await context.people.remove_paper(request.person, number)
        return Reply(removed_card(locale, paper), is_private=True)

    return await _with_paper(context, request, remove)


async def mark_read(context: Context, request: Request) -> Reply:
    """Mark a saved paper as read, and show the list."""
    return await _mark(context, request, is_read=True)


async def mark_unread(context: Context, request: Request) -> Reply:
    """Mark a saved paper as unread, and show the list."""
    return await _mark(context, request, is_read=False)


async def _mark(context: Context, request: Request, *, is_read: bool) -> Reply:
    async def mark(_locale: Locale, paper: Paper) -> Reply:
        read_at = context.now() if is_read else None
        await context.people.mark_read(request.person, paper.id, read_at)
        return await saved(context, replace(request, argument=""))

    return await _with_paper(context, request, mark)


async def privacy(context: Context, request: Request) -> Reply:
    """Answer with what is stored about the person."""
    locale, data = context.locale(request), await context.people.person_data(request.person)
    if request.argument.strip().casefold() != "json":
        return Reply(privacy_card(locale, data), is_private=True)
    keys = {}
    numbers = [each.paper for each in data.saved] + [each.paper for each in data.reminders]
    for number in dict.fromkeys(numbers):
        found = await context.archive.papers([number])
        keys[number] = found[0].key if found else ""
    told = {
        "platform": request.person.platform,
        "id": request.person.id,
        "saved": [
            {
                "paper": keys[each.paper],
                "saved_at": each.saved_at.isoformat(),
                "read_at": each.read_at.isoformat() if each.read_at else None,
            }
            for each in data.saved
        ],
        "follows": [
            {
                "kind": each.kind.value,
                "name": each.name,
                "since": each.made_at.isoformat() if each.made_at else None,
            }
            for each in data.follows
        ],
        "reminders": [
            {"paper": keys[each.paper], "due_at": each.due_at.isoformat()}
            for each in data.reminders
        ],
        "messages": {
            "stored": data.messages,
            **(
                {
                    "workspace": data.settings.workspace,
                    "language": data.settings.language,
                    "time": data.settings.at.isoformat("minutes"),
                    "zone": data.settings.zone,
                }
                if data.settings
                else {}
            ),
        },
        "votes": data.votes,
        "discussions_opened": data.discussions,
        "digests_subscribed": data.digests,
        "mistakes_reported": data.reports,
    }
    content = json.dumps(told, ensure_ascii=False, indent=2).encode("utf-8", "replace")
    file = Attachment(content, DATA_FILE, "application/json")
    return Reply(data_card(locale), is_private=True, attachment=file)


async def forget_me(context: Context, request: Request) -> Reply:
    """Remove all that is stored about the person, once the person has confirmed it."""
    locale = context.locale(request)
    if request.argument.strip().casefold() not in _YES:
        return Reply(confirm_forget_card(locale), is_private=True)
    await context.people.forget_person(request.person, context.now())
    return Reply(forgotten_card(locale), is_private=True)


async def _with_paper(context: Context, request: Request, act: ForPaper) -> Reply:
    """Act on the paper that a control refers to."""
    reference = parse_reference(request.argument)
    papers = await context.archive.papers([reference.paper]) if reference else ()
    if not reference or not papers:
        return Reply(expired_control_card(context.locale(request)), is_private=True)
    return await act(context.locale(request, reference.choice), papers[0])
