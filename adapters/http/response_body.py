"""Reads an answer piece by piece, and no more of it than is allowed, packed or unpacked."""

import zlib
from collections.abc import AsyncIterable, Mapping

from bot.ports.errors import RefusalScope, Refused, TryLater

ENCODING = "gzip"
"""The one compression that is asked for."""

_GZIP = 16 + zlib.MAX_WBITS
_MAGIC = b"\x1f\x8b"


async def read(chunks: AsyncIterable[bytes], headers: Mapping[str, str], max_bytes: int) -> bytes:
    """Return the body, unpacked; `headers` by their lower-case names.

    Raises Refused where it holds more than `most` bytes, TryLater where it is cut off.
    """
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > max_bytes:
        raise _too_large(max_bytes)
    match headers.get("content-encoding", "").strip().lower():
        case "" | "identity":
            return await _plain(chunks, max_bytes)
        case "gzip" | "x-gzip":
            return await _unpacked(chunks, max_bytes)
        case other:
            raise Refused(
                f"it is packed as {other[:40]!r}, which was not asked for.", RefusalScope.PART
            )


async def _plain(pieces: AsyncIterable[bytes], most: int) -> bytes:
    body = bytearray()
    async for piece in pieces:
        body += piece
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


async def _unpacked(pieces: AsyncIterable[bytes], most: int) -> bytes:
    """Unpack what comes; never more at once than is still allowed, however small it was packed."""
    body = bytearray()
    came = 0
    unpacking = zlib.decompressobj(_GZIP)
    try:
        async for piece in pieces:
            came += len(piece)
            rest = piece
            while rest:
                if unpacking.eof:  # a file may be packed in several parts
                    if not rest.startswith(_MAGIC):
                        break
                    unpacking = zlib.decompressobj(_GZIP)
                body += unpacking.decompress(rest, most + 1 - len(body))
                if max(len(body), came) > most:
                    raise _too_large(most)
                rest = unpacking.unused_data if unpacking.eof else unpacking.unconsumed_tail
    except zlib.error:
        raise TryLater(None, "its compression is damaged; try again later.") from None
    if came and not unpacking.eof:
        raise TryLater(None, "it was cut off; try again later.")
    return bytes(body)


def _too_large(most: int) -> Refused:
    return Refused(f"it holds more than {_size(most)}.", RefusalScope.PART)


def _size(count: int) -> str:
    return f"{count // 1024**2} MiB" if count >= 1024**2 else f"{count} bytes"
