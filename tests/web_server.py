"""A host on a real socket that serves what tests put there, remembers, and is odd as told."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

RawHandler = Callable[[asyncio.StreamWriter], Awaitable[None]]
"""Writes whatever it likes to a connection, which is closed afterwards."""


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request that came."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By lower-case name."""
    at: float
    """Seconds of the loop's clock."""

    @property
    def is_conditional(self) -> bool:
        """Whether it asks only for what changed."""
        return "if-none-match" in self.headers or "if-modified-since" in self.headers


@dataclass(frozen=True, slots=True)
class Page:
    """What lies at a path."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    has_etag: bool = True

    @property
    def etag(self) -> str:
        """What this version is called."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"' if self.has_etag else ""


PageFactory = Callable[[ReceivedRequest], Page]


class WebServer:
    """A host; use it as an asynchronous context."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.answers: dict[str, PageFactory] = {}
        """Paths whose pages are made for each request."""
        self.raw_handlers: dict[str, RawHandler] = {}
        self.asked: list[ReceivedRequest] = []
        self.open = 0
        """How many requests are being answered just now."""
        self.max_concurrent = 0
        self.sent = 0
        """Bytes that odd pages wrote."""
        self._server: asyncio.Server | None = None
        self._port = 0
        self._writers: set[asyncio.StreamWriter] = set()

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
        for writer in tuple(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """Return the address of a path."""
        return f"http://{host}:{self._port}{path}"

    def put(self, path: str, body: bytes | str, **more: str) -> None:
        """Let this lie at a path; `more` are headers, with underscores for dashes."""
        content = body.encode() if isinstance(body, str) else body
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        self.pages[path] = Page(content, headers=headers)

    def paths(self) -> list[str]:
        """Return the paths that were asked for, in order."""
        return [each.path for each in self.asked]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while asked := await _read(reader):
                self.asked.append(asked)
                self.open += 1
                self.max_concurrent = max(self.open, self.max_concurrent)
                try:
                    if not await self._answer(asked, writer):
                        break
                finally:
                    self.open -= 1
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # its end, or ours
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, asked: ReceivedRequest, writer: asyncio.StreamWriter) -> bool:
        if asked.path in self.raw_handlers:
            await self.raw_handlers[asked.path](writer)
            return False
        made = self.answers.get(asked.path)
        page = made(asked) if made else self.pages.get(asked.path, Page(status=404))
        is_known = page.status == 200 and page.etag and asked.headers.get(
            "if-none-match"
        ) == page.etag  # fmt: skip
        body = b"" if is_known else page.body
        headers = {"Content-Length": str(len(body)), **page.headers}
        if page.etag:
            headers["ETag"] = page.etag
        if is_known:
            del headers["Content-Length"]
        status = 304 if is_known else page.status
        lines = [f"HTTP/1.1 {status} Said", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()
        return True

    def endless(
        self, head: str, piece: bytes, pause: float = 0.0, most: int = 1 << 40
    ) -> RawHandler:
        """Return what sends a head and then the same piece again and again."""

        async def misbehave(writer: asyncio.StreamWriter) -> None:
            writer.write(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode())
            while self.sent < most:
                writer.write(piece)
                await writer.drain()
                self.sent += len(piece)
                await asyncio.sleep(pause)

        return misbehave


async def _read(reader: asyncio.StreamReader) -> ReceivedRequest | None:
    """Return the next request of a connection, or None at its end."""
    first = await reader.readline()
    if not first.strip():
        return None
    address = first.decode().split(" ", 2)[1]
    headers = {}
    while line := (await reader.readline()).strip():
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return ReceivedRequest(parts.path, query, headers, asyncio.get_running_loop().time())
