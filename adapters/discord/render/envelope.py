"""Adds to a message what its delivery needs: a key, a nonce, a mention (pure).

The key is found again by the ids of two components, which Discord keeps with a message and shows
to nobody: a custom_id would need a button, and many messages have none. A message of the embed
form has no such ids; there a few letters stand in the footer.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from hashlib import sha256
from typing import Any

from adapters.discord import limits
from adapters.discord.render import IS_COMPONENTS_V2
from bot.ports.platform import NativeMessage, OutgoingMessage

_TEXT_DISPLAY = 10
_FIRST_ID = 1 << 20
"""Ids above this cannot meet those that Discord itself counts up from 1."""
_IDS = (1 << 31) - _FIRST_ID
_LETTERS = 12


def build_nonce(key: str) -> str:
    """Return what makes Discord take a message once, where the same one comes again soon."""
    return _digest(key)[: limits.NONCE]


def build_body(outgoing: OutgoingMessage) -> dict[str, Any]:
    """Return a message with its key and its mention, as it is posted."""
    found: dict[str, Any] = deepcopy(dict(outgoing.payload))
    if outgoing.key:
        _mark(found, outgoing.key)
    if outgoing.mention:
        _mention(found, outgoing.mention)
    return found


def has_key(message: Mapping[str, Any], key: str) -> bool:
    """Tell whether a message in a channel's history is the one with this key."""
    for component in message.get("components", ()):
        inner: Sequence[Mapping[str, Any]] = component.get("components") or ({},)
        if (component.get("id"), inner[0].get("id")) == _ids(key):
            return True
    footers = (embed.get("footer") or {} for embed in message.get("embeds", ()))
    return any(footer.get("text") == _letters(key) for footer in footers)


def is_components(message: NativeMessage) -> bool:
    """Tell whether a message is made of Components V2."""
    flags = message.get("flags", 0)
    return isinstance(flags, int) and bool(flags & IS_COMPONENTS_V2)


def _mark(message: dict[str, Any], key: str) -> None:
    if is_components(message):
        container = message["components"][0]
        container["id"], container["components"][0]["id"] = _ids(key)
    else:
        message["embeds"][0]["footer"] = {"text": _letters(key)}


def _mention(message: dict[str, Any], role: str) -> None:
    """Mention a role; the role that has the server's own id is everyone."""
    text = f"<@&{role}>" if role.isdecimal() else "@everyone"
    message["allowed_mentions"] = (
        {"parse": [], "roles": [role]} if role.isdecimal() else {"parse": ["everyone"]}
    )
    if is_components(message):
        message["components"].insert(0, {"type": _TEXT_DISPLAY, "content": text})
    else:
        message["content"] = text


def _ids(key: str) -> tuple[int, int]:
    number = int(_digest(key)[:24], 16)
    first, second = number % _IDS, number // _IDS % (_IDS - 1)
    return _FIRST_ID + first, _FIRST_ID + (second + (second >= first))


def _letters(key: str) -> str:
    return _digest(key)[:_LETTERS]


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()
