"""Adds to a message what its delivery needs: a key, a mention, a notification, silence (pure).

The key is stored as the ids of two components, which Discord keeps with a message and does not
show: a custom_id would need a button, and many messages have none. A message with an embed has no
such ids; there the footer has a few letters.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from hashlib import sha256
from typing import Any

from adapters.discord import limits
from adapters.discord.render import IS_COMPONENTS_V2, SUPPRESS_NOTIFICATIONS
from adapters.discord.render.escape import escape
from bot.cards.fit import utf16_length
from bot.ports.platform import NativeMessage, OutgoingMessage

_TEXT_DISPLAY = 10
_FIRST_ID = 1 << 20
"""Ids above this cannot meet those that Discord itself counts up from 1."""
_IDS = (1 << 31) - _FIRST_ID
_LETTERS = 12


def build_nonce(key: str) -> str:
    """Return the nonce by which Discord recognises a message that is sent twice within minutes."""
    return _digest(key)[: limits.NONCE]


def build_body(outgoing: OutgoingMessage) -> dict[str, Any]:
    """Return the body of the request that posts a message."""
    found: dict[str, Any] = deepcopy(dict(outgoing.payload))
    if outgoing.key:
        _mark(found, outgoing.key)
    if outgoing.is_silent:
        found["flags"] = found.get("flags", 0) | SUPPRESS_NOTIFICATIONS
    _announce(found, outgoing)
    return found


def build_edit(outgoing: OutgoingMessage) -> dict[str, Any]:
    """Return the body of the request that edits a message; silence belongs to its post alone."""
    return build_body(replace(outgoing, is_silent=False))


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


def _announce(message: dict[str, Any], outgoing: OutgoingMessage) -> None:
    """Add a line with the mentions of roles, and with what a notification is to say.

    A mention is of an id; text that is none mentions nothing, least of all everyone. Components
    get no line for the notification alone, as Discord shows none of their text there.
    """
    roles = [each for each in outgoing.mentions if each.isdecimal()]
    mentions = " ".join(f"<@&{role}>" for role in roles)
    line = " ".join(filter(None, [mentions, escape(outgoing.notification)]))
    if roles:
        message["allowed_mentions"] = {"parse": [], "roles": roles}
    if not is_components(message):
        message |= {"content": line} if line else {}
    elif roles:
        text = line if _has_room(message, line) else mentions
        message["components"].insert(0, {"type": _TEXT_DISPLAY, "content": text})


def _has_room(message: Mapping[str, Any], text: str) -> bool:
    """Tell whether a message with components can have another text."""
    used = sum(utf16_length(each) for each in _texts(message["components"]))
    return used + utf16_length(text) <= limits.TEXT_DISPLAYS


def _texts(components: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for each in components:
        if each["type"] == _TEXT_DISPLAY:
            yield each["content"]
        yield from _texts(each.get("components", ()))


def _ids(key: str) -> tuple[int, int]:
    number = int(_digest(key)[:24], 16)
    first, second = number % _IDS, number // _IDS % (_IDS - 1)
    return _FIRST_ID + first, _FIRST_ID + (second + (second >= first))


def _letters(key: str) -> str:
    return _digest(key)[:_LETTERS]


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()
