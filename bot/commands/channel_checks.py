"""Asks the platform what keeps a digest from its channel."""

import asyncio

from bot.commands.context import Context
from bot.model.channels import Target
from bot.ports.errors import Refused, TryLater, Unknown

_TIMEOUT_SECONDS = 2.0
"""How long a reply waits for the platform."""


async def channel_problems(context: Context, channel: Target) -> tuple[str, ...]:
    """Return why nothing can be posted in a channel, a sentence each; none if that is unknown."""
    if context.platform is None or context.platform.name != channel.platform:
        return ()
    try:
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            return await context.platform.check_channel(channel)
    except (TimeoutError, TryLater, Refused, Unknown):
        return ()
