"""Listens to Slack, over a connection of ours or at an address of ours, until it is ended."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.api.client import ApiClient
from adapters.slack.api.users import UserDirectory
from adapters.slack.auth import credentials
from adapters.slack.events.dispatcher import Authorizer, EventDispatcher
from adapters.slack.events.http_server import HttpServer
from adapters.slack.events.interactions import ChannelCheck, InteractionHandler
from adapters.slack.events.responder import Responder, ViewClient
from adapters.slack.events.socket_mode import SocketModeListener
from adapters.slack.options import Options
from bot.ports.conversation import CommandService
from bot.ports.errors import RefusalScope, Refused, TryLater
from bot.ports.platform import Renderer

_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 60.0
"""Seconds between two attempts to reach Slack at the start."""

_LOG = logging.getLogger(__name__)


class WorkspaceAuthorizer(Authorizer, Protocol):
    """Who lets the bot in, and how that is found out."""

    async def authenticate(self) -> str:
        """Ask Slack who we are, and return where. Raises TryLater or Refused."""
        ...

    async def workspaces(self) -> tuple[str, ...]:
        """Return what each workspace is named by when its token is asked for. Raises Refused."""
        ...


class Listener:
    """Hears people for a desk."""

    def __init__(self, options: Options, api: ApiClient, entrance: WorkspaceAuthorizer) -> None:
        self._options = options
        self._api = api
        self._entrance = entrance

    async def run(
        self,
        desk: CommandService,
        render: Renderer,
        check: ChannelCheck,
        build_oauth_flow: Callable[[], AsyncOAuthFlow | None],
    ) -> None:
        """Answer people until cancelled. Raises Refused where Slack refuses the account."""
        if trouble := credentials.find_problem(self._options):
            raise Refused(trouble, RefusalScope.ACCOUNT)
        _LOG.info("Slack knows Paperboy: %s", await self._authenticate())
        saying = Responder(self._api)
        voices = saying, ViewClient(self._api)
        people = UserDirectory(self._api, self._options.managers)
        conversation = InteractionHandler(desk, people, render, voices, check)
        hearing = EventDispatcher(conversation, self._entrance, self._options.command_prefix)
        try:
            await _run_all(self._event_sources(hearing, build_oauth_flow()))
        finally:
            await hearing.close()
            await saying.close()

    def _event_sources(
        self, hearing: EventDispatcher, flow: AsyncOAuthFlow | None
    ) -> list[Coroutine[Any, Any, None]]:
        """Return the ways in which Slack tells us something."""
        options = self._options
        app = hearing.app(AsyncWebClient(base_url=options.api_url))
        found = []
        server = HttpServer(options.http_host, options.http_port)
        if options.mode == "http":
            server.hear(app, options.signing_secret.get_secret_value())
        else:
            found.append(
                SocketModeListener(self._api, app, options.app_token.get_secret_value()).run()
            )
        if flow:
            server.add_oauth_routes(flow)
        if flow or options.mode == "http":
            found.append(server.run())
        return found

    async def _authenticate(self) -> str:
        """Return where we are, as soon as Slack can be reached."""
        pause = _FIRST_PAUSE
        while True:
            try:
                return await self._entrance.authenticate()
            except TryLater as error:
                wait = max(error.retry_after.total_seconds() if error.retry_after else 0, pause)
                _LOG.warning("%s It is asked again in %d s.", error, wait)
                await asyncio.sleep(wait)
                pause = min(pause * 2, _LONGEST_PAUSE)


async def _run_all(ways: list[Coroutine[Any, Any, None]]) -> None:
    """Run all until one of them fails, and raise its error."""
    running = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.gather(*running)
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)
