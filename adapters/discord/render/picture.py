"""Puts a picture into a message (pure).

Source: https://docs.discord.com/developers/reference#uploading-files.
"""

from typing import Any

from adapters.discord import limits
from adapters.discord.render.controls import ACTION_ROW
from bot.cards.fit import truncate
from bot.model.picture import Picture
from bot.ports.platform import NativeMessage

_MEDIA_GALLERY = 12


def add_picture(message: NativeMessage, picture: Picture) -> dict[str, Any]:
    """Return a message that shows its first attachment: above its controls, or in its embed."""
    found: dict[str, Any] = dict(message)
    url = f"attachment://{picture.name}"
    description = truncate(picture.description, limits.ATTACHMENT_DESCRIPTION)
    found["attachments"] = [{"id": "0", "filename": picture.name, "description": description}]
    if "components" in found and "embeds" not in found:
        container = dict(found["components"][0])
        inner = list(container["components"])
        gallery = {
            "type": _MEDIA_GALLERY,
            "items": [{"media": {"url": url}, "description": description}],
        }
        rows = [place for place, each in enumerate(inner) if each["type"] == ACTION_ROW]
        inner.insert(rows[0] if rows else len(inner), gallery)
        found["components"] = [container | {"components": inner}, *found["components"][1:]]
    elif found.get("embeds"):
        first, *others = found["embeds"]
        found["embeds"] = [{**first, "image": {"url": url}}, *others]
    return found
