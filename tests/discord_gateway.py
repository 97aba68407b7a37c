"""The gateway of a loopback Discord: shards, sessions that resume, and what breaks them."""

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from socket import SHUT_RDWR
from typing import Any

from aiohttp import WSMsgType, web

from tests.waiting import wait_for

APPLICATION, BOT, GUILD = "900", "900", "100"
OTHER_GUILD = str((1 << 22) + 100)
"""A server that the second of two shards has: the bits from the 22nd on choose it."""
_MESSAGES_OF_SERVERS, _REACTIONS, _CONTENT = 1 << 9, 1 << 10, 1 << 15
"""The intents by which events tell of messages without texts, of reactions, and of texts."""
_IDENTIFY_SECONDS = 5 - 2
"""Between the IDENTIFYs of two shards, as `max_concurrency` is 1: 5 seconds, less those for which
a busy machine may hold up the first on its way."""


@dataclass
class Gateway:
    """What clients listen at, and are told of what happens."""

    wrong: list[str] = field(default_factory=list)
    """What was wrong with bodies."""
    may_read: bool = False
    """Whether the operator allowed the texts of messages."""
    shards: int = 1
    """How many shards it proposes."""
    gateway_faults: int = 0
    """How many connections to the gateway fail from now on."""
    identified: int = 0
    resumed: int = 0
    listening: list[tuple[int, int]] = field(default_factory=list)
    """The shard, and of how many, of every IDENTIFY in order."""
    returned: list[int] = field(default_factory=list)
    """The shard of every RESUME in order."""

    def __post_init__(self) -> None:
        self._port = 0
        """Where the server listens, once it does."""
        self._sockets: dict[int, web.WebSocketResponse] = {}
        """Where each shard listens."""
        self._shard_count = 1
        self._identified_at = 0.0
        self._sequences: Counter[int] = Counter()
        self.takes_back = asyncio.Event()
        """Whether who wants to resume is heard now; or else when it is set."""
        self.takes_back.set()
        self._ready = asyncio.Event()
        self._hears_messages = self._hears_reactions = self._reads = False

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/gateway"

    async def connected(self) -> None:
        """Wait until a client is connected to the gateway."""
        await wait_for(self._ready.wait())

    def forget(self) -> None:
        """Wait for a new client at the gateway from now on."""
        self._ready.clear()

    async def drop(self) -> None:
        """Ask every client at the gateway to reconnect."""
        self._ready.clear()
        for socket in self._sockets.values():
            await socket.send_json({"op": 7, "d": None, "s": None, "t": None})

    async def invalidate(self) -> None:
        """Invalidate the session of every client at the gateway."""
        self._ready.clear()
        for socket in self._sockets.values():
            await socket.send_json({"op": 9, "d": False, "s": None, "t": None})

    async def cut(self, *shards: int) -> None:
        """Break the connections of these shards, or of all, without a word."""
        self._ready.clear()
        for shard in shards or self._sockets:
            transport = self._sockets[shard].get_extra_info("socket")
            assert transport
            transport.shutdown(SHUT_RDWR)

    async def tell(self, name: str, data: dict[str, Any]) -> None:
        """Tell of something that happened to a message, where that is wanted."""
        if self._hears_messages and 0 in self._sockets:
            await self._dispatch(0, name, data)

    async def _dispatch(self, shard: int, name: str, data: Any) -> None:
        self._sequences[shard] += 1
        told = {"op": 0, "t": name, "s": self._sequences[shard], "d": data}
        await self._sockets[shard].send_json(told)

    async def _gateway(self, request: web.Request) -> web.StreamResponse:
        if self.gateway_faults:
            self.gateway_faults -= 1
            return web.Response(status=502, text="<html>Bad gateway</html>")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json(
            {"op": 10, "d": {"heartbeat_interval": 41250}, "s": None, "t": None}
        )
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            said = json.loads(message.data)
            if said["op"] == 1:
                await socket.send_json({"op": 11, "d": None, "s": None, "t": None})
            elif said["op"] == 2:
                await self._identify(socket, said["d"])
            elif said["op"] == 6:
                await self._resume(socket, said["d"])
        self._sockets = {n: each for n, each in self._sockets.items() if each is not socket}
        return socket

    async def _identify(self, socket: web.WebSocketResponse, said: dict[str, Any]) -> None:
        assert not said["intents"] & ~(_MESSAGES_OF_SERVERS | _REACTIONS | _CONTENT), (
            "it needs no other intent"
        )
        if said["intents"] & _CONTENT and not self.may_read:
            await socket.close(code=4014)
            return
        self._reads = bool(said["intents"] & _CONTENT)
        self._hears_reactions = bool(said["intents"] & _REACTIONS)
        self._hears_messages = bool(said["intents"] & _MESSAGES_OF_SERVERS)
        shard, self._shard_count = said.get("shard", (0, 1))
        now = time.monotonic()
        is_another = self.listening and self.listening[-1][0] != shard
        if is_another and now - self._identified_at < _IDENTIFY_SECONDS:
            self.wrong.append("two shards identified within five seconds")
        self._identified_at = now
        self.identified += 1
        self.listening.append((shard, self._shard_count))
        self._sockets[shard] = socket
        await self._welcome(shard)
        self._ready.set()

    async def _resume(self, socket: web.WebSocketResponse, said: dict[str, Any]) -> None:
        await self.takes_back.wait()
        shard = int(said["session_id"])
        assert said["seq"] <= self._sequences[shard], "it was never told so much"
        self.resumed += 1
        self.returned.append(shard)
        self._sockets[shard] = socket
        await self._dispatch(shard, "RESUMED", {})
        self._ready.set()

    async def _welcome(self, shard: int) -> None:
        user = {
            "id": BOT,
            "username": "paperboy",
            "discriminator": "0",
            "avatar": None,
            "bot": True,
        }
        number = OTHER_GUILD if shard else GUILD
        await self._dispatch(shard, "READY", {
            "v": 10, "user": user, "guilds": [{"id": number, "unavailable": True}],
            "session_id": str(shard), "shard": [shard, self._shard_count],
            "resume_gateway_url": self.gateway_url,
            "application": {"id": APPLICATION, "flags": 0},
        })  # fmt: skip
