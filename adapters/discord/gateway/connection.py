"""The connection to Discord's gateway, which brings interactions; discord.py keeps it alive."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import aiohttp
import discord
from discord.gateway import DiscordWebSocket, KeepAliveHandler
from discord.http import Route
from yarl import URL

from adapters.discord.http.errors import TOKEN_REFUSED
from adapters.discord.options import Options
from bot.lib.backoff import Backoff, BackoffPolicy
from bot.ports.errors import RefusalScope, Refused, TryLater

OnInteraction = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]
"""Handles the payload of one interaction."""
OnEvent = Callable[[dict[str, Any]], None]
"""Is told of an event about a message; it returns at once."""


@dataclass(frozen=True, slots=True)
class MessageListeners:
    """What is told of events about the messages of servers; None where they are not wanted."""

    on_message: OnEvent | None = None
    """Is told that a message was written or deleted."""
    on_reaction_added: OnEvent | None = None
    on_reaction_removed: OnEvent | None = None
    reads_content: bool = False
    """Whether the texts of messages are asked for, which needs a privileged intent."""

    def intents(self) -> discord.Intents:
        """Return the intents that bring these events."""
        return discord.Intents(
            guild_messages=self.on_message is not None,
            message_content=self.reads_content and self.on_message is not None,
            guild_reactions=self.on_reaction_added is not None,
        )

    def parsers(self) -> dict[str, OnEvent]:
        """Return what takes each event, by its name."""
        wanted = {
            **dict.fromkeys(_MESSAGE_EVENTS, self.on_message),
            "MESSAGE_REACTION_ADD": self.on_reaction_added,
            "MESSAGE_REACTION_REMOVE": self.on_reaction_removed,
        }
        return {name: listener for name, listener in wanted.items() if listener is not None}


_MESSAGE_EVENTS = ("MESSAGE_CREATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK")

_BACKOFF = BackoffPolicy(timedelta(seconds=1), timedelta(minutes=1))
"""Between a connection that ended and the next one."""
_STABLE_SECONDS = 300.0
"""After a connection that lasted this long the pauses begin anew."""
_LOST = (OSError, TimeoutError, aiohttp.ClientError, discord.DiscordException, TryLater)
"""What ends a connection where the network or Discord fails."""

_LOG = logging.getLogger(__name__)


class Gateway:
    """One connection, or several shards of it, opened again whenever it ends."""

    def __init__(
        self,
        options: Options,
        on_interaction: OnInteraction,
        listeners: MessageListeners,
        check_token: Callable[[], Awaitable[object]],
    ) -> None:
        """Take what is told of events, and what raises Refused for a refused token."""
        self._options = options
        self._on_interaction = on_interaction
        self._listeners = listeners
        self._check_token = check_token
        self._client: _Client | _ShardedClient | None = None

    @property
    def is_connected(self) -> bool:
        """Return whether every shard is connected."""
        return self._client is not None and self._client.is_connected

    async def run(self) -> None:
        """Pass on interactions until cancelled. Raises Refused where Discord refuses the token."""
        # discord.py has no other place for these, and warns of voice, which is not used.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        Route.BASE = self._options.api_url.rstrip("/")
        if self._options.gateway_url:
            DiscordWebSocket.DEFAULT_GATEWAY = URL(self._options.gateway_url)
        backoff, clock = Backoff(_BACKOFF), asyncio.get_running_loop().time
        while True:
            started = clock()
            await self._connect_once()
            if clock() - started > _STABLE_SECONDS:
                backoff.reset()
            await asyncio.sleep(backoff.next_delay().total_seconds())

    async def _connect_once(self) -> None:
        """Stay connected until the connection ends for good, and log why."""
        client = self._client = create_client(
            self._options.shard_count,
            self._on_interaction,
            self._listeners,
            self._options.proxy.get_secret_value(),
        )
        try:
            await client.start(self._options.token.get_secret_value())
            _LOG.error("Gateway connection ended, reconnecting")
        except discord.PrivilegedIntentsRequired:
            self._listeners = replace(self._listeners, reads_content=False)
            _LOG.error("Message content refused")
        except discord.LoginFailure as error:
            await self._raise_if_refused(error)
        except _LOST as error:
            _log_lost(error)
        except Exception:  # noqa: BLE001 - whatever ended it, interactions have to be received
            _LOG.exception("Gateway connection failed, reconnecting")
        finally:
            await client.close()
            await _close_leftovers(client)

    async def _raise_if_refused(self, error: discord.LoginFailure) -> None:
        """Raise Refused where Discord itself refuses the token, and not a proxy before it."""
        _log_lost(error)
        try:
            await self._check_token()
        except TryLater:
            return
        except Refused as refused:
            raise Refused(TOKEN_REFUSED, RefusalScope.ACCOUNT) from refused


async def _close_leftovers(client: discord.Client) -> None:
    """Close the sockets that the library leaves where a connecting shard is cancelled.

    Such a socket is known to its heartbeat alone.
    """
    for thread in threading.enumerate():
        if isinstance(thread, KeepAliveHandler) and _owner(thread) is client._connection:  # noqa: SLF001
            await thread.ws.close()


def _owner(heartbeat: KeepAliveHandler) -> object:
    """Return the connection state of a heartbeat's client; the library tells it nowhere else."""
    return heartbeat.ws._connection  # noqa: SLF001


