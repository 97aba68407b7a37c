"""What a receiver answers is bounded: neither its size nor its contents can harm the program."""

import asyncio
import gzip
import json
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from adapters.webhook.limits import ID_CHARACTERS, RESPONSE_BYTES
from bot.ports.errors import Unknown
from bot.ports.platform import MessageAbsent
from tests.test_webhook import LONG_AGO, PAPERS, outgoing, to

_CHUNK = 1 << 16


@asynccontextmanager
async def receiver(body: bytes, *headers: str, status: int = 200) -> AsyncIterator[str]:
    """Answer every request with this; yield the address."""
    length = f"Content-Length: {len(body)}"
    head = "\r\n".join((f"HTTP/1.1 {status} -", length, *headers, "", "")).encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        with suppress(ConnectionError):  # the client has enough
            for start in range(0, len(body), _CHUNK):
                writer.write(body[start : start + _CHUNK])
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/papers"


BOMB = gzip.compress(json.dumps({"id": "1", "more": "a" * (1 << 24)}).encode())


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BOMB, ("Content-Encoding: gzip",)),
        (json.dumps({"id": "1", "more": "a" * (1 << 24)}).encode(), ()),
        (json.dumps({"id": "1", "more": "a" * RESPONSE_BYTES}).encode(), ()),
        (b"[" * RESPONSE_BYTES, ()),
        (b'{"id": "\\ud800"}', ()),
        (b'{"id": "a\\u001b[31m"}', ()),
        (json.dumps({"id": "a" * (ID_CHARACTERS + 1)}).encode(), ()),
        (b"\xff\xfe{", ()),
        (b'{"id": 5}', ()),
    ],
    ids=["gzip", "16 MB", "64 kB", "deep", "surrogate", "escape", "long id", "bytes", "number"],
)
async def test_an_answer_that_names_no_message_is_in_doubt(
    body: bytes, headers: tuple[str, ...]
) -> None:
    async with receiver(body, *headers) as url:
        webhook = to(url)
        tracemalloc.start()
        with pytest.raises(Unknown, match="without the message's id"):
            await webhook.post(PAPERS, outgoing())
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        with pytest.raises(Unknown):
            await webhook.find(PAPERS, "part-1", LONG_AGO)
        await webhook.close()
    assert peak < 8 * 1024 * 1024


async def test_an_answer_within_the_bounds_is_read() -> None:
    async with receiver(json.dumps({"id": "1", "thread": "\n", "url": "x"}).encode()) as url:
        webhook = to(url)
        ref = await webhook.post(PAPERS, outgoing())
        await webhook.close()
    assert (ref.id, ref.thread, ref.url) == ("1", "", "")


async def test_a_large_refusal_is_understood_by_its_status() -> None:
    async with receiver(b"a" * (1 << 22), status=404) as url:
        webhook = to(url)
        assert await webhook.find(PAPERS, "part-1", LONG_AGO) is MessageAbsent.ABSENT
        await webhook.close()
