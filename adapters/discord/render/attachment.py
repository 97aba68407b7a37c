"""Puts a file into a message (pure).

Source: https://docs.discord.com/developers/components/reference#file.
"""

from typing import Any

from bot.model.attachment import Attachment
from bot.ports.platform import NativeMessage

_FILE = 13


def add_attachment(message: NativeMessage, attachment: Attachment) -> dict[str, Any]:
    """Return a message that shows its first attachment below what it says."""
    found: dict[str, Any] = dict(message)
    found["attachments"] = [{"id": "0", "filename": attachment.name}]
    if "components" in found and "embeds" not in found:
        file = {"type": _FILE, "file": {"url": f"attachment://{attachment.name}"}}
        found["components"] = [*found["components"], file]
    return found
