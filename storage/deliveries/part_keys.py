"""Derives the key of a part, and its place in the order of its channel (pure)."""

import base64
import hashlib

from storage.deliveries.row_mapping import StoredRow

KEY_LENGTH = 25
"""Characters of a part's key: 125 bits, so that no two parts share one."""

_PARTS, _CHUNKS = 10_000, 1_000
"""The most parts of a delivery, and messages of a part, that sequence numbers have room for."""


def part_key(
    token: str,
    delivery: StoredRow,
    place: tuple[str, int],
    chunk: int,
    turn: int = 0,
) -> str:
    """Return the key of a part: the same for the same message, whenever it is made.

    `turn` counts the deliveries that had the same name before, as where a week was renamed.
    """
    kind, position = place
    name = (
        token,
        delivery["purpose"],
        delivery["year"],
        delivery["number"],
        kind,
        position,
        chunk,
        # A paper may get another thread where the first one was deleted.
        *([delivery["paper"], delivery["id"]] if delivery["paper"] else []),
        *([f"turn {turn}"] if turn else []),
    )
    digest = hashlib.sha256("/".join(map(str, name)).encode()).digest()
    return base64.b32encode(digest).decode().lower()[:KEY_LENGTH]


def sequence_number(delivery: int, rank: int, chunk: int) -> int:
    """Return the place of a message in the order of its channel."""
    return (delivery * _PARTS + rank) * _CHUNKS + chunk
