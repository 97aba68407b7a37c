"""Receives events over Socket Mode or HTTP until cancelled."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, Protocol

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.api.client import ApiClient
from adapters.slack.api.users import UserDirectory
from adapters.slack.auth import credentials
from adapters.slack.events.dispatcher import Authorizer, EventDispatcher
from adapters.slack.events.http_server import HttpServer
from adapters.slack.events.interactions import InteractionHandler
from adapters.slack.events.responder import Responder, ViewClient
from adapters.slack.events.socket_mode import SocketModeListener
from adapters.slack.events.unfurls import LinkUnfurler
from adapters.slack.options import Options
from bot.lib.backoff import Backoff, BackoffPolicy
from bot.ports.conversation import CommandService
from bot.ports.errors import RefusalScope, Refused, TryLater
from bot.ports.platform import Renderer

_BACKOFF = BackoffPolicy(timedelta(seconds=2), timedelta(minutes=1))
"""Seconds between attempts to reach Slack at start."""

_LOG = logging.getLogger(__name__)


class WorkspaceAuthorizer(Authorizer, Protocol):
    """Authorizer that can list the workspaces with an installation."""

    async def authenticate(self) -> str:
        """Check the credentials and return where they apply. Raises TryLater or Refused."""
        ...

    async def workspaces(self) -> tuple[str, ...]:
        """Return the names that tokens are looked up by. Raises Refused."""
        ...


class Listener:
    """Puts the parts that receive and answer events together."""

    def __init__(
        self,
        options: Options,
        api: ApiClient,
        authorizer: WorkspaceAuthorizer,
        users: UserDirectory,
    ) -> None:
        self._options = options
        self._api = api
        self._authorizer = authorizer
        self._users = users
        self._sources: list[SocketModeListener | HttpServer] = []

    @property
    def is_connected(self) -> bool:
        """Return whether events can arrive."""
        return bool(self._sources) and all(each.is_connected for each in self._sources)

    async def run(
        self,
        service: CommandService,
        render: Renderer,
        build_oauth_flow: Callable[[], AsyncOAuthFlow | None],
    ) -> None:
        """Answer events until cancelled. Raises Refused if Slack refuses the account."""
        if problem := credentials.find_problem(self._options):
            raise Refused(problem, RefusalScope.ACCOUNT)
        _LOG.info("Authenticated", extra={"fields": {"workspace": await self._authenticate()}})
        responder = Responder(self._api)
        responders = responder, ViewClient(self._api)
        handler = InteractionHandler(service, self._users, render, responders)
        dispatcher = EventDispatcher(
            handler,
            LinkUnfurler(self._api, service, render),
            self._authorizer,
            self._options.command_prefix,
            service,
        )
        try:
            self._sources = self._event_sources(dispatcher, build_oauth_flow())
            await _run_all([each.run() for each in self._sources])
        finally:
            await dispatcher.close()
            await responder.close()

    def _event_sources(
        self, dispatcher: EventDispatcher, flow: AsyncOAuthFlow | None
    ) -> list[SocketModeListener | HttpServer]:
        """Return what receives events."""
        options = self._options
        app = dispatcher.build_app(AsyncWebClient(base_url=options.api_url, proxy=self._api.proxy))
        sources: list[SocketModeListener | HttpServer] = []
        server = HttpServer(options.http_host, options.http_port)
        if options.mode == "http":
            server.add_events_route(
                app, options.signing_secret.get_secret_value(), dispatcher.intercept_body
            )
        else:
            token = options.app_token.get_secret_value()
            sources.append(SocketModeListener(self._api, app, token, dispatcher.intercept))
        if flow:
            server.add_oauth_routes(flow)
        if flow or options.mode == "http":
            sources.append(server)
        return sources

    async def _authenticate(self) -> str:
        """Authenticate, retrying until Slack can be reached."""
        backoff = Backoff(_BACKOFF)
        while True:
            try:
                return await self._authorizer.authenticate()
            except TryLater as error:
                wait = backoff.next_delay(minimum=error.retry_after).total_seconds()
                _LOG.warning(
                    "Retrying authentication",
                    extra={"fields": {"error": str(error), "seconds": wait}},
                )
                await asyncio.sleep(wait)


async def _run_all(tasks: list[Coroutine[Any, Any, None]]) -> None:
    """Run all until one of them fails, and raise its error."""
    running = [asyncio.create_task(each) for each in tasks]
    try:
        await asyncio.gather(*running)
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)
