"""The platform `webhook`: posts to configured URLs, and looks messages up by their key."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import quote
from uuid import uuid4

import httpx2

from adapters.webhook import limits, render
from adapters.webhook.errors import raise_for_response
from adapters.webhook.options import NAME, Options
from adapters.webhook.response import HEADERS, parse_ref, read_bounded
from bot.lib.marker import _
from bot.lib.rate_limit import RateLimit
from bot.lib.send_signal import calling_when_sent, signal_sent
from bot.model.card import Card
from bot.model.channels import MessageRef, Target
from bot.ports.conversation import CommandService
from bot.ports.errors import MessageDeleted, RefusalScope, Refused, TryLater, Unknown
from bot.ports.platform import (
    FindResult,
    MessageAbsent,
    MessageFound,
    MessageUnknown,
    NativeMessage,
    OutgoingMessage,
)

DIRECT_CHANNEL = "direct"
"""Name of the channel, if configured, that direct messages are posted to."""

_NO_DIRECT_CHANNEL = _("Nobody can be told anything by webhook: set a channel named {channel}.")
_NO_CHANNEL = _("No webhook channel is named {channel}: set its address.")
_CANNOT_FIND = _(
    "The webhook does not answer GET with a key: a message whose answer got lost is not posted "
    "again. Let it answer 200 with the message's id, or 404."
)
_WRITES = ("send_request_headers.started", "send_request_body.started")
"""Trace events of httpcore2 that precede a write."""
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_MESSAGE_IS_GONE = _("The webhook does not know the message any more.")
_CANNOT_EDIT = _("The webhook does not take PUT: what it was sent cannot be corrected there.")
_CANNOT_BE_ASKED = frozenset({HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED})


class Webhook:
    """The platform `webhook`; see `bot.ports.platform.Platform`."""

    name = NAME

    def __init__(self, options: Options) -> None:
        self.rate_limit = RateLimit(
            options.per_second, timedelta(seconds=options.per_channel_seconds)
        )
        self.timeout = timedelta(seconds=options.timeout_seconds)
        self._channels = {name: httpx2.URL(url) for name, url in options.channels.items()}
        self._secret = options.secret.get_secret_value().encode()
        step = options.timeout_seconds * limits.CONNECT_SHARE
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(options.timeout_seconds, connect=step, pool=step),
            limits=httpx2.Limits(max_connections=limits.MAX_CONNECTIONS),
            headers={"User-Agent": "Paperboy", **HEADERS},
            proxy=options.proxy.get_secret_value() or None,
        )

    def render(self, card: Card) -> list[NativeMessage]:
        return render.messages(card)

    async def serve(self, service: CommandService) -> None:
        # A webhook receives no commands.
        await asyncio.Event().wait()

    async def post(self, target: Target, outgoing: OutgoingMessage) -> MessageRef:
        body = _message_body(target, outgoing)
        address, until = self._address(target), outgoing.until
        with calling_when_sent(outgoing.on_sent):
            response = await self._send("POST", address, body, RefusalScope.CHANNEL, until)
        return parse_ref(target, response)

    async def find(self, target: Target, key: str, since: datetime) -> FindResult:
        address = self._address(target).copy_set_param("key", key)
        response = await self._exchange("GET", address, b"", {})
        if isinstance(response, httpx2.Response):
            if response.status_code == HTTPStatus.NOT_FOUND:
                return MessageAbsent.ABSENT
            if response.status_code in _CANNOT_BE_ASKED:
                return MessageUnknown.UNKNOWN
        found = raise_for_response(response, RefusalScope.CHANNEL, datetime.now(UTC))
        return MessageFound(parse_ref(target, found))

    async def edit(self, ref: MessageRef, outgoing: OutgoingMessage) -> None:
        address = _append_path(self._address(ref.target), ref.id)
        body = _message_body(ref.target, replace(outgoing, thread=ref.thread))
        with calling_when_sent(outgoing.on_sent):
            response = await self._request("PUT", address, body, outgoing.until)
        if isinstance(response, httpx2.Response):
            if response.status_code in _GONE:
                raise MessageDeleted(_MESSAGE_IS_GONE)
            if response.status_code in _CANNOT_BE_ASKED:
                raise Refused(_CANNOT_EDIT, RefusalScope.PART)
        raise_for_response(response, RefusalScope.PART, datetime.now(UTC))

    async def open_thread(self, ref: MessageRef, title: str) -> MessageRef:
        key = f"thread:{ref.id}"
        body = {
            "kind": "thread",
            "key": key,
            "target": ref.target.channel,
            "message": ref.id,
            "title": title,
        }
        response = await self._send("POST", self._address(ref.target), body, RefusalScope.PART)
        thread = parse_ref(ref.target, response)
        return MessageRef(ref.target, ref.id, thread.thread or thread.id)

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        body = {
            "kind": "pin",
            "key": f"pin:{ref.id}:{uuid4()}",
            "target": ref.target.channel,
            "message": ref.id,
            "pinned": pinned,
        }
        await self._send("POST", self._address(ref.target), body, RefusalScope.PART)

    async def send_direct_message(self, workspace: str, person: str, card: Card) -> None:
        target = Target(NAME, "", DIRECT_CHANNEL)
        if DIRECT_CHANNEL not in self._channels:
            raise Refused(_NO_DIRECT_CHANNEL.format(channel=DIRECT_CHANNEL), RefusalScope.PART)
        for message in self.render(card):
            body = {"kind": "direct", "key": f"direct:{uuid4()}", "to": person, **message}
            await self._send("POST", self._address(target), body, RefusalScope.PART)

    async def check_channel(self, target: Target) -> tuple[str, ...]:
        try:
            found = await self.find(target, "check", datetime.now(UTC))
        except (Refused, TryLater, Unknown) as error:
            return (str(error),)
        if found is MessageUnknown.UNKNOWN:
            return (_CANNOT_FIND,)
        return ()

    async def diagnose(self) -> tuple[str, ...]:
        return ()  # each channel has a receiver of its own

    async def close(self) -> None:
        await self._client.aclose()

    def _address(self, target: Target) -> httpx2.URL:
        """Return the URL of a channel. Raises Refused if none is configured."""
        address = self._channels.get(target.channel)
        if address is None:
            raise Refused(_NO_CHANNEL.format(channel=repr(target.channel)), RefusalScope.CHANNEL)
        return address

    async def _send(
        self,
        method: str,
        address: httpx2.URL,
        body: Mapping[str, object],
        missing: RefusalScope,
        until: float | None = None,
    ) -> httpx2.Response:
        """Send a body, not after `until`, and return the successful response."""
        response = await self._request(method, address, body, until)
        return raise_for_response(response, missing, datetime.now(UTC))

    async def _request(
        self, method: str, address: httpx2.URL, body: Mapping[str, object], until: float | None
    ) -> httpx2.Response | Exception:
        """Send a body, and return the response, or the error that took its place."""
        headers = {"Content-Type": "application/json"}
        if method == "POST" and "key" in body:
            headers["Idempotency-Key"] = quote(str(body["key"]), safe="/:")
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return await self._exchange(method, address, content, headers, until)

    async def _exchange(
        self,
        method: str,
        address: httpx2.URL,
        content: bytes,
        headers: Mapping[str, str],
        until: float | None = None,
    ) -> httpx2.Response | Exception:
        """Return the response, whatever its status, or the error that took its place."""
        if until is None:
            until = asyncio.get_running_loop().time() + self.timeout.total_seconds()
        signed = {**headers, **_signature(self._secret, content, datetime.now(UTC))}
        try:
            async with asyncio.timeout_at(until):
                async with self._client.stream(
                    method,
                    address,
                    content=content,
                    headers=signed,
                    extensions={"trace": _deadline_trace(until)},
                ) as response:
                    return await read_bounded(response)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
            return error


def _message_body(target: Target, outgoing: OutgoingMessage) -> dict[str, object]:
    return {
        "kind": "message",
        "key": outgoing.key,
        "target": target.channel,
        "thread": outgoing.thread,
        "title": outgoing.title,
        "tags": outgoing.tags,
        "mention": outgoing.mention,
        "mentions": list(outgoing.mentions),
        **outgoing.payload,
    }


def _deadline_trace(until: float) -> Callable[[str, object], Awaitable[None]]:
    """Return a trace that aborts a request whose deadline passed before it was sent.

    A process that was suspended would otherwise send it before noticing its timeout, when another
    process that took over the lease may have sent the same message.
    """

    async def trace(event: str, _: object) -> None:
        # Headers and body are two writes; headers alone are no complete request.
        if not event.endswith(_WRITES):
            return
        signal_sent()
        # Last, so that as little as can be is between this and the write.
        if asyncio.get_running_loop().time() > until:
            raise TimeoutError

    return trace


def _signature(secret: bytes, content: bytes, now: datetime) -> dict[str, str]:
    timestamp = str(int(now.timestamp()))
    digest = hmac.new(secret, timestamp.encode() + b"." + content, hashlib.sha256).hexdigest()
    return {"X-Paperboy-Timestamp": timestamp, "X-Paperboy-Signature": f"sha256={digest}"}


def _append_path(address: httpx2.URL, name: str) -> httpx2.URL:
    """Return the URL with one more path segment."""
    path, mark, query = address.raw_path.decode().partition("?")
    whole = f"{path.rstrip('/')}/{quote(name, safe='')}{mark}{query}"
    return address.copy_with(raw_path=whole.encode())
