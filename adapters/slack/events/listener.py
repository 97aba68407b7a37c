"""Listens to Slack, over a connection of ours or at an address of ours, until it is ended."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.api.client import Api
from adapters.slack.api.users import People
from adapters.slack.auth import credentials
from adapters.slack.events.dispatcher import Admission, Hearing
from adapters.slack.events.http_server import Requests
from adapters.slack.events.interactions import Check, Conversation
from adapters.slack.events.responder import Saying, Views
from adapters.slack.events.socket_mode import SocketMode
from adapters.slack.options import Options
from bot.ports.conversation import CommandService
from bot.ports.errors import RefusalScope, Refused, TryLater
from bot.ports.platform import Renderer

_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 60.0
"""Seconds between two attempts to reach Slack at the start."""

_LOG = logging.getLogger(__name__)


class Entrance(Admission, Protocol):
    """Who lets the bot in, and how that is found out."""

    async def introduce(self) -> str:
        """Ask Slack who we are, and return where. Raises TryLater or Refused."""
        ...

    async def workspaces(self) -> tuple[str, ...]:
        """Return what each workspace is named by when its token is asked for. Raises Refused."""
        ...


class Listening:
    """Hears people for a desk."""

    def __init__(self, options: Options, api: Api, entrance: Entrance) -> None:
        self._options = options
        self._api = api
        self._entrance = entrance

    async def run(
        self,
        desk: CommandService,
        render: Renderer,
        check: Check,
        way_in: Callable[[], AsyncOAuthFlow | None],
    ) -> None:
        """Answer people until cancelled. Raises Refused where Slack refuses the account."""
        if trouble := credentials.wrong(self._options):
            raise Refused(trouble, RefusalScope.ACCOUNT)
        _LOG.info("Slack knows Paperboy: %s", await self._introduced())
        saying = Saying(self._api)
        voices = saying, Views(self._api)
        people = People(self._api, self._options.managers)
        conversation = Conversation(desk, people, render, voices, check)
        hearing = Hearing(conversation, self._entrance, self._options.command_prefix)
        try:
            await _together(self._ways(hearing, way_in()))
        finally:
            await hearing.close()
            await saying.close()

    def _ways(
        self, hearing: Hearing, flow: AsyncOAuthFlow | None
    ) -> list[Coroutine[Any, Any, None]]:
        """Return the ways in which Slack tells us something."""
        options = self._options
        app = hearing.app(AsyncWebClient(base_url=options.api_url))
        found = []
        server = Requests(options.http_host, options.http_port)
        if options.mode == "http":
            server.hear(app, options.signing_secret)
        else:
            found.append(SocketMode(self._api, app, options.app_token).run())
        if flow:
            server.let_in(flow)
        if flow or options.mode == "http":
            found.append(server.run())
        return found

    async def _introduced(self) -> str:
        """Return where we are, as soon as Slack can be reached."""
        pause = _FIRST_PAUSE
        while True:
            try:
                return await self._entrance.introduce()
            except TryLater as error:
                wait = max(error.after.total_seconds() if error.after else 0, pause)
                _LOG.warning("%s It is asked again in %d s.", error, wait)
                await asyncio.sleep(wait)
                pause = min(pause * 2, _LONGEST_PAUSE)


async def _together(ways: list[Coroutine[Any, Any, None]]) -> None:
    """Run all until one of them fails, and raise its error."""
    running = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.gather(*running)
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)
