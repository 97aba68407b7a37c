"""Keeps a Socket Mode connection open, and renews it before it ends."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from adapters.slack.api.client import ApiClient
from adapters.slack.api.errors import ErrorResponse, to_exception
from adapters.slack.auth.credentials import APP_TOKEN_REFUSED
from bot.lib.backoff import Backoff, BackoffPolicy
from bot.lib.cache import DuplicateFilter
from bot.ports.errors import RefusalScope, Refused, TryLater

_MAX_ENVELOPES = 5000
_PING_SECONDS = 5.0
_CHECK_SECONDS, _MAX_FAILED_CHECKS = 1.0, 3
"""Seconds between checks of a connection, and failed checks in a row until it counts as lost."""
_CONNECTING_SECONDS = 15.0
_LINGER_SECONDS = 2.0
"""Seconds that a replaced connection stays open for pending acknowledgements."""
_STABLE_SECONDS = 30.0
"""Seconds after which a connection counts as stable, and the pause starts anew."""
_BACKOFF = BackoffPolicy(timedelta(seconds=0.1), timedelta(minutes=1))
"""Seconds between attempts to connect."""

Interceptor = Callable[[Mapping[str, Any]], bool]
"""Handles a frequent event at once; False where the event is to be dispatched."""

_LOG = logging.getLogger(__name__)
_LIBRARY_LOG = logging.getLogger(f"{__name__}.library")
"""The library logs connection URLs, which are secrets; they are suppressed."""


class SocketModeListener:
    """Keeps one connection; opens the next when Slack announces the end of the current one."""

    def __init__(
        self, api: ApiClient, app: AsyncApp, app_token: str, intercept: Interceptor
    ) -> None:
        self._api = api
        self._app = app
        self._intercept = intercept
        self._app_token = app_token
        self._envelopes = DuplicateFilter(_MAX_ENVELOPES)
        self._connections: list[_SocketConnection] = []
        self.is_connected = False
        _LIBRARY_LOG.setLevel(logging.CRITICAL)

    async def run(self) -> None:
        """Receive events until cancelled. Raises Refused if Slack refuses the app token."""
        backoff, clock = Backoff(_BACKOFF), asyncio.get_running_loop().time
        try:
            while True:
                begun = clock()
                url = await self._open_url()
                connection = _SocketConnection(
                    self._app, self._app_token, self._envelopes, self._intercept
                )
                connection.client.proxy = self._api.proxy
                self._connections.append(connection)
                if await connection.connect(url):
                    _LOG.info("Socket Mode connected")
                    self._close_others(connection)
                    self.is_connected = True
                    await connection.wait_ended()
                    self.is_connected = False
                    _LOG.info("Socket Mode connection ended")
                else:
                    _LOG.warning("Failed to connect Socket Mode")
                    await connection.close()
                    self._connections.remove(connection)
                if clock() - begun > _STABLE_SECONDS:
                    backoff.reset()
                await asyncio.sleep(backoff.next_delay().total_seconds())
        finally:
            for connection in self._connections:
                await connection.close()

    def _close_others(self, newest: "_SocketConnection") -> None:
        for connection in self._connections:
            if connection is not newest:
                connection.close_later()
        self._connections = [each for each in self._connections if not each.is_closed]

    async def _open_url(self) -> str:
        """Return a connection URL, retrying until Slack can be reached."""
        backoff = Backoff(_BACKOFF)
        while True:
            try:
                found = await self._api.try_write_with_token(
                    self._app_token, "apps.connections.open", {}, is_repeatable=True
                )
                if isinstance(found, ErrorResponse):
                    raise to_exception(found, is_repeatable=True)
                return str(found["url"])
            except Refused as error:
                raise Refused(APP_TOKEN_REFUSED, RefusalScope.ACCOUNT) from error
            except TryLater as error:
                wait = backoff.next_delay(minimum=error.retry_after).total_seconds()
                _LOG.warning(
                    "Retrying Socket Mode connection",
                    extra={"fields": {"error": str(error), "seconds": wait}},
                )
                await asyncio.sleep(wait)


class _SocketConnection(AsyncSocketModeHandler):
    """One connection; each envelope is acknowledged every time and handled once."""

    def __init__(
        self, app: AsyncApp, app_token: str, envelopes: DuplicateFilter, intercept: Interceptor
    ) -> None:
        super().__init__(app, app_token, logger=_LIBRARY_LOG, ping_interval=_PING_SECONDS)
        self._envelopes = envelopes
        self._intercept = intercept
        self._ended = asyncio.Event()
        self._close_task: asyncio.Task[None] | None = None
        self.is_closed = False
        # The library would close the old connection before it opens the new one, and open two
        # if the disconnect message and the end of the connection coincide.
        self.client.connect_to_new_endpoint = self._mark_ended  # type: ignore[method-assign]

    async def connect(self, url: str) -> bool:
        """Connect; return whether that worked."""
        self.client.wss_uri = url
        try:
            async with asyncio.timeout(_CONNECTING_SECONDS):
                await self.client.connect()  # type: ignore[no-untyped-call]
        except TimeoutError:
            return False
        return True

    async def wait_ended(self) -> None:
        """Return when the connection ends, is about to, or stops answering."""
        lost = 0
        while lost < _MAX_FAILED_CHECKS and not self._ended.is_set():
            try:
                async with asyncio.timeout(_CHECK_SECONDS):
                    await self._ended.wait()
            except TimeoutError:
                lost = 0 if await self.client.is_connected() else lost + 1

    def close_later(self) -> None:
        """Close it after pending acknowledgements."""

        async def close_after_pause() -> None:
            await asyncio.sleep(_LINGER_SECONDS)
            await self._close()

        if self._close_task is None:
            self._close_task = asyncio.create_task(close_after_pause())

    async def close(self) -> None:
        """Close it now."""
        if self._close_task:
            self._close_task.cancel()
        await self._close()

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        is_handled = req.type == "events_api" and self._intercept(req.payload)
        if is_handled or self._envelopes.is_duplicate(req.envelope_id):
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))
            return
        await super().handle(client, req)

    async def _mark_ended(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's own
        self._ended.set()

    async def _close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            await self.close_async()  # type: ignore[no-untyped-call]
