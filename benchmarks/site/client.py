"""Asks for pages over kept connections, with as little work of its own as can be."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

_REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\nUser-Agent: bench\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One page."""

    path: str
    seconds: float
    status: int
    size: int
    """Bytes that were sent."""
    cpu: float = 0.0
    """Seconds of CPU that the server took."""
    beside: float = 0.0
    """Seconds that the bare page took right after it."""


class Connection:
    """A kept connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> "Connection":
        """Connect to a port of the loopback interface."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def get(self, path: str) -> Answer:
        """Ask for a page and read all of it."""
        started = time.perf_counter()
        self._writer.write(_REQUEST.format(path=path).encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        size = 0
        if (place := head.find(b"content-length: ")) >= 0:
            size = int(head[place + 16 : head.index(b"\r\n", place)])
            await self._reader.readexactly(size)
        elif b"transfer-encoding: chunked" in head:
            while length := int(await self._reader.readuntil(b"\r\n"), 16):
                await self._reader.readexactly(length + 2)
                size += length
            await self._reader.readexactly(2)
        return Answer(path, time.perf_counter() - started, int(head[9:12]), size)

    def close(self) -> None:
        """Let go of it."""
        self._writer.close()


async def ask_in_turn(port: int, paths: Sequence[str], process: int, bare: int) -> list[Answer]:
    """Ask a process for one page after another, and see what CPU each took it.

    After each the bare page is asked for, at another port: how busy the machine is just then.
    """
    connection, other, found = await Connection.open(port), await Connection.open(bare), []
    for path in paths:
        before = _cpu_seconds(process)
        answer = await connection.get(path)
        cpu = _cpu_seconds(process) - before
        found.append(replace(answer, cpu=cpu, beside=(await other.get("/")).seconds))
    connection.close()
    other.close()
    return found


def _cpu_seconds(process: int) -> float:
    """Return the CPU time of all threads of a process, as Linux counts it."""
    total = 0
    for thread in Path(f"/proc/{process}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):
            total += int((thread / "schedstat").read_text(encoding="ascii").split()[0])
    return total / 1e9


async def ask_at_once(
    port: int, paths: Sequence[str], connections: int, seconds: float
) -> tuple[list[Answer], float]:
    """Ask on several connections for a while; return the answers and the time it took."""
    until = time.perf_counter() + seconds

    async def ask(number: int) -> list[Answer]:
        connection, found, place = await Connection.open(port), [], number
        while time.perf_counter() < until:
            found.append(await connection.get(paths[place % len(paths)]))
            place += connections
        connection.close()
        return found

    started = time.perf_counter()
    each = await asyncio.gather(*(ask(number) for number in range(connections)))
    return [answer for answers in each for answer in answers], time.perf_counter() - started