def create_client(
    shard_count: int,
    on_interaction: OnInteraction,
    listeners: MessageListeners | None = None,
    proxy: str = "",
) -> "_Client | _ShardedClient":
    """Return a client that passes on interactions; Discord sends them without any intent.

    With `listeners` it asks for what they are told of, too.
    """
    logging.getLogger("discord.state").addFilter(_NO_INTENTS)
    listeners = listeners or MessageListeners()
    intents = listeners.intents()
    more: dict[str, Any] = {"max_messages": None, "proxy": proxy or None}
    client: _Client | _ShardedClient = (
        _Client(intents=intents, **more)
        if shard_count == 1
        else _ShardedClient(intents=intents, shard_count=shard_count or None, **more)
    )
    client.receive(on_interaction, listeners)
    return client


class _Receiving(discord.Client):
    """Passes events on as they come, and keeps nothing of them."""

    def receive(self, on_interaction: OnInteraction, listeners: MessageListeners) -> None:
        """Take the place of the library's own parsers."""
        parsers = self._connection.parsers
        parsers["INTERACTION_CREATE"] = _Receiver(on_interaction)
        for name in [each for each in parsers if each.startswith("MESSAGE_")]:
            parsers[name] = _ignore
        parsers |= listeners.parsers()


class _Client(_Receiving):
    @property
    def is_connected(self) -> bool:
        """Return whether the connection is open."""
        socket: DiscordWebSocket | None = self.ws  # none before it first connects
        return socket is not None and socket.open


class _ShardedClient(_Receiving, discord.AutoShardedClient):
    @property
    def is_connected(self) -> bool:
        """Return whether the connection of every shard is open."""
        shards = self.shards
        return bool(shards) and not any(shard.is_closed() for shard in shards.values())

    async def launch_shard(self, gateway: URL, shard_id: int, *, initial: bool = False) -> None:
        if initial:
            # The library tries an unreachable gateway every 5 seconds, one call deeper each time.
            proxied = aiohttp.ClientSession(proxy=self.http.proxy)
            async with proxied as session, session.ws_connect(gateway):
                pass
        await super().launch_shard(gateway, shard_id, initial=initial)


class _Receiver:
    """Takes the place of discord.py's own parser of interactions.

    That one wants fields which Discord does not promise, and ends the connection where one is
    missing; without intents it cannot take them from a cached guild.
    """

    def __init__(self, on_interaction: OnInteraction) -> None:
        self._handle = on_interaction
        self._tasks: set[asyncio.Future[None]] = set()

    def __call__(self, payload: dict[str, Any]) -> None:
        task = asyncio.ensure_future(self._handle(payload))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _ignore(_payload: dict[str, Any]) -> None:
    """Take the place of a parser that wants servers, which are not cached."""


class _NoIntentsFilter(logging.Filter):
    """Drops the library's warning that nothing of a guild is cached, which is intended."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "intent seems to be disabled" not in record.getMessage()


_NO_INTENTS = _NoIntentsFilter()


def _log_lost(error: Exception) -> None:
    fields = {"error": f"{type(error).__name__}: {error}"}
    _LOG.warning("Gateway connection lost, reconnecting", extra={"fields": fields})
