"""Puts an uploaded picture into a message (pure)."""

from collections.abc import Mapping
from typing import Any

from adapters.slack import limits
from bot.cards.fit import truncate
from bot.ports.platform import NativeMessage


def add_picture(message: NativeMessage, file: str, description: str) -> dict[str, Any]:
    """Return a message that shows an uploaded file, above its controls; unless it is full."""
    blocks = _blocks(message)
    if len(blocks) >= limits.BLOCKS:
        return dict(message)
    picture = {
        "type": "image",
        "slack_file": {"id": file},
        "alt_text": truncate(description, limits.ALT_TEXT),
    }
    rows = [place for place, each in enumerate(blocks) if each["type"] == "actions"]
    place = rows[0] if rows else len(blocks)
    return {**message, "blocks": [*blocks[:place], picture, *blocks[place:]]}


def has_picture(message: Mapping[str, Any]) -> bool:
    """Return whether a message shows a picture."""
    return any(block["type"] == "image" for block in _blocks(message))


def remove_picture(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message without its picture."""
    blocks = [block for block in _blocks(message) if block["type"] != "image"]
    return {**message, "blocks": blocks}


def _blocks(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    blocks = message.get("blocks")
    return list(blocks) if isinstance(blocks, list) else []
