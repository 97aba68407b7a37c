"""Socket Mode as Slack speaks it: envelopes with acknowledgements, renewals, and redelivery.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode.
"""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from socket import SHUT_RDWR
from typing import Any
from uuid import uuid4

from aiohttp import WSMsgType, web

from tests.slack_workspace import APP
from tests.waiting import GUARD, wait_for


class NotAcknowledged(Exception):
    """Nothing came back in time; the person sees an error, and an event is delivered again."""


@dataclass
class Sockets:
    """The connections of an app."""

    tickets: set[str] = field(default_factory=set)
    """What a connection is opened with; each works once."""
    opened: int = 0
    """How many connections there were."""
    acknowledged: Counter[str] = field(default_factory=Counter)
    """How often each envelope was acknowledged."""
    ack_seconds: float = GUARD
    """How long an acknowledgement is waited for; Slack waits 3 seconds, which a test does not
    hold against a busy machine."""
    takes_turns: bool = False
    """Whether the connections get something in turn; if not, the newest one gets everything."""
    _open: list[web.WebSocketResponse] = field(default_factory=list)
    _awaited: dict[str, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    _ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """Hold one connection."""
        socket = web.WebSocketResponse()
        if request.query.get("ticket") not in self.tickets:
            raise web.HTTPUnauthorized
        self.tickets.discard(request.query["ticket"])
        await socket.prepare(request)
        self.opened += 1
        await socket.send_json({
            "type": "hello", "num_connections": len(self._open) + 1,
            "connection_info": {"app_id": APP},
            "debug_info": {"host": "loopback", "approximate_connection_time": 18060},
        })  # fmt: skip
        self._open.append(socket)
        self._ready.set()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self._hear(json.loads(message.data))
        self._forget(socket)
        return socket

    async def connected(self) -> None:
        """Wait until a client is connected."""
        await wait_for(self._ready.wait())

    async def deliver(
        self, kind: str, payload: dict[str, Any], *, envelope: str = "", attempt: int = 0
    ) -> dict[str, Any]:
        """Deliver something; return what it was acknowledged with.

        With the identifier of an envelope that was delivered before it is delivered again, as
        Slack does where an acknowledgement did not reach it. Raises NotAcknowledged.
        """
        number = envelope or str(uuid4())
        said: dict[str, Any] = {
            "type": kind, "envelope_id": number, "payload": payload,
            "accepts_response_payload": kind in {"slash_commands", "interactive"},
        }  # fmt: skip
        if kind == "events_api":
            said |= {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
        await self.connected()
        awaited = asyncio.get_running_loop().create_future()
        self._awaited[number] = awaited
        if self.takes_turns:
            self._open.append(self._open.pop(0))
        await self._open[-1].send_json(said)
        try:
            found: dict[str, Any] = await asyncio.wait_for(awaited, self.ack_seconds)
        except TimeoutError:
            raise NotAcknowledged(number) from None
        return found

    async def renew(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to be made anew, and end it."""
        self._ready.clear()
        for socket in list(self._open):
            said = {"type": "disconnect", "reason": reason, "debug_info": {"host": "loopback"}}
            await socket.send_json(said)
            self._forget(socket)
            await socket.close()

    def cut(self) -> None:
        """Break every connection, without a word."""
        self._ready.clear()
        for socket in list(self._open):
            transport = socket.get_extra_info("socket")
            assert transport
            transport.shutdown(SHUT_RDWR)
            self._forget(socket)

    async def close(self) -> None:
        """End every connection."""
        for socket in list(self._open):
            await socket.close()

    def forget(self) -> None:
        """Forget the clients that were connected so far."""
        self._ready.clear()

    def _hear(self, said: dict[str, Any]) -> None:
        number = said["envelope_id"]
        self.acknowledged[number] += 1
        awaited = self._awaited.get(number)
        if awaited and not awaited.done():
            awaited.set_result(said.get("payload") or {})

    def _forget(self, socket: web.WebSocketResponse) -> None:
        if socket in self._open:
            self._open.remove(socket)
