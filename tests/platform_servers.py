"""The platforms that a program is ended on: each a loopback server that remembers."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Any, Protocol

from adapters.discord.render.envelope import has_key
from adapters.slack.render.envelope import has_key as slack_carries
from tests import discord_rules, slack_rules
from tests.bot_process import DeliveryScenario
from tests.discord_server import CHANNEL, FORUM, TOKEN, Server
from tests.request_stages import StageHook
from tests.slack_server import Server as SlackServer
from tests.slack_workspace import APP_TOKEN, BOT_TOKEN
from tests.webhook_receiver import LOST, SECRET, Fault, WebhookReceiver


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """What readers see of a message."""

    text: str
    edits: int
    """How often it was edited."""


class PlatformServer(Protocol):
    """What the other side of a program has to tell."""

    def environment(self) -> dict[str, str]:
        """Return the settings with which a program posts here."""
        ...

    def hold(self, hold: StageHook | None) -> None:
        """Let every post be held at its points; None for none."""
        ...

    def accepted_keys(self, channel: str, keys: Sequence[str]) -> list[str]:
        """Return the keys of the messages that were accepted in a channel, in order.

        Those in its threads too; a message with none of these keys is an empty one.
        """
        ...

    def shown(self, channel: str) -> list[ShownMessage]:
        """Return what stands in a channel and its threads now, in order."""
        ...

    def delete_first(self, channel: str) -> None:
        """Delete the first message of a channel, as a moderator does."""
        ...

    def harm_edits(self, moods: Iterator[str]) -> None:
        """Let edits fail in turn: '429', 'lost' (edited, and not answered) or '' for none."""
        ...


@asynccontextmanager
async def run_platform_server(scene: DeliveryScenario) -> AsyncIterator[PlatformServer]:
    """Run the platform of a scene."""
    if scene.platform == "discord":
        async with Server(supports_nonces=False) as server:
            yield LoopbackDiscord(server, scene)
            assert server.wrong == []
    elif scene.platform == "slack":
        async with SlackServer() as slack:
            yield LoopbackSlack(slack, scene)
            assert slack.here.wrong == []
    else:
        async with WebhookReceiver() as receiver:
            yield LoopbackWebhook(receiver, scene)


class LoopbackWebhook:
    """A receiver of webhooks."""

    def __init__(self, receiver: WebhookReceiver, scene: DeliveryScenario) -> None:
        self._receiver = receiver
        self._scene = scene

    def environment(self) -> dict[str, str]:
        names = [self._scene.target(number).channel for number in range(self._scene.channels)]
        channels = {name: self._receiver.url(name) for name in names}
        return {
            "PAPERBOY_WEBHOOK_CHANNELS": json.dumps(channels),
            "PAPERBOY_WEBHOOK_SECRET": SECRET,
            "PAPERBOY_WEBHOOK_PER_SECOND": str(self._scene.per_second),
            "PAPERBOY_WEBHOOK_PER_CHANNEL_SECONDS": "0",
            "PAPERBOY_WEBHOOK_TIMEOUT_SECONDS": str(self._scene.request_timeout),
        }

    def hold(self, hold: StageHook | None) -> None:
        self._receiver.hold = hold

    def accepted_keys(self, channel: str, keys: Sequence[str]) -> list[str]:
        return [
            message.key if message.key in keys else ""
            for message in self._receiver.in_channel(channel)
            if message.body["kind"] == "message"
        ]

    def shown(self, channel: str) -> list[ShownMessage]:
        return [
            ShownMessage(str(message.body.get("markdown")), message.body.get("edits", 0))
            for message in self._receiver.in_channel(channel)
            if message.body["kind"] == "message"
        ]

    def delete_first(self, channel: str) -> None:
        first = self._receiver.in_channel(channel)[0]
        self._receiver.ledger.remove(first)

    def harm_edits(self, moods: Iterator[str]) -> None:
        faults = {"429": Fault(429, retry_after="0.1"), "lost": LOST, "": None}
        self._receiver.faults = lambda request: (
            faults[next(moods)] if request.method == "PUT" else None
        )


class LoopbackDiscord:
    """A Discord with as many channels as a scene has."""

    def __init__(self, server: Server, scene: DeliveryScenario) -> None:
        self.server = server
        self._scene = scene
        for number in range(scene.channels):
            channel = scene.target(number).channel
            like = server.channels[CHANNEL if int(channel) % 10 == int(CHANNEL) % 10 else FORUM]
            server.channels[channel] = like | {"id": channel}

    def environment(self) -> dict[str, str]:
        return {
            "PAPERBOY_DISCORD_TOKEN": TOKEN,
            "PAPERBOY_DISCORD_API_URL": self.server.api_url,
            "PAPERBOY_DISCORD_GATEWAY_URL": self.server.gateway_url,
            "PAPERBOY_DISCORD_SHARD_COUNT": "1",
            "PAPERBOY_DISCORD_TIMEOUT_SECONDS": str(self._scene.request_timeout),
        }

    def hold(self, hold: StageHook | None) -> None:
        self.server.hold = hold

    def accepted_keys(self, channel: str, keys: Sequence[str]) -> list[str]:
        return [
            next((key for key in keys if has_key(message, key)), "")
            for message in self._messages(channel)
        ]

    def _messages(self, channel: str) -> list[dict[str, Any]]:
        server = self.server
        threads = [t["id"] for t in server.threads.values() if t["parent_id"] == channel]
        every = [m for place in (channel, *threads) for m in server.messages.get(place, [])]
        return sorted(every, key=lambda each: int(each["id"]))

    def shown(self, channel: str) -> list[ShownMessage]:
        return [
            ShownMessage("\n".join(discord_rules.texts(each)), each.get("edits", 0))
            for each in self._messages(channel)
        ]

    def delete_first(self, channel: str) -> None:
        first = self._messages(channel)[0]
        self.server.delete_message(first["channel_id"], first["id"])

    def harm_edits(self, moods: Iterator[str]) -> None:
        self.server.pick_fault = lambda method, path: (
            next(moods) if method == "PATCH" and "/messages/" in path else ""
        )


class LoopbackSlack:
    """A Slack with as many channels as a scene has, on a bad day.

    Of the posts some are too early, of some the answer gets lost, and its sockets are renewed.
    """

    def __init__(self, server: SlackServer, scene: DeliveryScenario) -> None:
        self.server = server
        self._scene = scene
        self._moods = cycle(["", "", "429", "", "lost", "", ""])
        self._renewals: set[asyncio.Task[None]] = set()
        server.pick_fault = self._strike
        for number in range(scene.channels):
            server.here.add_channel(scene.target(number).channel, f"papers-{number}")

    def environment(self) -> dict[str, str]:
        return {
            "PAPERBOY_SLACK_BOT_TOKEN": BOT_TOKEN,
            "PAPERBOY_SLACK_APP_TOKEN": APP_TOKEN,
            "PAPERBOY_SLACK_API_URL": self.server.api_url,
            "PAPERBOY_SLACK_TIMEOUT_SECONDS": str(self._scene.request_timeout),
        }

    def hold(self, hold: StageHook | None) -> None:
        self.server.hold = hold

    def _strike(self, method: str) -> str:
        mood = next(self._moods) if method == "chat.postMessage" else ""
        if mood:
            renewing = asyncio.create_task(self.server.sockets.renew())
            self._renewals.add(renewing)
            renewing.add_done_callback(self._renewals.discard)
        return mood

    def accepted_keys(self, channel: str, keys: Sequence[str]) -> list[str]:
        return [
            next((key for key in keys if slack_carries(message, key)), "")
            for message in self.server.messages.get(channel, [])
        ]

    def shown(self, channel: str) -> list[ShownMessage]:
        return [
            ShownMessage("\n".join(slack_rules.visible_texts(each)), each.get("edits", 0))
            for each in self.server.messages.get(channel, [])
        ]

    def delete_first(self, channel: str) -> None:
        del self.server.messages[channel][0]

    def harm_edits(self, moods: Iterator[str]) -> None:
        self.server.pick_fault = lambda method: next(moods) if method == "chat.update" else ""
