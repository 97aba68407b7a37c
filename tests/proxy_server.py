"""An HTTP proxy on loopback that remembers what went through it, and asks for a password."""

import asyncio
import base64
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

NAME, PASSWORD = "paperboy", "of-the-office"


class ProxyServer:
    """Takes CONNECT, and requests with whole addresses; any host name means loopback."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        """The first line of each connection's first request."""
        self.refused = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Return its address, with the name and the password that it wants."""
        return f"http://{NAME}:{PASSWORD}@127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        assert self._server
        return int(self._server.sockets[0].getsockname()[1])

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        assert self._server
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            await self._pass_on(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *headers = head.decode("latin-1").split("\r\n")
        self.asked.append(first)
        given = {line.partition(": ")[0].lower(): line.partition(": ")[2] for line in headers}
        secret = base64.b64encode(f"{NAME}:{PASSWORD}".encode()).decode()
        if given.get("proxy-authorization") != f"Basic {secret}":
            self.refused += 1
            writer.write(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
            )
            await writer.drain()
            return
        method, address, _ = first.split(" ")
        is_tunnel = method == "CONNECT"
        port = int(address.rpartition(":")[2]) if is_tunnel else urlsplit(address).port
        there, here = await asyncio.open_connection("127.0.0.1", port)
        try:
            if is_tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                here.write(head)
            await asyncio.gather(_copy(reader, here), _copy(there, writer))
        finally:
            here.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
        await target.drain()
    target.close()
