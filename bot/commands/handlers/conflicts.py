"""Handles corrected texts that their source has changed: keep ours, take theirs, edit, list."""

from bot.cards.conflicts import (
    conflict_card,
    conflict_list_card,
    edit_conflict_form,
    settled_conflict_card,
    stale_conflict_card,
)
from bot.cards.curation import fits_form
from bot.cards.help import expired_control_card
from bot.cards.locale import Locale
from bot.cards.reports import curation_refused_card, not_curator_card, refused_edit_card
from bot.commands.context import Context
from bot.commands.curation import settlement_of
from bot.commands.curator_requests import attribution, number_in, refused
from bot.model.conflicts import Conflict, ConflictState
from bot.model.papers import Paper
from bot.ports.conversation import Reply, Request
from bot.ports.curation import CurationRefused

_MOST_LISTED = 10


async def keep(context: Context, request: Request) -> Reply:
    """Let the curators' text stay."""
    found = await _open_conflict(context, request)
    if isinstance(found, Reply):
        return found
    locale = context.locale(request)
    try:
        done = await context.conflicts.keep_ours(found.id, attribution(request))
    except CurationRefused as error:
        return await _refusal(context, locale, found, error)
    return Reply(settled_conflict_card(locale, done), is_private=True)


async def take(context: Context, request: Request) -> Reply:
    """Show the source's text instead."""
    found = await _open_conflict(context, request)
    if isinstance(found, Reply):
        return found
    return await _settle(context, request, found)


async def edit(context: Context, request: Request) -> Reply:
    """Word the text anew; first ask how."""
    found = await _open_conflict(context, request)
    if isinstance(found, Reply):
        return found
    locale, text = context.locale(request), request.fields.get("text", "")
    if not text.strip():
        if not fits_form(found.ours):
            said = locale.translate(
                "The text is too long for a form; correct it on the command line."
            )
            return refused(curation_refused_card(locale, said))
        return Reply(edit_conflict_form(locale, found), is_private=True)
    return await _settle(context, request, found, text)


async def show(context: Context, request: Request) -> Reply:
    """Show a curator the three versions of a text."""
    found = await _conflict(context, request)
    if isinstance(found, Reply):
        return found
    card = conflict_card(context.locale(request), found, await _paper(context, found))
    return Reply(card, is_private=True)


async def list_conflicts(context: Context, request: Request) -> Reply:
    """Answer a curator with the conflicts that are open."""
    locale = context.locale(request)
    if not context.curators.is_curator(request.person):
        return refused(not_curator_card(locale))
    found = await context.conflicts.open_conflicts(_MOST_LISTED, 0)
    papers = await context.archive.papers([each.paper for each in found.conflicts])
    by_number = {paper.id: paper for paper in papers}
    shown = [(each, by_number.get(each.paper)) for each in found.conflicts]
    return Reply(conflict_list_card(locale, shown, found.total), is_private=True)


async def _settle(context: Context, request: Request, found: Conflict, text: str = "") -> Reply:
    """Settle a conflict with a text, or with the source's where it is empty."""
    locale = context.locale(request)
    try:
        correction = settlement_of(context, found, await _paper(context, found), text)
        if correction is None:
            return refused(expired_control_card(locale))
        done = await context.conflicts.settle_conflict(found.id, correction, attribution(request))
    except CurationRefused as error:
        return await _refusal(context, locale, found, error)
    return Reply(settled_conflict_card(locale, done), is_private=True)


async def _refusal(
    context: Context, locale: Locale, found: Conflict, error: CurationRefused
) -> Reply:
    """Return why nothing was changed: that it was decided meanwhile, or else the reason."""
    now = await context.conflicts.conflict(found.id)
    if now is not None and now.state is not ConflictState.OPEN:
        return refused(stale_conflict_card(locale, now))
    return refused(refused_edit_card(locale, error))


async def _open_conflict(context: Context, request: Request) -> Conflict | Reply:
    found = await _conflict(context, request)
    if isinstance(found, Conflict) and found.state is not ConflictState.OPEN:
        return refused(stale_conflict_card(context.locale(request), found))
    return found


async def _conflict(context: Context, request: Request) -> Conflict | Reply:
    """Return the conflict of a request whose person may decide about it, or the refusal.

    The archive is common, and so are the texts that curators of every community look after.
    """
    locale = context.locale(request)
    if not context.curators.is_curator(request.person):
        return refused(not_curator_card(locale))
    number = number_in(request.argument)
    found = await context.conflicts.conflict(number) if number is not None else None
    return found or refused(expired_control_card(locale))


async def _paper(context: Context, found: Conflict) -> Paper | None:
    papers = await context.archive.papers([found.paper])
    return papers[0] if papers else None
