"""Keeps the connection over which Slack tells what people do; slack-bolt speaks on it."""

import asyncio
import logging

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from adapters.slack.api.cache import DuplicateFilter
from adapters.slack.api.client import ApiClient
from adapters.slack.api.errors import ErrorResponse, to_exception
from adapters.slack.auth.credentials import APP_TOKEN_REFUSED
from bot.ports.errors import RefusalScope, Refused, TryLater

_MOST_ENVELOPES = 5000
_PING_SECONDS = 5.0
_LOOK_SECONDS, _LOST = 1.0, 3
"""How often it is looked whether a connection stands, and how often in a row it may not."""
_CONNECTING_SECONDS = 15.0
_LINGER_SECONDS = 2.0
"""How long an old connection stays beside a new one, for what is being acknowledged on it."""
_PROVEN_SECONDS = 30.0
"""A connection that lasted so long was a good one; the next one is made at once."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 60.0
"""Seconds between two attempts to reach Slack."""

_LOG = logging.getLogger(__name__)
_LIBRARY = logging.getLogger(f"{__name__}.library")
"""What the library says of each attempt, with addresses that are secrets."""


class SocketModeListener:
    """One connection, and a new one before it ends where Slack says so in time."""

    def __init__(self, api: ApiClient, app: AsyncApp, app_token: str) -> None:
        self._api = api
        self._app = app
        self._app_token = app_token
        self._envelopes = DuplicateFilter(_MOST_ENVELOPES)
        self._lines: list[_SocketConnection] = []
        _LIBRARY.setLevel(logging.CRITICAL)

    async def run(self) -> None:
        """Hear people until cancelled. Raises Refused where Slack refuses the app token."""
        pause, clock = _FIRST_PAUSE, asyncio.get_running_loop().time
        try:
            while True:
                begun = clock()
                url = await self._address()
                line = _SocketConnection(self._app, self._app_token, self._envelopes)
                self._lines.append(line)
                if await line.begin(url):
                    _LOG.info("Slack is listened to")
                    self._close_others(line)
                    await line.wait_ended()
                    _LOG.info("the connection to Slack ends; a new one is made")
                else:
                    _LOG.warning("the connection to Slack did not come about; it is tried again")
                    await line.end()
                    self._lines.remove(line)
                pause = _FIRST_PAUSE if clock() - begun > _PROVEN_SECONDS else pause
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
        finally:
            for line in self._lines:
                await line.end()

    def _close_others(self, newest: "_SocketConnection") -> None:
        for line in self._lines:
            if line is not newest:
                line.close_later()
        self._lines = [line for line in self._lines if not line.is_ended]

    async def _address(self) -> str:
        """Return where to connect, as soon as Slack can be reached."""
        pause = _FIRST_PAUSE
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
                wait = max(error.retry_after.total_seconds() if error.retry_after else 0, pause)
                _LOG.warning("%s It is asked again in %d s.", error, wait)
                await asyncio.sleep(wait)
                pause = min(pause * 2, _LONGEST_PAUSE)


class _SocketConnection(AsyncSocketModeHandler):
    """One connection; what comes on it is passed on once, and acknowledged each time."""

    def __init__(self, app: AsyncApp, app_token: str, envelopes: DuplicateFilter) -> None:
        super().__init__(app, app_token, logger=_LIBRARY, ping_interval=_PING_SECONDS)
        self._envelopes = envelopes
        self._is_over = asyncio.Event()
        self._ending: asyncio.Task[None] | None = None
        self.is_ended = False
        # The library would close the old connection before it makes the new one, and make two
        # where Slack's word and the end of the connection come together.
        self.client.connect_to_new_endpoint = self._mark_ended  # type: ignore[method-assign]

    async def begin(self, url: str) -> bool:
        """Connect; return whether that worked."""
        self.client.wss_uri = url
        try:
            async with asyncio.timeout(_CONNECTING_SECONDS):
                await self.client.connect()  # type: ignore[no-untyped-call]
        except TimeoutError:
            return False
        return True

    async def wait_ended(self) -> None:
        """Return when the connection ends, is about to, or does not answer any more."""
        lost = 0
        while lost < _LOST and not self._is_over.is_set():
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._is_over.wait()
            except TimeoutError:
                lost = 0 if await self.client.is_connected() else lost + 1

    def close_later(self) -> None:
        """Close it once what is being acknowledged has been."""

        async def end() -> None:
            await asyncio.sleep(_LINGER_SECONDS)
            await self._close()

        if self._ending is None:
            self._ending = asyncio.create_task(end())

    async def end(self) -> None:
        """Close it now."""
        if self._ending:
            self._ending.cancel()
        await self._close()

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        if self._envelopes.is_duplicate(req.envelope_id):
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))
            return
        await super().handle(client, req)

    async def _mark_ended(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's own
        self._is_over.set()

    async def _close(self) -> None:
        if not self.is_ended:
            self.is_ended = True
            await self.close_async()  # type: ignore[no-untyped-call]
