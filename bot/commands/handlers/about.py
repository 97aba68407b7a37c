"""Handles /about."""

from bot.cards.help import about_card
from bot.commands.context import Context
from bot.ports.conversation import Reply, Request


async def about(context: Context, request: Request) -> Reply:
    """Answer with the sources of the texts."""
    totals = await context.archive.totals()
    made = await context.translations.machine_text_counts()
    return Reply(about_card(context.locale(request), totals, made, context.version))
