"""Adds the key and the mention of a delivery to a message (pure).

The key stands in the message's metadata and, hashed, in the block_id of its first block, in case
the metadata is lost. Slack stores both and displays neither.
"""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from bot.ports.platform import OutgoingMessage

_EVENT = "paperboy_part"
_NO_PREVIEW = {"unfurl_links": False, "unfurl_media": False}
_GROUP_ID = re.compile(r"S[A-Z0-9]+")
"""Anything else mentions no one, least of all everyone."""


def build_body(outgoing: OutgoingMessage) -> dict[str, Any]:
    """Return the body of a post: the message with its key and mention."""
    found: dict[str, Any] = dict(outgoing.payload)
    blocks = [dict(block) for block in found["blocks"]]
    if outgoing.key:
        blocks[0]["block_id"] = _block_id(outgoing.key)
        found["metadata"] = {"event_type": _EVENT, "event_payload": {"key": outgoing.key}}
    groups = [each for each in outgoing.mentions if _GROUP_ID.fullmatch(each)]
    if groups:
        blocks.insert(0, _mention(groups))
    # No link preview.
    return found | {"blocks": blocks, **_NO_PREVIEW}


def build_edit(outgoing: OutgoingMessage) -> dict[str, Any]:
    """Return the body of an edit: as of a post, without what chat.update does not know."""
    body = build_body(outgoing)
    return {name: value for name, value in body.items() if name not in _NO_PREVIEW}


def has_key(message: Mapping[str, Any], key: str) -> bool:
    """Return whether a message of a channel's history has this key."""
    metadata = message.get("metadata") or {}
    told = metadata.get("event_type") == _EVENT and metadata.get("event_payload", {}).get("key")
    if told:
        return bool(told == key)
    marked = _block_id(key)
    return any(block.get("block_id") == marked for block in message.get("blocks") or ())


def _mention(groups: Sequence[str]) -> dict[str, Any]:
    """Return a block that mentions user groups."""
    text = " ".join(f"<!subteam^{group}>" for group in groups)
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _block_id(key: str) -> str:
    return "paperboy-" + sha256(key.encode()).hexdigest()[:32]
