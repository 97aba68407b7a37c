"""Takes the signed requests by which Slack tells what people do, each once; lets workspaces in."""

import asyncio
import logging
import re
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
from bot.ports.errors import RefusalScope, Refused

_AGE_SECONDS = 300
"""How far the time of a request may be from ours, as Slack's own verifier has it."""
_TAKEN = (
    "Slack cannot be waited for at {host} port {port}: {why}. Set PAPERBOY_SLACK_HTTP_HOST and "
    "PAPERBOY_SLACK_HTTP_PORT to an address of this machine that is free."
)
_TIME = re.compile("[0-9]{1,12}")
_LARGEST = 1 << 20
"""Bytes of a request."""

_LOG = logging.getLogger(__name__)


class RequestVerifier:
    """Tells whether Slack sent a request, and has not sent it before.

    A signature covers the time and the body, so a request with a known one is a replay. What
    Slack itself sends again it signs anew, unless within the same second: then the first one was
    taken already, and Slack comes once more later.
    """

    def __init__(self, secret: str) -> None:
        self._verifier = SignatureVerifier(secret)
        self._seen: dict[str, float] = {}
        """The signatures that could be repeated, each with the time when it is too old for it."""

    def is_authentic(self, headers: dict[str, str], body: bytes, now: float) -> bool:
        """Tell whether it is signed, young, and new."""
        at = headers.get("x-slack-request-timestamp", "")
        signature = headers.get("x-slack-signature", "")
        if not _TIME.fullmatch(at) or not signature.isascii():
            return False
        if not self._is_signed(body, at, signature):
            return False
        self._seen = {name: until for name, until in self._seen.items() if until >= now}
        if signature in self._seen:
            return False
        # It may come from a clock that is ahead of ours; until then it stays young.
        self._seen[signature] = int(at) + _AGE_SECONDS
        return True

    def _is_signed(self, body: bytes, at: str, signature: str) -> bool:
        try:
            return self._verifier.is_valid(body, at, signature)
        except UnicodeDecodeError:  # Slack sends text
            return False


class HttpServer:
    """A server for Slack, and for whoever lets the bot in."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._web = web.Application(client_max_size=_LARGEST)

    def hear(self, app: AsyncApp, signing_secret: str) -> None:
        """Take what Slack tells."""
        signatures = RequestVerifier(signing_secret)

        async def take(request: web.Request) -> web.Response:
            headers = {name.lower(): value for name, value in request.headers.items()}
            if not signatures.is_authentic(headers, await request.read(), time.time()):
                _LOG.warning("a request that Slack did not sign, or that came before, was refused")
                return web.Response(status=HTTPStatus.UNAUTHORIZED)
            return await to_aiohttp_response(
                await app.async_dispatch(await to_bolt_request(request))
            )

        self._web.router.add_post(EVENTS_PATH, take)

    def add_oauth_routes(self, flow: AsyncOAuthFlow) -> None:
        """Let workspaces install the app."""
        self._web.router.add_get(INSTALL_PATH, _page(flow.handle_installation))
        self._web.router.add_get(REDIRECT_PATH, _page(flow.handle_callback))

    async def run(self) -> None:
        """Serve until cancelled. Raises Refused where the address cannot be had."""
        runner = web.AppRunner(self._web, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
            _LOG.info("Slack is waited for at %s port %s", *runner.addresses[0][:2])
            await asyncio.Event().wait()
        except OSError as error:
            said = _TAKEN.format(host=self._host, port=self._port, why=error.strerror)
            raise Refused(said, RefusalScope.ACCOUNT) from error
        finally:
            await runner.cleanup()


def _page(
    answer: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await answer(await to_bolt_request(request)))

    return handle
