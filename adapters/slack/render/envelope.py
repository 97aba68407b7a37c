"""Adds to a message what its delivery needs: a key and a mention (pure).

The key is found again in the message's metadata, and, where that was taken away, by the block_id
of its first block; Slack keeps both with a message and shows them to nobody.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from bot.ports.platform import OutgoingMessage

_EVENT = "paperboy_part"


def build_body(outgoing: OutgoingMessage) -> dict[str, Any]:
    """Return a message with its key and its mention, as it is posted."""
    found: dict[str, Any] = dict(outgoing.payload)
    blocks = [dict(block) for block in found["blocks"]]
    if outgoing.key:
        blocks[0]["block_id"] = _block_id(outgoing.key)
        found["metadata"] = {"event_type": _EVENT, "event_payload": {"key": outgoing.key}}
    if outgoing.mention:
        blocks.insert(0, _mention(outgoing.mention))
    # No link in it is to unfold into a picture of another page.
    return found | {"blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def has_key(message: Mapping[str, Any], key: str) -> bool:
    """Tell whether a message in a channel's history is the one with this key."""
    metadata = message.get("metadata") or {}
    told = metadata.get("event_type") == _EVENT and metadata.get("event_payload", {}).get("key")
    if told:
        return bool(told == key)
    marked = _block_id(key)
    return any(block.get("block_id") == marked for block in message.get("blocks") or ())


def _mention(group: str) -> dict[str, Any]:
    """Return a block that calls the people of a user group."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": f"<!subteam^{group}>"}}


def _block_id(key: str) -> str:
    return "paperboy-" + sha256(key.encode()).hexdigest()[:32]
