"""The platform `discord`: one request for each message, found again by its key."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any

from adapters.discord import limits, render
from adapters.discord.diagnostics import Diagnostics
from adapters.discord.gateway.command_registration import CommandRegistrar
from adapters.discord.gateway.connection import Gateway
from adapters.discord.gateway.interactions import InteractionHandler
from adapters.discord.http.channels import Channel, ChannelCache
from adapters.discord.http.client import RestClient
from adapters.discord.http.errors import THREAD_EXISTS, THREAD_IS_GONE, ErrorResponse, to_exception
from adapters.discord.http.history import History
from adapters.discord.http.rate_limits import REQUESTS_PER_SECOND
from adapters.discord.http.route import Route
from adapters.discord.options import NAME, MessageFormat, Options
from adapters.discord.render import embeds, envelope
from bot.cards.fit import truncate
from bot.lib.clean import clean
from bot.lib.rate_limit import RateLimit
from bot.model.card import Card
from bot.model.channels import MessageRef, Target
from bot.ports.conversation import CommandService
from bot.ports.errors import RefusalScope, Refused, TargetDeleted, TryLater
from bot.ports.platform import (
    FindResult,
    MessageAbsent,
    MessageFound,
    MessageUnknown,
    NativeMessage,
    OutgoingMessage,
)

_PER_CHANNEL = timedelta(seconds=1)
"""5 messages in 5 seconds are usual in a channel; the headers of each answer decide."""
_PAUSE = timedelta(seconds=2)
"""Between two attempts to reach Discord at the start."""
_WEEK_MINUTES = 10080
"""A thread is folded away after a week without a word."""
_PINNED = 1 << 1
_SITE = "https://discord.com/channels"
_NO_DIRECT_MESSAGES = 50007

_LOG = logging.getLogger(__name__)


class Discord:
    """See `bot.ports.platform.Platform`."""

    name = NAME
    rate_limit = RateLimit(REQUESTS_PER_SECOND, _PER_CHANNEL)

    def __init__(self, options: Options) -> None:
        self._options = options
        self.timeout = timedelta(seconds=options.timeout_seconds)
        self._rest = RestClient(options.token.get_secret_value(), options.api_url, self.timeout)
        self._places = ChannelCache(self._rest)
        self._examination = Diagnostics(self._rest)
        self._history = History(self._rest)
        self._look = embeds.messages if options.look is MessageFormat.EMBEDS else render.messages

    def render(self, card: Card) -> list[NativeMessage]:
        return self._look(card)

    async def serve(self, desk: CommandService) -> None:
        me = await self._register_commands(desk)
        role = self._options.manager_role
        conversation = InteractionHandler(self._rest, desk, self.render, me, role)
        await Gateway(self._options, conversation.hear).run()

    async def _register_commands(self, desk: CommandService) -> str:
        """Register the commands, as soon as Discord can be reached; return who we are."""
        while True:
            try:
                me = await self._rest.read(Route("GET", "/applications/@me"))
                number: str = me["id"]
                await CommandRegistrar(self._rest, number, self._options.guild).renew(
                    desk.catalogues
                )
            except TryLater as error:
                wait = error.retry_after or _PAUSE
                _LOG.warning("%s It is asked again in %d s.", error, wait.total_seconds())
                await asyncio.sleep(wait.total_seconds())
            else:
                return number

    async def post(self, target: Target, outgoing: OutgoingMessage) -> MessageRef:
        try:
            return await self._post(target, outgoing)
        except TargetDeleted as error:
            if not outgoing.thread:
                raise
            raise Refused(THREAD_IS_GONE, RefusalScope.PART) from error

    async def _post(self, target: Target, outgoing: OutgoingMessage) -> MessageRef:
        until = self._rest.deadline()
        place = await self._places.get(outgoing.thread or target.channel)
        if place.is_forum:
            return await self._post_in_forum(target, place, outgoing, until)
        body = _body(outgoing) | {"nonce": _nonce(outgoing), "enforce_nonce": True}
        route = Route("POST", "/channels/{main}/messages", place.id)
        message = await self._rest.write(route, body, until=until)
        return _ref(target, place.guild, outgoing.thread, message["id"])

    async def find(self, target: Target, key: str, since: datetime) -> FindResult:
        place = await self._places.get(target.channel)
        if not place.guild:
            return MessageUnknown.UNKNOWN
        message = await self._history.find(place, key, since)
        if message is None:
            return MessageAbsent.ABSENT
        channel = message["channel_id"]
        thread = "" if channel == target.channel else channel
        return MessageFound(_ref(target, place.guild, thread, message["id"]))

    async def edit(self, ref: MessageRef, message: NativeMessage) -> None:
        channel = ref.thread or ref.target.channel
        route = Route("PATCH", "/channels/{main}/messages", channel, f"/{ref.id}")
        await self._rest.write(route, message, is_repeatable=True)

    async def open_thread(self, ref: MessageRef, title: str) -> MessageRef:
        if ref.thread:
            return ref
        body = {"name": _thread_name(title), "auto_archive_duration": _WEEK_MINUTES}
        route = Route(
            "POST", "/channels/{main}/messages", ref.target.channel, f"/{ref.id}/threads"
        )
        found = await self._rest.try_write(route, body, is_repeatable=True)
        if isinstance(found, ErrorResponse) and found.code != THREAD_EXISTS:
            raise to_exception(found, is_repeatable=True)
        # A thread has the id of the message that it stands under.
        return MessageRef(ref.target, ref.id, ref.id, ref.url)

    async def count_messages(self, thread: MessageRef) -> int:
        told = await self._rest.read(Route("GET", "/channels/{main}", thread.thread))
        return int(told.get("message_count") or 0)

    async def is_locked(self, thread: MessageRef) -> bool:
        told = await self._rest.read(Route("GET", "/channels/{main}", thread.thread))
        return bool((told.get("thread_metadata") or {}).get("locked"))

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        if ref.thread and ref.thread == ref.id:
            body = {"flags": _PINNED if pinned else 0}
            await self._rest.write(
                Route("PATCH", "/channels/{main}", ref.thread), body, is_repeatable=True
            )
            return
        channel = ref.thread or ref.target.channel
        route = Route(
            "PUT" if pinned else "DELETE", "/channels/{main}/messages/pins", channel, f"/{ref.id}"
        )
        await self._rest.write(route, None, is_repeatable=True)

    async def send_direct_message(self, workspace: str, person: str, card: Card) -> None:
        body = {"recipient_id": person}
        channel = await self._rest.write(
            Route("POST", "/users/@me/channels"), body, is_repeatable=True
        )
        route = Route("POST", "/channels/{main}/messages", channel["id"])
        for message in self.render(card):
            found = await self._rest.try_write(route, message, is_repeatable=False)
            if isinstance(found, ErrorResponse):
                if found.code == _NO_DIRECT_MESSAGES:
                    raise Refused("The person takes no direct messages.", RefusalScope.PART)
                raise to_exception(found, is_repeatable=False)

    async def check_channel(self, target: Target) -> tuple[str, ...]:
        return await self._examination.channel(target)

    async def diagnose(self) -> tuple[str, ...]:
        return await self._examination.account()

    async def invite_url(self) -> str:
        return await self._examination.invite_url()

    async def close(self) -> None:
        await self._rest.close()

    async def _post_in_forum(
        self, target: Target, place: Channel, outgoing: OutgoingMessage, until: float
    ) -> MessageRef:
        place = await self._places.ensure_tags(place, outgoing.tags)
        body: dict[str, Any] = {
            "name": _thread_name(outgoing.title),
            "auto_archive_duration": _WEEK_MINUTES,
            "applied_tags": place.tag_ids(outgoing.tags),
            "message": _body(outgoing),
        }
        route = Route("POST", "/channels/{main}/threads", place.id)
        thread = await self._rest.write(route, body, until=until)
        return _ref(target, place.guild, thread["id"], thread["id"])


def _body(message: OutgoingMessage) -> dict[str, Any]:
    return envelope.build_body(message)


def _nonce(message: OutgoingMessage) -> str:
    return envelope.build_nonce(message.key)


def _thread_name(title: str) -> str:
    """Return a name that fits; the whole title stands inside."""
    return truncate(" ".join(clean(title).split()) or "…", limits.THREAD_NAME)


def _ref(target: Target, guild: str, thread: str, message: str) -> MessageRef:
    url = f"{_SITE}/{guild}/{thread or target.channel}/{message}" if guild else ""
    return MessageRef(target, message, thread, url)
