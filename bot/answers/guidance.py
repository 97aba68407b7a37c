"""Answers that help: /help and /about."""

from bot.library import Library
from bot.ports import Reply, Request
from bot.wording.guidance import about_card


async def about(library: Library, request: Request) -> Reply:
    """Answer with where the texts come from."""
    totals = await library.archive.totals()
    return Reply(about_card(library.voice(request), totals, library.version))
