"""A webhook receiver on a real socket that remembers, checks, counts, and fails as it is told."""

import asyncio
import hashlib
import hmac
import json
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.request_stages import RequestStage, StageHook
from tests.waiting import let_pending_in

SECRET = "loopback"


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request that arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By lower-case name."""
    content: bytes
    body: Mapping[str, Any]
    time: float
    """Seconds of the stopwatch."""

    @property
    def channel(self) -> str:
        """Return the first step of the path, which is the channel."""
        return unquote(self.path.split("/")[1])

    @property
    def key(self) -> str:
        """Return the key that it carries, or asks for."""
        return str(self.body.get("key", "")) or self.query.get("key", "")


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was accepted."""

    id: str
    channel: str
    key: str
    thread: str
    time: float
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """How one request fails; what is not said goes well."""

    status: int = 0
    """Answered instead of the true answer; 0 for none."""
    retry_after: str = ""
    accepts: bool = False
    """Whether a request that fails with a status or without a whole answer is accepted first."""
    sent: float = 1.0
    """The share of the answer that is sent before the connection breaks; 1 for a whole one."""
    delay: float = 0.0
    """Seconds before the answer."""


LOST = Fault(accepts=True, sent=0.0)
HALF = Fault(accepts=True, sent=0.5)
BROKEN = Fault(sent=0.0)
"""The connection breaks before the request is accepted."""

Faults = Callable[[ReceivedRequest], Fault | None]


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many requests in any span of so many seconds."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Rules:
    """How a receiver behaves."""

    overall: Rate | None = None
    per_channel: Rate | None = None
    deduplicates: bool = False
    """Whether a key that it knows makes no second message; without it, doubles are seen."""
    finds: bool = True
    """Whether it can be asked for a key."""


def fault_script(faults: Iterable[Fault | None]) -> Faults:
    """Return these faults, one a request; after the last one all goes well."""
    left = iter(tuple(faults))
    return lambda _: next(left, None)


def random_faults(seed: int, chances: Mapping[Fault, float]) -> Faults:
    """Return faults by their probabilities; the same seed fails the same way."""
    chance = random.Random(seed)  # noqa: S311 - a test's dice

    def fault(_: ReceivedRequest) -> Fault | None:
        thrown = chance.random()
        for each, probability in chances.items():
            thrown -= probability
            if thrown < 0:
                return each
        return None

    return fault


class RateLimit:
    """Keeps to a rate; strict, with no burst above it."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._passed: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Return the seconds until it opens; 0 where it is open."""
        while self._passed and now - self._passed[0] >= self._rate.seconds:
            self._passed.popleft()
        if len(self._passed) < self._rate.count:
            return 0.0
        return self._passed[-self._rate.count] + self._rate.seconds - now

    def enter(self, now: float) -> None:
        """Count one request."""
        self._passed.append(now)


class RateLimits:
    """Keeps to the overall rate and that of each channel."""

    def __init__(self, rules: Rules) -> None:
        self._overall = RateLimit(rules.overall) if rules.overall else None
        self._rate = rules.per_channel
        self._channels: dict[str, RateLimit] = {}

    def refuse(self, channel: str, now: float) -> float:
        """Return how many seconds too early a request is; count it where it is not."""
        gates = [self._overall] if self._overall else []
        if self._rate:
            gates.append(self._channels.setdefault(channel, RateLimit(self._rate)))
        wait = max((gate.wait(now) for gate in gates), default=0.0)
        if not wait:
            for gate in gates:
                gate.enter(now)
        return wait


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: Mapping[str, object] = field(default_factory=dict)
    retry_after: str = ""

    def encoded(self) -> bytes:
        content = json.dumps(self.body).encode()
        lines = [
            f"HTTP/1.1 {self.status} -",
            "Content-Type: application/json",
            f"Content-Length: {len(content)}",
        ]
        if self.retry_after:
            lines.append(f"Retry-After: {self.retry_after}")
        return "\r\n".join((*lines, "", "")).encode() + content


