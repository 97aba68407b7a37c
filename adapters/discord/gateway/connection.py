"""Keeps the connection over which Discord tells what people do; discord.py speaks on it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from adapters.discord.http.errors import TOKEN_REFUSED
from adapters.discord.options import Options
from bot.ports.errors import RefusalScope, Refused

OnInteraction = Callable[[discord.Interaction], Awaitable[None]]
"""Answers one thing that a person did."""

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
"""Seconds between a connection that ended for good and the next one."""
_PROVEN = 300.0
"""A connection that lasted so many seconds was a good one; the pauses begin anew after it."""

_LOG = logging.getLogger(__name__)


class Gateway:
    """One connection, or several shards of it, made again whenever it ends."""

    def __init__(self, options: Options, on_interaction: OnInteraction) -> None:
        self._options = options
        self._hear = on_interaction

    async def run(self) -> None:
        """Hear people until cancelled. Raises Refused where Discord refuses the token."""
        # discord.py has no other place for them, and warns of voice, which nobody here uses.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        Route.BASE = self._options.api_url.rstrip("/")
        if self._options.gateway_url:
            DiscordWebSocket.DEFAULT_GATEWAY = URL(self._options.gateway_url)
        pause, clock = _FIRST_PAUSE, asyncio.get_running_loop().time
        while True:
            begun = clock()
            client = create_client(self._options.shard_count, self._hear)
            try:
                await client.start(self._options.token.get_secret_value())
                _LOG.error("the connection to Discord ended; it is made again")
            except discord.LoginFailure as error:
                raise Refused(TOKEN_REFUSED, RefusalScope.ACCOUNT) from error
            except Exception:  # noqa: BLE001 - whatever ended it, people are to be heard again
                _LOG.exception("the connection to Discord failed, and is made again")
            finally:
                await client.close()
            pause = _FIRST_PAUSE if clock() - begun > _PROVEN else pause
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)


def create_client(shard_count: int, on_interaction: OnInteraction) -> discord.Client:
    """Return a client that passes on what people do; it needs no privileged intent."""

    class Listener(discord.Client if shard_count == 1 else discord.AutoShardedClient):  # type: ignore[misc]
        async def on_interaction(self, interaction: discord.Interaction) -> None:
            await on_interaction(interaction)

    return Listener(
        intents=discord.Intents(guilds=True),
        allowed_mentions=discord.AllowedMentions.none(),
        **({} if shard_count == 1 else {"shard_count": shard_count or None}),
    )
