"""HTTP server for Discord's signed interactions, each accepted once, in place of the gateway.

Source: https://docs.discord.com/developers/interactions/overview#preparing-for-interactions.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bot.lib.replay_guard import ReplayGuard
from bot.ports.errors import RefusalScope, Refused

INTERACTIONS_PATH = "/discord/interactions"
"""The path of the application's Interactions Endpoint URL."""

_MAX_AGE_SECONDS = 300
"""Maximum difference of a request's timestamp from our clock."""
_MAX_BODY_BYTES = 1 << 20
"""Maximum size of a request body, in bytes."""
_PING = 1
_PONG = {"type": 1}
_ADDRESS_UNUSABLE = (
    "Discord cannot be waited for at {host} port {port}: {why}. Set PAPERBOY_DISCORD_HTTP_HOST "
    "and PAPERBOY_DISCORD_HTTP_PORT to an address of this machine that is free."
)

_LOG = logging.getLogger(__name__)


class RequestVerifier:
    """Verifies signatures and rejects replayed requests."""

    def __init__(self, public_key: str) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        self._guard = ReplayGuard(_MAX_AGE_SECONDS)

    def is_authentic(self, timestamp: str, signature: str, body: bytes, now: float) -> bool:
        """Return whether the request is signed, recent, and not seen before."""
        if not self._guard.is_recent(timestamp, now):
            return False
        try:
            signed = bytes.fromhex(signature)
            self._key.verify(signed, timestamp.encode() + body)
        except (InvalidSignature, ValueError):
            return False
        # The case of the digits is not signed, nor are blanks between them.
        return self._guard.accept(signed.hex(), timestamp, now)


class HttpServer:
    """Accepts interactions, and passes them on; the callback is a request of its own."""

    def __init__(
        self,
        address: tuple[str, int],
        public_key: str,
        on_interaction: Callable[[dict[str, Any]], Coroutine[Any, Any, None]],
    ) -> None:
        self._host, self._port = address
        self._verifier = RequestVerifier(public_key)
        self._on_interaction = on_interaction
        self._tasks: set[asyncio.Task[None]] = set()
        self.is_connected = False
        """Whether it listens."""

    async def run(self) -> None:
        """Serve until cancelled. Raises Refused if the address cannot be bound."""
        application = web.Application(client_max_size=_MAX_BODY_BYTES)
        application.router.add_post(INTERACTIONS_PATH, self._receive)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
            host, port = runner.addresses[0][:2]
            self.is_connected = True
            fields = {"host": host, "port": port, "path": INTERACTIONS_PATH}
            _LOG.info("Listening for Discord", extra={"fields": fields})
            await asyncio.Event().wait()
        except OSError as error:
            reason = _ADDRESS_UNUSABLE.format(host=self._host, port=self._port, why=error.strerror)
            raise Refused(reason, RefusalScope.ACCOUNT) from error
        finally:
            self.is_connected = False
            await runner.cleanup()
            for task in self._tasks:
                task.cancel()

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        timestamp = request.headers.get("X-Signature-Timestamp", "")
        signature = request.headers.get("X-Signature-Ed25519", "")
        if not self._verifier.is_authentic(timestamp, signature, body, time.time()):
            _LOG.warning("Interaction rejected: bad signature or replay")
            return web.Response(status=HTTPStatus.UNAUTHORIZED)
        payload = json.loads(body)
        if payload["type"] == _PING:
            return web.json_response(_PONG)
        task = asyncio.create_task(self._on_interaction(payload))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # The callback follows as a request of its own, as it does after an event of the gateway.
        return web.Response(status=HTTPStatus.ACCEPTED)
