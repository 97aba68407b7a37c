"""The receiving side of Discord and Slack, as little of it as an adapter needs to post.

The loopback servers of the tests take longer for a request than an adapter does. This one parses
no body, so that it is the adapter that is measured. It keeps to the rates without any slack, and
counts what comes too early and what comes twice.
"""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from tests.webhook_receiver import Rate, RateLimit

ANSWER_SECONDS = 0.08
"""How long an answer takes, as over the internet."""

Answer = tuple[int, Mapping[str, object], Mapping[str, Any]]
"""Status, headers and body of an answer."""

_WORKSPACE = {"ok": True, "team_id": "T1", "url": "https://t.slack.com/", "user_id": "U1"}


class Receiver:
    """What came, and how it is answered."""

    def __init__(
        self, overall: Rate, per_channel: Rate, channels: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self.times: list[float] = []
        """When messages were accepted, by a monotonic clock."""
        self.refused = self.doubled = self.requests = 0
        self.requests_by_last = 0
        """The requests until the last message."""
        self._overall = RateLimit(overall)
        self._per_channel = per_channel
        self._rates: dict[str, RateLimit] = {}
        self._channels = channels
        """As Discord describes them, by id."""
        self._seen: set[int] = set()

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Return the answer to a request that came now."""
        self.requests += 1
        if path.startswith("/api/v10/"):
            return self._discord(method, path.split("/")[3:], body)
        return self._slack(path.rsplit("/", 1)[-1], body)

    def _discord(self, method: str, path: list[str], body: bytes) -> Answer:
        channel, kind = path[1], path[2] if len(path) == 3 else ""
        now = time.monotonic()
        wait = self._overall.wait(now)
        if wait:
            return self._too_early(wait, {"message": "", "retry_after": wait, "global": True})
        self._overall.enter(now)
        if method == "GET":
            return 200, {}, self._channels[channel]
        if method != "POST" or kind not in {"messages", "threads"}:
            return 204, {}, {}
        rate = self._rate(channel)
        wait = rate.wait(now)
        if wait:
            return self._too_early(wait, {"message": "", "retry_after": wait, "global": False})
        rate.enter(now)
        wait = rate.wait(now)
        headers = {
            "X-RateLimit-Bucket": kind,
            "X-RateLimit-Remaining": 0 if wait else 1,
            "X-RateLimit-Reset-After": f"{wait:.3f}",
        }
        return 200, headers, {"id": self._accept(body, now), "channel_id": channel}

    def _slack(self, method: str, body: bytes) -> Answer:
        if method != "chat.postMessage":
            self.requests -= 1  # other methods have rates of their own
            return 200, {}, _WORKSPACE
        channel = _text_after(body, b'"channel": "')
        rate, now = self._rate(channel), time.monotonic()
        wait = max(self._overall.wait(now), rate.wait(now))
        if wait:
            return self._too_early(wait, {"ok": False, "error": "ratelimited"})
        self._overall.enter(now)
        rate.enter(now)
        return 200, {}, {"ok": True, "channel": channel, "ts": f"{self._accept(body, now)}.000100"}

    def _rate(self, channel: str) -> RateLimit:
        if channel not in self._rates:
            self._rates[channel] = RateLimit(self._per_channel)
        return self._rates[channel]

    def _accept(self, body: bytes, now: float) -> str:
        self.doubled += hash(body) in self._seen
        self._seen.add(hash(body))
        self.times.append(now)
        self.requests_by_last = self.requests
        return str(len(self.times))

    def _too_early(self, wait: float, body: Mapping[str, Any]) -> Answer:
        self.refused += 1
        return 429, {"Retry-After": int(wait) + 1}, body


class _Http(asyncio.Protocol):
    """Just enough of HTTP/1.1: requests with a Content-Length, one after the other."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, mark, rest = self._received.partition(b"\r\n\r\n")
        if not mark:
            return
        length = int(_text_after(head.lower() + b"\r", b"content-length: ") or 0)
        if len(rest) < length:
            return
        self._received = rest[length:]
        method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        status, headers, body = self._receiver.answer(method, path, rest[:length])
        content = json.dumps(body).encode() if status != 204 else b""
        lines = [f"{name}: {value}" for name, value in headers.items()]
        told = "\r\n".join([
            f"HTTP/1.1 {status} -", "Content-Type: application/json",
            f"Content-Length: {len(content)}", *lines, "", "",
        ])  # fmt: skip
        loop = asyncio.get_running_loop()
        loop.call_later(ANSWER_SECONDS, self._transport.write, told.encode() + content)


def _text_after(text: bytes, mark: bytes) -> str:
    """Return what stands between a mark and the next quote or end of line."""
    _, _, rest = text.partition(mark)
    return rest[
        : min(i for i in (rest.find(b'"'), rest.find(b"\r"), len(rest)) if i >= 0)
    ].decode()


@dataclass(frozen=True)
class Received:
    """What a receiver tells in the end."""

    times: list[float]
    """When messages were accepted, by a monotonic clock."""
    requests: int
    """Until the last message."""
    refused: int
    doubled: int


class ReceiverProcess:
    """A receiver in a process of its own; `async with` starts it."""

    def __init__(self, receiver: Receiver) -> None:
        self._ours, self._theirs = Pipe()
        self._process = get_context("fork").Process(
            target=_serve, args=(self._theirs, receiver), daemon=True
        )
        self.port = 0

    async def __aenter__(self) -> Self:
        self._process.start()
        self.port = await asyncio.to_thread(self._ours.recv)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.terminate()
        await asyncio.to_thread(self._process.join)

    async def result(self) -> Received:
        """Return what came."""
        self._ours.send("done")
        told: Received = await asyncio.to_thread(self._ours.recv)
        return told


def _serve(pipe: Connection, receiver: Receiver) -> None:
    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Http(receiver), "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        while await asyncio.to_thread(pipe.recv):
            told = receiver
            pipe.send(Received(told.times, told.requests_by_last, told.refused, told.doubled))

    asyncio.run(serve())
