"""Keeps the connection over which Slack tells what people do; slack-bolt speaks on it."""

import asyncio
import logging

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from adapters.slack.api import Api
from adapters.slack.failures import Answered, failure
from adapters.slack.remembering import Seen
from adapters.slack.tokens import NOT_LET_LISTEN
from bot.ports import Refused, Scope, TryLater

_MOST_ENVELOPES = 5000
_PING_SECONDS = 5.0
_LOOK_SECONDS, _LOST = 1.0, 3
"""How often it is looked whether the connection stands, and how often in a row it may not."""
_CONNECTING_SECONDS = 15.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two attempts to reach Slack."""

_LOG = logging.getLogger(__name__)
_LIBRARY = logging.getLogger(f"{__name__}.library")
"""What the library says of each attempt, with addresses that are secrets."""


class SocketMode:
    """One connection, made again whenever it ends."""

    def __init__(self, api: Api, app: AsyncApp, app_token: str) -> None:
        self._api = api
        self._app = app
        self._app_token = app_token
        self._envelopes = Seen(_MOST_ENVELOPES)
        _LIBRARY.setLevel(logging.CRITICAL)

    async def run(self) -> None:
        """Hear people until cancelled. Raises Refused where Slack refuses the app token."""
        while True:
            url = await self._address()
            handler = _Handler(self._app, self._app_token, self._envelopes)
            client: SocketModeClient = handler.client
            client.wss_uri = url
            try:
                async with asyncio.timeout(_CONNECTING_SECONDS):
                    await client.connect()  # type: ignore[no-untyped-call]
                _LOG.info("Slack is listened to")
                await _until_lost(client)
                _LOG.warning("the connection to Slack was lost; it is made again")
            except TimeoutError:
                _LOG.warning("the connection to Slack did not come about; it is tried again")
            finally:
                await handler.close_async()  # type: ignore[no-untyped-call]

    async def _address(self) -> str:
        """Return where to connect, as soon as Slack can be reached."""
        pause = _FIRST_PAUSE
        while True:
            try:
                found = await self._api.attempt_as(
                    self._app_token, "apps.connections.open", {}, is_repeatable=True
                )
                if isinstance(found, Answered):
                    raise failure(found, is_repeatable=True)
                return str(found["url"])
            except Refused as error:
                raise Refused(NOT_LET_LISTEN, Scope.ACCOUNT) from error
            except TryLater as error:
                wait = max(error.after.total_seconds() if error.after else 0, pause)
                _LOG.warning("%s It is asked again in %d s.", error, wait)
                await asyncio.sleep(wait)
                pause = min(pause * 2, _LONGEST_PAUSE)


class _Handler(AsyncSocketModeHandler):
    """Passes on what comes, once; what comes again is acknowledged again."""

    def __init__(self, app: AsyncApp, app_token: str, envelopes: Seen) -> None:
        super().__init__(app, app_token, logger=_LIBRARY, ping_interval=_PING_SECONDS)
        self._envelopes = envelopes

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        if self._envelopes.again(req.envelope_id):
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))
            return
        await super().handle(client, req)


async def _until_lost(client: SocketModeClient) -> None:
    """Return when the connection is gone and the library did not bring it back."""
    lost = 0
    while lost < _LOST:
        await asyncio.sleep(_LOOK_SECONDS)
        lost = 0 if await client.is_connected() else lost + 1
