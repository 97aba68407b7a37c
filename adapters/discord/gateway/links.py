"""Replies to messages that hold the address of a paper, in channels where the settings allow it.

The texts of messages come only with the privileged Message Content Intent; none is kept.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from cachetools import TTLCache

from adapters.discord.gateway.payloads import shared_addresses
from adapters.discord.http.client import RestClient
from adapters.discord.http.route import Route
from adapters.discord.options import NAME
from adapters.discord.render import SUPPRESS_NOTIFICATIONS
from adapters.discord.render.envelope import build_nonce
from bot.lib.cache import DuplicateFilter
from bot.model.card import Card
from bot.model.channels import Person, Target
from bot.ports.conversation import CommandService, Request
from bot.ports.errors import Refused, TryLater, Unknown
from bot.ports.platform import Renderer

_WRITTEN = frozenset({0, 19})
"""The types of messages that people write: default and reply."""
_MAX_WAITING = 50
"""Messages that wait for their answer; further ones get none."""
_CONCURRENT = 2
_REMEMBERED, _REPEAT_SECONDS = 5000, 3600.0
"""How many messages and addresses are remembered: an address is answered once an hour."""

_LOG = logging.getLogger(__name__)


class LinkReader:
    """Answers the addresses of papers in some channels, or in all channels of a server."""

    def __init__(
        self,
        rest: RestClient,
        service: CommandService,
        render: Renderer,
        places: frozenset[str],
    ) -> None:
        """Take the ids of channels and servers in which messages are read."""
        self._rest = rest
        self._service = service
        self._render = render
        self._places = places
        self._messages = DuplicateFilter(_REMEMBERED)
        self._answered: TTLCache[tuple[str, str], None] = TTLCache(_REMEMBERED, _REPEAT_SECONDS)
        self._turns = asyncio.Semaphore(_CONCURRENT)
        self._tasks: set[asyncio.Task[None]] = set()

    def note(self, event: Mapping[str, Any]) -> None:
        """Answer a new message of a person, if it holds an address; returns at once."""
        author = event.get("author") or {}
        channel, guild = str(event.get("channel_id")), str(event.get("guild_id") or "")
        if (
            not guild
            or self._places.isdisjoint({channel, guild})
            or author.get("bot")
            or event.get("webhook_id")
            or event.get("type") not in _WRITTEN
            or not event.get("content")
        ):
            return
        new = [
            each
            for each in shared_addresses({"content": event["content"]}).split()
            if (channel, each) not in self._answered
        ]
        if not new or self._messages.is_duplicate(str(event["id"])):
            return
        if len(self._tasks) >= _MAX_WAITING:
            _LOG.warning("Link dropped", extra={"fields": {"workspace": guild}})
            return
        self._answered.update(((channel, each), None) for each in new)
        person = Person(NAME, str(author.get("id") or ""))
        task = asyncio.create_task(
            self._answer(Target(NAME, guild, channel), person, str(event["id"]), " ".join(new))
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Cancel what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _answer(self, target: Target, person: Person, message: str, urls: str) -> None:
        async with self._turns:
            try:
                language = await self._service.language_of(target)
                asked = Request("links", urls, person, target, language=language)
                reply = await self._service.answer(asked)
                if reply.papers and isinstance(reply.content, Card):
                    await self._reply(target, message, reply.content)
            except (TryLater, Refused, Unknown) as error:
                _LOG.warning("Failed to show link", extra={"fields": {"error": str(error)}})
            except Exception:  # noqa: BLE001 - one address that fails stops no other
                _LOG.exception("Failed to handle link")

    async def _reply(self, target: Target, message: str, card: Card) -> None:
        """Post a reply that notifies no one; a nonce keeps it from being posted twice."""
        (first, *_) = self._render(card)
        flags = first.get("flags", 0)
        body = {
            **first,
            "flags": (flags if isinstance(flags, int) else 0) | SUPPRESS_NOTIFICATIONS,
            "allowed_mentions": {"parse": [], "replied_user": False},
            "message_reference": {"message_id": message, "fail_if_not_exists": False},
            "nonce": build_nonce(f"link {message}"),
            "enforce_nonce": True,
        }
        route = Route("POST", "/channels/{main}/messages", target.channel)
        await self._rest.write(route, body)
