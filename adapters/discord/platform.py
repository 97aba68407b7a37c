"""The platform `discord`: posts each message with one request, and finds it by its key."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from adapters.discord import limits, render
from adapters.discord.diagnostics import Diagnostics
from adapters.discord.gateway.command_registration import CommandRegistrar
from adapters.discord.gateway.connection import Gateway, MessageListeners
from adapters.discord.gateway.http_server import HttpServer
from adapters.discord.gateway.interactions import InteractionHandler, Roles
from adapters.discord.gateway.links import LinkReader
from adapters.discord.gateway.message_events import note_message, note_reaction
from adapters.discord.gateway.responder import Responder
from adapters.discord.http import threads
from adapters.discord.http.channels import Channel, ChannelCache
from adapters.discord.http.client import RestClient
from adapters.discord.http.direct_channels import DirectChannels, direct_ref, to_direct_exception
from adapters.discord.http.errors import (
    ALREADY_CROSSPOSTED,
    ANSWER_LOST,
    MESSAGE_IS_GONE,
    NOT_A_TEXT_CHANNEL,
    PERMISSIONS_MISSING,
    THREAD_ARCHIVED,
    THREAD_EXISTS,
    THREAD_IS_GONE,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    UNKNOWN_TAG,
    ErrorResponse,
    to_exception,
)
from adapters.discord.http.history import History
from adapters.discord.http.rate_limits import REQUESTS_PER_SECOND
from adapters.discord.http.route import Route
from adapters.discord.options import NAME, MessageFormat, Options
from adapters.discord.render import embeds, envelope
from adapters.discord.render.command_mentions import mention_commands
from bot.cards.fit import truncate
from bot.lib.clean import clean
from bot.lib.marker import _
from bot.lib.rate_limit import RATE_SHARE, RateLimit
from bot.lib.send_signal import calling_when_sent
from bot.model.card import Card
from bot.model.channels import MessageRef, Target
from bot.model.discussions import ThreadState
from bot.ports.conversation import CommandService
from bot.ports.errors import (
    MessageDeleted,
    RefusalScope,
    Refused,
    TargetDeleted,
    TryLater,
    Unknown,
)
from bot.ports.platform import (
    ConnectionState,
    FindResult,
    MessageAbsent,
    MessageFound,
    MessageUnknown,
    NativeMessage,
    OutgoingMessage,
)

_PER_CHANNEL = timedelta(seconds=1)
"""5 messages in 5 seconds are usual in a channel; the headers of each response decide."""
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 60.0
"""Seconds between two attempts to reach Discord at the start; each one doubles it."""
_WEEK_MINUTES = 10080
"""A thread is archived after a week without a message."""
_PINNED = 1 << 1
_SITE = "https://discord.com/channels"
_OTHER_SERVER = _("The channel is one of another server.")

_LOG = logging.getLogger(__name__)


class Discord:
    """See `bot.ports.platform.Platform`."""

    name = NAME
    rate_limit = RateLimit(REQUESTS_PER_SECOND / RATE_SHARE, _PER_CHANNEL, only_messages=True)
    """The client keeps its share of the rate for all requests; the outbox need not do so again."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.timeout = timedelta(seconds=options.timeout_seconds)
        self._rest = RestClient(
            options.token.get_secret_value(),
            options.api_url,
            self.timeout,
            options.proxy.get_secret_value(),
        )
        self._channels = ChannelCache(self._rest)
        self._forums: set[str] = set()
        """The channels that turned out to be forums; a channel never changes to or from one."""
        self._command_ids: Mapping[str, str] = {}
        self._diagnostics = Diagnostics(
            self._rest,
            reads_content=bool(options.link_channels),
            awaits_requests=options.mode == "http",
        )
        self._history = History(self._rest)
        self._gateway: Gateway | HttpServer | None = None
        """What receives interactions, once it does."""
        self._direct_channels = DirectChannels(self._rest)
        self._renderer = (
            embeds.messages if options.look is MessageFormat.EMBEDS else render.messages
        )

    def render(self, card: Card) -> list[NativeMessage]:
        return [mention_commands(each, self._command_ids) for each in self._renderer(card)]

    async def serve(self, service: CommandService) -> None:
        application, public_key = await self._register_commands(service)
        roles = Roles(self._options.manager_role, frozenset(self._options.curator_roles))
        responder = Responder(self._rest, application)
        handler = InteractionHandler(responder, service, self.render, roles)
        if self._options.mode == "http":
            address = (self._options.http_host, self._options.http_port)
            self._gateway = HttpServer(address, public_key, handler.handle)
            await self._gateway.run()
            return
        places = frozenset(self._options.link_channels)
        links = LinkReader(self._rest, service, self.render, places)

        def on_message(event: dict[str, Any]) -> None:
            note_message(service.on_thread_changed, event)
            links.note(event)

        hears = self._options.counts_replies or places
        listeners = MessageListeners(
            on_message if hears else None,
            reads_content=bool(places),
        )
        if self._options.counts_reactions:
            listeners = replace(
                listeners,
                on_reaction_added=partial(note_reaction, service.on_reaction, is_added=True),
                on_reaction_removed=partial(note_reaction, service.on_reaction, is_added=False),
            )
        self._gateway = Gateway(
            self._options, handler.handle, listeners, self._diagnostics.application_id
        )
        try:
            await self._gateway.run()
        finally:
            await links.close()

    def connection_state(self) -> ConnectionState:
        return ConnectionState(
            self._gateway is not None and self._gateway.is_connected, *self._rest.rate_limit_waits
        )

    async def _register_commands(self, service: CommandService) -> tuple[str, str]:
        """Register the commands, as soon as Discord can be reached.

        Return the application's id, and the key with which interactions are signed. Raises
        Refused.
        """
        pause = _FIRST_PAUSE
        while True:
            try:
                application = await self._diagnostics.application_id()
                is_http = self._options.mode == "http"
                public_key = await self._diagnostics.public_key() if is_http else ""
                registrar = CommandRegistrar(
                    self._rest,
                    application,
                    self._options.guild,
                    is_for_people=await self._diagnostics.may_be_installed_for_people(),
                )
                await registrar.sync(service.catalogues)
                self._command_ids = registrar.ids
            except TryLater as error:
                wait = max(error.retry_after.total_seconds() if error.retry_after else 0.0, pause)
                fields = {"seconds": wait, "error": str(error)}
                _LOG.warning("Discord not reached, retrying", extra={"fields": fields})
                await asyncio.sleep(wait)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                return application, public_key

    async def post(self, target: Target, outgoing: OutgoingMessage) -> MessageRef:
        try:
            return await self._post(target, outgoing)
        except TargetDeleted as error:
            if not outgoing.thread:
                raise
            raise Refused(THREAD_IS_GONE, RefusalScope.PART) from error
        except Refused as error:
            if error.reason != PERMISSIONS_MISSING or target.person:
                raise
            reason = await self._diagnostics.missing_permissions(target) or error.reason
            raise Refused(reason, error.scope) from error

    async def _post(self, target: Target, outgoing: OutgoingMessage) -> MessageRef:
        """Post without a look-up of the channel, except where it is or may be a forum."""
        until = self._rest.deadline() if outgoing.until is None else outgoing.until
        if target.person:
            return await self._post_direct(target, outgoing, until)
        if outgoing.checks_workspace and await self._is_elsewhere(target):
            raise Refused(_OTHER_SERVER, RefusalScope.PART)
        may_be_forum = outgoing.is_post or target.channel in self._forums
        if may_be_forum and not outgoing.thread and await self._is_forum(target):
            return await self._post_in_forum(target, outgoing, until)
        body = _body(outgoing) | {"nonce": _nonce(outgoing), "enforce_nonce": True}
        channel, in_thread = outgoing.thread or target.channel, bool(outgoing.thread)
        route = Route("POST", "/channels/{main}/messages", channel, is_thread=in_thread)
        with calling_when_sent(outgoing.on_sent):
            found = await self._rest.try_write(route, body, is_repeatable=False, until=until)
        if isinstance(found, ErrorResponse):
            if found.code in NOT_A_TEXT_CHANNEL and not in_thread and await self._is_forum(target):
                return await self._post_in_forum(target, outgoing, until)
            raise to_exception(found, is_repeatable=False, in_thread=in_thread)
        return _ref(target, await self._guild(target), outgoing.thread, _id_of(found))

    async def _post_direct(
        self, target: Target, outgoing: OutgoingMessage, until: float
    ) -> MessageRef:
        channel = await self._direct_channels.get(target.person)
        body = _body(outgoing) | {"nonce": _nonce(outgoing), "enforce_nonce": True}
        route = Route("POST", "/channels/{main}/messages", channel)
        with calling_when_sent(outgoing.on_sent):
            found = await self._rest.try_write(route, body, is_repeatable=False, until=until)
        if isinstance(found, ErrorResponse):
            raise to_direct_exception(found)
        return direct_ref(target, channel, _id_of(found))

    async def _is_elsewhere(self, target: Target) -> bool:
        return (await self._channels.get(target.channel)).guild != target.workspace

    async def _is_forum(self, target: Target) -> bool:
        is_forum = (await self._channels.get(target.channel)).is_forum
        if is_forum:
            self._forums.add(target.channel)
        return is_forum

    async def _guild(self, target: Target) -> str:
        """Return the guild of a channel; empty where it is none's or cannot be asked for."""
        if target.workspace:
            return target.workspace
        with suppress(TryLater, Refused):
            return (await self._channels.get(target.channel)).guild
        return ""

    async def find(self, target: Target, key: str, since: datetime) -> FindResult:
        if target.person:
            channel_id = await self._direct_channels.get(target.person)
            message = await self._history.find_direct(channel_id, key, since)
            if message is None:
                return MessageAbsent.ABSENT
            return MessageFound(direct_ref(target, channel_id, message["id"]))
        channel = await self._channels.get(target.channel)
        if not channel.guild:
            return MessageUnknown.UNKNOWN
        message = await self._history.find(channel, key, since)
        if message is None:
            return MessageAbsent.ABSENT
        thread = message["channel_id"] if message["channel_id"] != target.channel else ""
        return MessageFound(_ref(target, channel.guild, thread, message["id"]))

    async def edit(self, ref: MessageRef, outgoing: OutgoingMessage) -> None:
        until = self._rest.deadline() if outgoing.until is None else outgoing.until
        with calling_when_sent(outgoing.on_sent):
            found = await self._edit(ref, outgoing, until)
        if _is_archived(found) and await self._archive(ref, archived=False):
            found = await self._edit(ref, outgoing, until)
            with suppress(TryLater, Refused, Unknown):  # it is archived by itself in a week
                await self._archive(ref, archived=True)
        if isinstance(found, ErrorResponse):
            is_gone = bool(ref.thread) and found.code == UNKNOWN_CHANNEL
            if is_gone or found.code == UNKNOWN_MESSAGE:
                raise MessageDeleted(MESSAGE_IS_GONE)
            raise to_exception(found, is_repeatable=False, in_thread=bool(ref.thread))

    async def _edit(self, ref: MessageRef, outgoing: OutgoingMessage, until: float) -> Any:
        channel, in_thread = ref.thread or ref.target.channel, bool(ref.thread)
        path = f"/{ref.id}"
        route = Route("PATCH", "/channels/{main}/messages", channel, path, is_thread=in_thread)
        body = envelope.build_edit(outgoing)
        return await self._rest.try_write(route, body, is_repeatable=False, until=until)

    async def _archive(self, ref: MessageRef, *, archived: bool) -> bool:
        """Archive the thread of a message or not, which moves nothing and notifies no one.

        Nothing in an archived thread can be edited. False where Discord refuses it.
        """
        route = Route("PATCH", "/channels/{main}", ref.thread, is_thread=True)
        body = {"archived": archived}
        found = await self._rest.try_write(route, body, is_repeatable=True)
        return not isinstance(found, ErrorResponse)

    async def open_thread(self, ref: MessageRef, title: str) -> MessageRef:
        if ref.thread:
            return ref
        body = {"name": _thread_name(title), "auto_archive_duration": _WEEK_MINUTES}
        path = f"/{ref.id}/threads"
        route = Route("POST", "/channels/{main}/messages", ref.target.channel, path)
        found = await self._rest.try_write(route, body, is_repeatable=True)
        if isinstance(found, ErrorResponse) and found.code != THREAD_EXISTS:
            raise to_exception(found, is_repeatable=True, in_thread=True)
        # A thread has the id of the message that it was opened from.
        return MessageRef(ref.target, ref.id, ref.id, ref.url)

    async def read_thread(self, thread: MessageRef, own_messages: int) -> ThreadState:
        return await threads.read_thread(self._rest, thread, own_messages)

    async def revive_thread(self, thread: MessageRef) -> None:
        await threads.revive_thread(self._rest, thread)

    @property
    def publishes_digests(self) -> bool:
        return self._options.crosspost

    async def crosspost(self, ref: MessageRef) -> None:
        if not (await self._channels.get(ref.target.channel)).is_announcement:
            return
        # A rate of its own: 10 an hour in a channel.
        path = f"{ref.id}/crosspost"
        route = Route("POST", "/channels/{main}/messages/", ref.target.channel, path)
        found = await self._rest.try_write(route, {}, is_repeatable=True)
        if isinstance(found, ErrorResponse) and found.code != ALREADY_CROSSPOSTED:
            raise to_exception(found, is_repeatable=True)

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
        channel = await self._direct_channels.get(person)
        route = Route("POST", "/channels/{main}/messages", channel)
        for message in self.render(card):
            found = await self._rest.try_write(route, message, is_repeatable=False)
            if isinstance(found, ErrorResponse):
                raise to_direct_exception(found)

    async def check_channel(self, target: Target) -> tuple[str, ...]:
        return await self._diagnostics.check_channel(target)

    def channel_url(self, channel: Target) -> str:
        return f"https://discord.com/channels/{channel.workspace}/{channel.channel}"

    async def may_manage(self, channel: Target, person: str) -> bool:
        return await self._diagnostics.may_manage(channel, person, self._options.manager_role)

    async def diagnose(self) -> tuple[str, ...]:
        return await self._diagnostics.check_account()

    async def invite_url(self) -> str:
        return await self._diagnostics.invite_url()

    async def close(self) -> None:
        await self._rest.close()

    async def _post_in_forum(
        self, target: Target, outgoing: OutgoingMessage, until: float
    ) -> MessageRef:
        channel = await self._channels.get(target.channel)
        channel = await self._channels.ensure_tags(channel, outgoing.creatable_tags)
        found = await self._create_post(channel, outgoing, until)
        if _is_unknown_tag(found):
            # Tags were deleted since they were read.
            self._channels.discard(channel.id)
            channel = await self._channels.get(channel.id)
            found = await self._create_post(channel, outgoing, until)
        if _is_unknown_tag(found):
            found = await self._create_post(replace(channel, tags=()), outgoing, until)
        if isinstance(found, ErrorResponse):
            raise to_exception(found, is_repeatable=False)
        thread = _id_of(found)
        return _ref(target, channel.guild, thread, thread)

    async def _create_post(self, channel: Channel, outgoing: OutgoingMessage, until: float) -> Any:
        body: dict[str, Any] = {
            "name": _thread_name(outgoing.title),
            "auto_archive_duration": _WEEK_MINUTES,
            "applied_tags": channel.tag_ids(outgoing.tags),
            "message": _body(outgoing),
        }
        route = Route("POST", "/channels/{main}/threads", channel.id)
        with calling_when_sent(outgoing.on_sent):
            return await self._rest.try_write(route, body, is_repeatable=False, until=until)


def _is_archived(found: object) -> bool:
    return isinstance(found, ErrorResponse) and found.code == THREAD_ARCHIVED


def _is_unknown_tag(found: object) -> bool:
    return isinstance(found, ErrorResponse) and found.code == UNKNOWN_TAG


def _id_of(created: object) -> str:
    """Return the id of what was created. Raises Unknown where the response has none."""
    if isinstance(created, dict) and isinstance(created.get("id"), str):
        return str(created["id"])
    raise Unknown(ANSWER_LOST)


def _body(message: OutgoingMessage) -> dict[str, Any]:
    return envelope.build_body(message)


def _nonce(message: OutgoingMessage) -> str:
    return envelope.build_nonce(message.key)


def _thread_name(title: str) -> str:
    """Return a name that fits; the post itself has the whole title."""
    return truncate(" ".join(clean(title).split()) or "…", limits.THREAD_NAME)


def _ref(target: Target, guild: str, thread: str, message: str) -> MessageRef:
    url = f"{_SITE}/{guild}/{thread or target.channel}/{message}" if guild else ""
    return MessageRef(target, message, thread, url)
