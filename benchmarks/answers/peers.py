"""The platforms on which 200 people ask at once: each a loopback server that tells how long."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from math import inf
from typing import Protocol
from uuid import uuid4

from tests import discord_bot, discord_server
from tests.slack_server import Server as SlackServer
from tests.slack_socket import NotAcknowledged
from tests.slack_workspace import APP_TOKEN, BOT_TOKEN, CHANNEL, READER, TEAM

_ANNOUNCED = 5
"""The type of a first answer that says that the answer is on its way."""
_PATIENCE, _LOOK_SECONDS = 60.0, 0.02

HELP, LOOK_UPS = "`/help`", "look-ups"

WORDS: Mapping[str, Sequence[str]] = {
    HELP: ["help"],
    LOOK_UPS: ["paper ring atention", "week 2023-10-09", "tag llm", "find long context"],
}


@dataclass(frozen=True)
class Wait:
    """How long a person waited, in seconds; infinite for what never came."""

    first: float
    """Until the first word, or the acknowledgement."""
    answered: float
    """Until the answer itself."""


class Peer(Protocol):
    """A platform."""

    def environment(self) -> Mapping[str, str]:
        """Return the settings with which a program answers here."""
        ...

    async def connected(self) -> None:
        """Wait until the program listens."""
        ...

    async def ask(self, words: str, number: int) -> Wait:
        """Let a person of a number ask something."""
        ...


@asynccontextmanager
async def peer_of(platform: str, people: int) -> AsyncIterator[Peer]:
    """Run a platform on which so many people are."""
    if platform == "slack":
        async with SlackServer() as slack:
            yield Slack(slack, people)
    else:
        async with discord_server.Server(validates=False) as discord:
            yield Discord(discord)


class Discord:
    """Discord, where the first word is the answer, or says that one is on its way."""

    _options: Mapping[str, str] = {"paper": "name", "week": "day", "tag": "name", "find": "words"}

    def __init__(self, server: discord_server.Server) -> None:
        self._server = server

    def environment(self) -> Mapping[str, str]:
        return {
            "PAPERBOY_DISCORD_TOKEN": discord_server.TOKEN,
            "PAPERBOY_DISCORD_API_URL": self._server.api_url,
            "PAPERBOY_DISCORD_GATEWAY_URL": self._server.gateway_url,
        }

    async def connected(self) -> None:
        await self._server.connected()

    async def ask(self, words: str, number: int) -> Wait:  # noqa: ARG002 - one person asks all
        name, _, value = words.partition(" ")
        given = [discord_bot.option(self._options[name], value)] if value else []
        begun = time.monotonic()
        try:
            first = await self._server.interact(2, discord_bot.command(name, *given))
        except TimeoutError:
            return Wait(inf, inf)
        waited = time.monotonic() - begun
        if first["type"] != _ANNOUNCED:
            return Wait(waited, waited)
        is_told = await _comes(lambda: first["token"] in self._server.followed)
        return Wait(waited, time.monotonic() - begun if is_told else inf)


class Slack:
    """Slack in Socket Mode, where the acknowledgement is apart from the answer."""

    def __init__(self, server: SlackServer, people: int) -> None:
        self._server = server
        server.here.validates = False
        server.sockets.ack_seconds = 3.0  # as Slack
        for number in range(people):
            user = {"id": f"U1{number:04}", "locale": "ko-KR" if number % 2 else "en-US"}
            server.here.users[user["id"]] = server.here.users[READER] | user

    def environment(self) -> Mapping[str, str]:
        return {
            "PAPERBOY_SLACK_BOT_TOKEN": BOT_TOKEN,
            "PAPERBOY_SLACK_APP_TOKEN": APP_TOKEN,
            "PAPERBOY_SLACK_API_URL": self._server.api_url,
        }

    async def connected(self) -> None:
        await self._server.sockets.connected()

    async def ask(self, words: str, number: int) -> Wait:
        name, _, text = words.partition(" ")
        user, url = f"U1{number:04}", self._server.response_url()
        payload = {
            "team_id": TEAM, "channel_id": CHANNEL, "user_id": user, "command": f"/{name}",
            "text": text, "response_url": url, "trigger_id": str(uuid4()),
        }  # fmt: skip
        begun = time.monotonic()
        try:
            await self._server.sockets.deliver("slash_commands", payload)
        except NotAcknowledged:
            return Wait(inf, inf)
        acknowledged = time.monotonic() - begun
        is_told = await _comes(lambda: bool(self._server.responded(url)))
        return Wait(acknowledged, time.monotonic() - begun if is_told else inf)


async def _comes(is_there: Callable[[], bool]) -> bool:
    """Return whether something comes within a time in which a person would have given up."""
    until = time.monotonic() + _PATIENCE
    while not is_there():
        if time.monotonic() > until:
            return False
        await asyncio.sleep(_LOOK_SECONDS)
    return True
