"""Passes what a person asks to the handler of its command or action, on every platform alike."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cards.help import too_long_card, unknown_command_card, usage_card
from bot.commands.command import Command
from bot.commands.context import Context
from bot.commands.curation_commands import FORMS
from bot.commands.registry import ACTIONS, COMMANDS, usage
from bot.lib.clean import normalise_input
from bot.lib.deferred import DeferredModule
from bot.ports.conversation import Reply, Request

if TYPE_CHECKING:
    from bot.cards import subscriptions
    from bot.commands.handlers import follows
else:
    # A command that asks once starts without what it does not need.
    subscriptions = DeferredModule("bot.cards.subscriptions")
    follows = DeferredModule("bot.commands.handlers.follows")

MAX_QUESTION = 2000
"""Characters of an argument or a field; a longer one is refused before anything reads it."""
MAX_TEXT = 4000
"""The same for fields of forms that take the text of a paper: as much as Discord's inputs take."""
UNKNOWN = "unknown"
"""What a command is counted as that there is not."""
_MIN_SIMILARITY = 60
"""The least similarity (0 to 100) at which a command is suggested for a mistyped one."""

_COMMANDS_BY_NAME = {row.name: row for row in COMMANDS} | {
    row.korean_name: row for row in COMMANDS
}


def canonical_name(name: str) -> str:
    """Return the command or action that a request's name means, in English; else `unknown`."""
    plain = normalise_input(name)
    row = _COMMANDS_BY_NAME.get(plain.casefold())
    return row.name if row else plain if plain in ACTIONS else UNKNOWN


async def dispatch(context: Context, request: Request) -> Reply:
    """Answer a command or a control; never raises for anything that a person can send."""
    reply = await _answer(context, request)
    if reply.is_private and request.person.id:  # what others see tells nothing about a person
        return await follows.tell_undelivered(context, request, reply)
    return reply


async def _answer(context: Context, request: Request) -> Reply:
    if _is_too_long(request):
        card = too_long_card(context.locale(request), _most(request))
        return Reply(card, is_private=True, is_refused=True)
    plain = normalise_input(request.name), normalise_input(request.argument)
    if plain != (request.name, request.argument):
        request = replace(request, name=plain[0], argument=plain[1])
    action = ACTIONS.get(request.name)
    if action is not None:
        return await action(context, request)
    locale = context.locale(request)
    row = _COMMANDS_BY_NAME.get(request.name.casefold())
    if row is None:
        near = [f"/{name}" for name in _nearest(request.name, _COMMANDS_BY_NAME, 2, "ratio")]
        card = unknown_command_card(
            locale, f"/{request.name}", [locale.command_name(each) for each in near]
        )
        return Reply(card, is_private=True, suggestions=tuple(near))
    if row.argument and row.argument.is_required and not request.argument.strip():
        return Reply(
            usage_card(locale, usage(locale, row), locale.translate(row.description)),
            is_private=True,
        )
    if row.subcommands:
        return await _dispatch_subcommand(context, request, row)
    return await row.handler(context, request)


async def _dispatch_subcommand(context: Context, request: Request, row: Command) -> Reply:
    """Answer with the subcommand of the first word, or else with the command's own handler."""
    word, _, rest = request.argument.strip().partition(" ")
    names = {name: part for part in row.subcommands for name in (part.name, part.korean_name)}
    part = names.get(word.casefold())
    if part is None and word:
        locale = context.locale(request)
        near = [f"/{row.name} {name}" for name in _nearest(word, names, 1, "WRatio")]
        known = [f"/{row.name} {part.name}" for part in row.subcommands]
        asked = f"{locale.command_name(f'/{row.name}')} {word}"
        said = ([locale.command_name(each) for each in found] for found in (near, known))
        return Reply(
            unknown_command_card(locale, asked, *said),
            is_private=True,
            suggestions=tuple(near or known),
        )
    if part is not None and part.is_manager_only and not request.person.may_manage:
        return Reply(
            subscriptions.permission_denied_card(context.locale(request), request.person),
            is_private=True,
            is_refused=True,
        )
    chosen = part or row
    return await chosen.handler(context, replace(request, argument=rest.strip()))


def _is_too_long(request: Request) -> bool:
    fields = any(len(text) > _most(request) for text in request.fields.values())
    return fields or any(len(text) > MAX_QUESTION for text in (request.name, request.argument))


def _most(request: Request) -> int:
    """Return how many characters a field of a form may have."""
    return MAX_TEXT if request.name in FORMS else MAX_QUESTION


def _nearest(typed: str, names: Iterable[str], limit: int, scorer: str) -> list[str]:
    """Return the names that a mistyped one may mean, by a scorer of rapidfuzz."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - for mistyped names alone

    found = process.extract(
        typed,
        list(names),
        scorer=getattr(fuzz, scorer),
        score_cutoff=_MIN_SIMILARITY,
        limit=limit,
    )
    return [name for name, *_ in found]
