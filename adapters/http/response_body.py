"""Reads a response body in chunks, within a size limit before and after decompression."""

import zlib
from collections.abc import AsyncIterable, Mapping

from bot.ports.errors import TryLater
from bot.ports.web import FetchRefused

ENCODING = "gzip"
"""The only content encoding that is requested."""

_GZIP = 16 + zlib.MAX_WBITS
_MAGIC = b"\x1f\x8b"
_MAX_DIGITS = 15


async def read(chunks: AsyncIterable[bytes], headers: Mapping[str, str], max_bytes: int) -> bytes:
    """Return the decompressed body; `headers` have lower-case names.

    Raises FetchRefused if the body is larger than `max_bytes` before or after decompression or has
    another content encoding, and TryLater if it is truncated or its compression is damaged.
    """
    length = headers.get("content-length", "")
    # More digits than any size needs could not even be converted.
    if length.isdecimal() and (len(length) > _MAX_DIGITS or int(length) > max_bytes):
        raise _too_large(max_bytes)
    match headers.get("content-encoding", "").strip().lower():
        case "" | "identity":
            return await _read_plain(chunks, max_bytes)
        case "gzip" | "x-gzip":
            return await _decompress(chunks, max_bytes)
        case other:
            raise FetchRefused(f"it is packed as {other[:40]!r}, which was not asked for.")


async def _read_plain(chunks: AsyncIterable[bytes], max_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(body)


async def _decompress(chunks: AsyncIterable[bytes], max_bytes: int) -> bytes:
    """Decompress chunk by chunk, never producing more than the limit at once."""
    body = bytearray()
    received = 0
    decompressor = zlib.decompressobj(_GZIP)
    try:
        async for chunk in chunks:
            received += len(chunk)
            rest = chunk
            while rest:
                if decompressor.eof:  # a gzip file may have several members
                    if not rest.startswith(_MAGIC):
                        break
                    decompressor = zlib.decompressobj(_GZIP)
                body += decompressor.decompress(rest, max_bytes + 1 - len(body))
                if max(len(body), received) > max_bytes:
                    raise _too_large(max_bytes)
                rest = (
                    decompressor.unused_data if decompressor.eof else decompressor.unconsumed_tail
                )
    except zlib.error:
        raise TryLater(None, "its compression is damaged; try again later.") from None
    if received and not decompressor.eof:
        raise TryLater(None, "it was cut off; try again later.")
    return bytes(body)


def _too_large(max_bytes: int) -> FetchRefused:
    return FetchRefused(f"it holds more than {_size(max_bytes)}.")


def _size(count: int) -> str:
    return f"{count // 1024**2} MiB" if count >= 1024**2 else f"{count} bytes"
