"""Handles /stats."""

from bot.cards.usage import usage_card
from bot.commands.context import Context
from bot.model.weeks import Month
from bot.ports.conversation import Reply, Request


async def stats(context: Context, request: Request) -> Reply:
    """Answer with how much the community reads, asks and discusses."""
    now, target = context.now(), request.target
    found = await context.usage.read(target.platform, target.workspace)
    return Reply(usage_card(context.locale(request), found, Month(now.year, now.month)))
