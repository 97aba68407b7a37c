"""HTTP server for Slack's signed requests, each accepted once, and for OAuth."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

from adapters.slack.auth.manifest import EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH
from bot.lib.replay_guard import ReplayGuard
from bot.ports.errors import RefusalScope, Refused

_MAX_AGE_SECONDS = 300
"""Maximum difference of a request's timestamp from our clock, as in slack_sdk's verifier."""
_ADDRESS_UNUSABLE = (
    "Slack cannot be waited for at {host} port {port}: {why}. Set PAPERBOY_SLACK_HTTP_HOST and "
    "PAPERBOY_SLACK_HTTP_PORT to an address of this machine that is free."
)
_MAX_BODY_BYTES = 1 << 20
"""Maximum size of a request body, in bytes."""

_LOG = logging.getLogger(__name__)


class RequestVerifier:
    """Verifies signatures and rejects replayed requests.

    A request that Slack repeats is signed anew, unless within the same second: then the first one
    was accepted already, and Slack repeats it once more later.
    """

    def __init__(self, secret: str) -> None:
        self._verifier = SignatureVerifier(secret)
        self._guard = ReplayGuard(_MAX_AGE_SECONDS)

    def is_authentic(self, headers: dict[str, str], body: bytes, now: float) -> bool:
        """Return whether the request is signed, recent, and not seen before."""
        timestamp = headers.get("x-slack-request-timestamp", "")
        signature = headers.get("x-slack-signature", "")
        if not self._guard.is_recent(timestamp, now) or not signature.isascii():
            return False
        if not self._is_signed(body, timestamp, signature):
            return False
        return self._guard.accept(signature, timestamp, now)

    def _is_signed(self, body: bytes, timestamp: str, signature: str) -> bool:
        try:
            return self._verifier.is_valid(body, timestamp, signature)
        except UnicodeDecodeError:  # Slack sends UTF-8
            return False


class HttpServer:
    """Serves the events route and the OAuth routes."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._application = web.Application(client_max_size=_MAX_BODY_BYTES)
        self.is_connected = False
        """Whether it listens."""

    def add_events_route(
        self, app: AsyncApp, signing_secret: str, intercept: Callable[[bytes], bool]
    ) -> None:
        """Accept events for an app, but for the bodies that `intercept` handles."""
        verifier = RequestVerifier(signing_secret)

        async def receive(request: web.Request) -> web.Response:
            headers = {name.lower(): value for name, value in request.headers.items()}
            if not verifier.is_authentic(headers, await request.read(), time.time()):
                _LOG.warning("Request rejected: bad signature or replay")
                return web.Response(status=HTTPStatus.UNAUTHORIZED)
            if intercept(await request.read()):
                return web.Response()
            return await to_aiohttp_response(
                await app.async_dispatch(await to_bolt_request(request))
            )

        self._application.router.add_post(EVENTS_PATH, receive)

    def add_oauth_routes(self, flow: AsyncOAuthFlow) -> None:
        """Serve the installation page and the redirect."""
        self._application.router.add_get(INSTALL_PATH, _page(flow.handle_installation))
        self._application.router.add_get(REDIRECT_PATH, _page(flow.handle_callback))

    async def run(self) -> None:
        """Serve until cancelled. Raises Refused if the address cannot be bound."""
        runner = web.AppRunner(self._application, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
            host, port = runner.addresses[0][:2]
            self.is_connected = True
            _LOG.info("Listening for Slack", extra={"fields": {"host": host, "port": port}})
            await asyncio.Event().wait()
        except OSError as error:
            reason = _ADDRESS_UNUSABLE.format(host=self._host, port=self._port, why=error.strerror)
            raise Refused(reason, RefusalScope.ACCOUNT) from error
        finally:
            self.is_connected = False
            await runner.cleanup()


def _page(
    answer: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await answer(await to_bolt_request(request)))

    return handle
