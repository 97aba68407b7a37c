"""Answers that help: /help and /about."""

from bot.cards.help import about_card
from bot.commands.context import Library
from bot.ports.conversation import Reply, Request


async def about(library: Library, request: Request) -> Reply:
    """Answer with where the texts come from."""
    totals = await library.archive.totals()
    return Reply(about_card(library.voice(request), totals, library.version))
