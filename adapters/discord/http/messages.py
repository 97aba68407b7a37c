"""Posts each message with one request, finds it by its key, edits, pins and publishes it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.discord.http import threads
from adapters.discord.http.channels import Channel, ChannelCache
from adapters.discord.http.client import RestClient
from adapters.discord.http.direct_channels import DirectChannels, direct_ref, to_direct_exception
from adapters.discord.http.errors import (
    ALREADY_CROSSPOSTED,
    ANSWER_LOST,
    MESSAGE_IS_GONE,
    NOT_A_TEXT_CHANNEL,
    THREAD_ARCHIVED,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    UNKNOWN_TAG,
    ErrorResponse,
    to_exception,
)
from adapters.discord.http.history import History
from adapters.discord.http.route import Route
from adapters.discord.render import envelope
from bot.lib.marker import _
from bot.lib.send_signal import calling_when_sent
from bot.model.channels import MessageRef, Target
from bot.ports.errors import MessageDeleted, RefusalScope, Refused, TryLater, Unknown
from bot.ports.platform import (
    FindResult,
    MessageAbsent,
    MessageFound,
    MessageUnknown,
    NativeMessage,
    OutgoingMessage,
)

_PINNED = 1 << 1
_SITE = "https://discord.com/channels"
_OTHER_SERVER = _("The channel is one of another server.")


class Messages:
    """Each method has the promises of its namesake in `bot.ports.platform`."""

    def __init__(self, rest: RestClient) -> None:
        self._rest = rest
        self._channels = ChannelCache(rest)
        self._direct_channels = DirectChannels(rest)
        self._history = History(rest)
        self._forums: set[str] = set()
        """The channels that turned out to be forums; a channel never changes to or from one."""

    async def post(self, target: Target, outgoing: OutgoingMessage) -> MessageRef:
        """Post without a look-up of the channel, except where it is or may be a forum."""
        until = self._rest.deadline() if outgoing.until is None else outgoing.until
        if target.person:
            return await self._post_direct(target, outgoing, until)
        if outgoing.checks_workspace and await self._is_elsewhere(target):
            raise Refused(_OTHER_SERVER, RefusalScope.PART)
        may_be_forum = outgoing.is_post or target.channel in self._forums
        if may_be_forum and not outgoing.thread and await self._is_forum(target):
            return await self._post_in_forum(target, outgoing, until)
        body = _keyed_body(outgoing)
        channel, in_thread = outgoing.thread or target.channel, bool(outgoing.thread)
        route = Route("POST", "/channels/{main}/messages", channel, is_thread=in_thread)
        with calling_when_sent(outgoing.on_sent):
            found = await self._rest.try_write(route, body, is_repeatable=False, until=until)
        if isinstance(found, ErrorResponse):
            if found.code in NOT_A_TEXT_CHANNEL and not in_thread and await self._is_forum(target):
                return await self._post_in_forum(target, outgoing, until)
            raise to_exception(found, is_repeatable=False, in_thread=in_thread)
        return _ref(target, await self._guild(target), outgoing.thread, _id_of(found))

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
        if _is_archived(found) and await threads.set_archived(self._rest, ref, archived=False):
            found = await self._edit(ref, outgoing, until)
            with suppress(TryLater, Refused, Unknown):  # it is archived by itself in a week
                await threads.set_archived(self._rest, ref, archived=True)
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

    async def crosspost(self, ref: MessageRef) -> None:
        if not (await self._channels.get(ref.target.channel)).is_announcement:
            return
        # A rate of its own: 10 an hour in a channel.
        path = f"{ref.id}/crosspost"
        route = Route("POST", "/channels/{main}/messages/", ref.target.channel, path)
        found = await self._rest.try_write(route, {}, is_repeatable=True)
        if isinstance(found, ErrorResponse) and found.code != ALREADY_CROSSPOSTED:
            raise to_exception(found, is_repeatable=True)

    async def send_direct(self, person: str, messages: Sequence[NativeMessage]) -> None:
        """Send messages that are not looked for again."""
        channel = await self._direct_channels.get(person)
        route = Route("POST", "/channels/{main}/messages", channel)
        for message in messages:
            found = await self._rest.try_write(route, message, is_repeatable=False)
            if isinstance(found, ErrorResponse):
                raise to_direct_exception(found)

    async def _post_direct(
        self, target: Target, outgoing: OutgoingMessage, until: float
    ) -> MessageRef:
        channel = await self._direct_channels.get(target.person)
        body = _keyed_body(outgoing)
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
            "name": threads.thread_name(outgoing.title),
            "auto_archive_duration": threads.KEPT_MINUTES,
            "applied_tags": channel.tag_ids(outgoing.tags),
            "message": envelope.build_body(outgoing),
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


def _keyed_body(message: OutgoingMessage) -> dict[str, Any]:
    """Return a body of which Discord takes only one within some minutes."""
    nonce = envelope.build_nonce(message.key)
    return envelope.build_body(message) | {"nonce": nonce, "enforce_nonce": True}


def _ref(target: Target, guild: str, thread: str, message: str) -> MessageRef:
    url = f"{_SITE}/{guild}/{thread or target.channel}/{message}" if guild else ""
    return MessageRef(target, message, thread, url)