class WebhookReceiver:
    """The receiver; `async with` opens it on a free port of 127.0.0.1."""

    def __init__(self, rules: Rules | None = None, faults: Faults | None = None) -> None:
        self.rules = rules or Rules()
        self.faults: Faults = faults or (lambda _: None)
        self.hold: StageHook | None = None
        self.ledger: list[Message] = []
        """What was accepted, in order: messages, threads and direct messages."""
        self.arrivals: list[ReceivedRequest] = []
        """Every signed request that the rates let in."""
        self.refusals: Counter[int] = Counter()
        """How often it answered each status of 400 or more, faults that were asked for apart."""
        self.pinned: set[str] = set()
        self._gates = RateLimits(self.rules)
        self._server: asyncio.Server | None = None
        self._port = 0
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server
        self._server.close()
        for writer in tuple(self._open):
            writer.close()
        await self._server.wait_closed()

    def url(self, channel: str) -> str:
        """Return the address of a channel."""
        return f"http://127.0.0.1:{self._port}/{channel}"

    def in_channel(self, channel: str) -> list[Message]:
        """Return what was accepted in a channel, in order."""
        return [message for message in self.ledger if message.channel == channel]

    def duplicates(self) -> list[str]:
        """Return the keys that were accepted more than once."""
        return [key for key, times in Counter(m.key for m in self.ledger).items() if times > 1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while arrival := await _read(reader):
                await self._answer(arrival, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # its end, or ours
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, arrival: ReceivedRequest, writer: asyncio.StreamWriter) -> None:
        if arrival.method == "GET":
            await let_pending_in()
        refused = self._refused(arrival)
        if refused:
            self.refusals[refused.status] += 1
            await _send(writer, refused, 1.0)
            return
        self.arrivals.append(arrival)
        fault = self.faults(arrival) or Fault()
        fails = fault.status or fault.sent < 1
        await self._pass(RequestStage.ARRIVED, arrival)
        answer = self._take(arrival) if fault.accepts or not fails else _Answer(500)
        await self._pass(RequestStage.ACCEPTED, arrival)
        await asyncio.sleep(fault.delay)
        if fault.status:
            answer = _Answer(fault.status, retry_after=fault.retry_after)
        await _send(writer, answer, fault.sent)
        await self._pass(RequestStage.ANSWERED, arrival)

    async def _pass(self, point: RequestStage, arrival: ReceivedRequest) -> None:
        if self.hold and arrival.method in {"POST", "PUT"}:
            await self.hold(point)

    def _refused(self, arrival: ReceivedRequest) -> _Answer | None:
        if not _is_signed(arrival):
            return _Answer(401)
        wait = self._gates.refuse(arrival.channel, arrival.time)
        return _Answer(429, retry_after=f"{wait + 0.001:.3f}") if wait else None

    def _take(self, arrival: ReceivedRequest) -> _Answer:
        match arrival.method:
            case "GET":
                return self._find(arrival)
            case "PUT":
                return self._edit(arrival)
            case _:
                return self._accept(arrival)

    def _find(self, arrival: ReceivedRequest) -> _Answer:
        if not self.rules.finds:
            return _Answer(405)
        found = next((m for m in self.in_channel(arrival.channel) if m.key == arrival.key), None)
        return _shown(found) if found else _Answer(404)

    def _edit(self, arrival: ReceivedRequest) -> _Answer:
        number = unquote(arrival.path.split("/")[2])
        for place, message in enumerate(self.ledger):
            if message.id == number:
                edits = message.body.get("edits", 0) + 1
                body = {**message.body, **arrival.body, "edits": edits}
                self.ledger[place] = Message(
                    number, message.channel, message.key, message.thread, message.time, body
                )
                return _shown(message)
        return _Answer(404)

    def _accept(self, arrival: ReceivedRequest) -> _Answer:
        body = arrival.body
        if body["kind"] == "pin":
            pin = self.pinned.add if body["pinned"] else self.pinned.discard
            pin(body["message"])
            return _Answer(200, {"id": body["message"]})
        known = next((m for m in self.ledger if m.key == arrival.key), None)
        if known and (self.rules.deduplicates or body["kind"] == "thread"):
            # Opening a thread twice is once; a receiver has to promise that.
            return _shown(known)
        number = f"{arrival.channel}/{len(self.ledger) + 1}"
        thread = number if body["kind"] == "thread" else body.get("thread", "")
        message = Message(number, arrival.channel, arrival.key, thread, arrival.time, body)
        self.ledger.append(message)
        return _shown(message)


def _shown(message: Message) -> _Answer:
    return _Answer(200, {"id": message.id, "thread": message.thread})


def _is_signed(arrival: ReceivedRequest) -> bool:
    timestamp = arrival.headers.get("x-paperboy-timestamp", "")
    signed = f"{timestamp}.".encode() + arrival.content
    digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    said = arrival.headers.get("x-paperboy-signature", "")
    return hmac.compare_digest(said, f"sha256={digest}")


async def _read(reader: asyncio.StreamReader) -> ReceivedRequest | None:
    """Return the next request of a connection, or None at its end."""
    first = await reader.readline()
    if not first.strip():
        return None
    method, address, _ = first.decode().split(" ", 2)
    headers = {}
    while line := (await reader.readline()).strip():
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    content = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(address)
    return ReceivedRequest(
        method,
        parts.path,
        {name: values[0] for name, values in parse_qs(parts.query).items()},
        headers,
        content,
        json.loads(content) if content else {},
        time.monotonic(),
    )


async def _send(writer: asyncio.StreamWriter, answer: _Answer, share: float) -> None:
    encoded = answer.encoded()
    writer.write(encoded[: int(len(encoded) * share)])
    await writer.drain()
    if share < 1:
        raise ConnectionAbortedError
