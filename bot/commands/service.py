"""Builds the commands as one platform calls them, with its names and rights."""

import time
from collections.abc import Sequence
from dataclasses import replace

from bot.cards.command_names import with_command_names
from bot.cards.locale import Locale
from bot.commands.autocomplete import complete
from bot.commands.context import Context
from bot.commands.dispatcher import canonical_name, dispatch
from bot.ports.conversation import CommandService, Reply, Request, Suggestion
from bot.ports.health import Outcome, RequestObserver
from bot.ports.platform import (
    Platform,
    SupportsChannelRights,
    SupportsChannelUrls,
    SupportsCommandNames,
)


def context_of(context: Context, platform: Platform) -> Context:
    """Return the context for one platform: its names of commands, and its channels' rights."""
    context = replace(context, platform=platform)
    if isinstance(platform, SupportsCommandNames):
        catalogues = with_command_names(context.catalogues, platform.command_name)
        context = replace(context, catalogues=catalogues)
    if isinstance(platform, SupportsChannelUrls):
        context = replace(context, channel_urls=platform)
    if isinstance(platform, SupportsChannelRights):
        context = replace(context, channel_rights=platform)
    return context


def command_service(context: Context, observer: RequestObserver | None = None) -> CommandService:
    """Return the commands on the context of a platform; see `context_of`.

    `observer` counts answers and completions, where there is a platform.
    """

    async def answer(request: Request) -> Reply:
        reply = await dispatch(context, request)
        name, target = canonical_name(request.name), request.target
        context.usage.count(target.platform, target.workspace, name)
        return reply

    async def offers(name: str, prefix: str, language: str) -> Sequence[Suggestion]:
        locale = Locale(context.catalogues, language or context.language)
        return await complete(context, locale, name, prefix)

    service = CommandService(
        answer,
        offers,
        context.audience,
        context.catalogues,
        context.language,
        language_of=context.channel_language,
    )
    if observer and context.platform:
        service = _observed(service, observer, context.platform.name)
    return service


def _observed(service: CommandService, observer: RequestObserver, platform: str) -> CommandService:
    """Return the commands with each answer and completion counted."""

    async def answer(request: Request) -> Reply:
        started, outcome = time.perf_counter(), Outcome.FAILED
        try:
            reply = await service.answer(request)
            outcome = Outcome.REFUSED if reply.is_refused else Outcome.ANSWERED
            return reply
        finally:
            name = canonical_name(request.name)
            observer.answered(platform, name, outcome, time.perf_counter() - started)

    async def offers(name: str, prefix: str, language: str) -> Sequence[Suggestion]:
        started = time.perf_counter()
        found = await service.complete(name, prefix, language)
        observer.completed(platform, time.perf_counter() - started)
        return found

    return replace(service, answer=answer, complete=offers)
