"""The platform `discord`: receives commands and events; offers messages, threads and checks."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from adapters.discord import render
from adapters.discord.diagnostics import Diagnostics
from adapters.discord.gateway.command_registration import CommandRegistrar
from adapters.discord.gateway.connection import Gateway, MessageListeners
from adapters.discord.gateway.http_server import HttpServer
from adapters.discord.gateway.interactions import InteractionHandler, Roles
from adapters.discord.gateway.links import LinkReader
from adapters.discord.gateway.message_events import note_message, note_reaction
from adapters.discord.gateway.responder import Responder
from adapters.discord.http import threads
from adapters.discord.http.client import RestClient
from adapters.discord.http.errors import PERMISSIONS_MISSING, THREAD_IS_GONE
from adapters.discord.http.messages import Messages
from adapters.discord.http.rate_limits import REQUESTS_PER_SECOND
from adapters.discord.options import NAME, MessageFormat, Options
from adapters.discord.render import embeds
from adapters.discord.render.command_mentions import mention_commands
from bot.lib.backoff import Backoff, BackoffPolicy
from bot.lib.rate_limit import RATE_SHARE, RateLimit
from bot.model.card import Card
from bot.model.channels import MessageRef, Target
from bot.model.discussions import ThreadState
from bot.ports.conversation import CommandService
from bot.ports.errors import RefusalScope, Refused, TargetDeleted, TryLater
from bot.ports.platform import ConnectionState, FindResult, NativeMessage, OutgoingMessage

_PER_CHANNEL = timedelta(seconds=1)
"""5 messages in 5 seconds are usual in a channel; the headers of each response decide."""
_BACKOFF = BackoffPolicy(timedelta(seconds=2), timedelta(minutes=1))
"""Seconds between two attempts to reach Discord at the start; each one doubles it."""

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
        self._messages = Messages(self._rest)
        self._command_ids: Mapping[str, str] = {}
        self._diagnostics = Diagnostics(
            self._rest,
            reads_content=bool(options.link_channels),
            awaits_requests=options.mode == "http",
        )
        self._gateway: Gateway | HttpServer | None = None
        """What receives interactions, once it does."""
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
        backoff = Backoff(_BACKOFF)
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
                wait = backoff.next_delay(minimum=error.retry_after).total_seconds()
                fields = {"seconds": wait, "error": str(error)}
                _LOG.warning("Discord not reached, retrying", extra={"fields": fields})
                await asyncio.sleep(wait)
            else:
                return application, public_key

    async def post(self, target: Target, outgoing: OutgoingMessage) -> MessageRef:
        try:
            return await self._messages.post(target, outgoing)
        except TargetDeleted as error:
            if not outgoing.thread:
                raise
            raise Refused(THREAD_IS_GONE, RefusalScope.PART) from error
        except Refused as error:
            if error.reason != PERMISSIONS_MISSING or target.person:
                raise
            reason = await self._diagnostics.missing_permissions(target) or error.reason
            raise Refused(reason, error.scope) from error

    async def find(self, target: Target, key: str, since: datetime) -> FindResult:
        return await self._messages.find(target, key, since)

    async def edit(self, ref: MessageRef, outgoing: OutgoingMessage) -> None:
        await self._messages.edit(ref, outgoing)

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        await self._messages.pin(ref, pinned=pinned)

    async def crosspost(self, ref: MessageRef) -> None:
        await self._messages.crosspost(ref)

    async def open_thread(self, ref: MessageRef, title: str) -> MessageRef:
        return await threads.open_thread(self._rest, ref, title)

    async def read_thread(self, thread: MessageRef, own_messages: int) -> ThreadState:
        return await threads.read_thread(self._rest, thread, own_messages)

    async def revive_thread(self, thread: MessageRef) -> None:
        await threads.revive_thread(self._rest, thread)

    @property
    def publishes_digests(self) -> bool:
        return self._options.crosspost

    async def send_direct_message(self, workspace: str, person: str, card: Card) -> None:
        await self._messages.send_direct(person, self.render(card))

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
