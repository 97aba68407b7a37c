"""Turns a message into plain ones, for where Discord refuses its form (pure)."""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.discord import limits
from adapters.discord.render import SUPPRESS_EMBEDS
from bot.cards.fit import split_lines, utf16_length
from bot.ports.platform import NativeMessage

_TEXT_DISPLAY = 10


def plain_messages(message: NativeMessage) -> list[NativeMessage]:
    """Return the texts of a message as messages of plain markdown, without its controls."""
    rest = "\n".join(_texts(message)).split("\n")
    found: list[NativeMessage] = []
    while any(line.strip() for line in rest):
        taken, left = split_lines(
            rest, lambda lines: utf16_length("\n".join(lines)) <= limits.CONTENT, anywhere=True
        )
        rest = list(left)
        content = "\n".join(taken)
        if content.strip():
            found.append(
                {
                    "content": content,
                    "flags": SUPPRESS_EMBEDS,
                    "allowed_mentions": {"parse": []},
                }
            )
    return found


def _texts(message: Mapping[str, Any]) -> Iterator[str]:
    for embed in message.get("embeds") or ():
        yield from (embed[name] for name in ("title", "description") if embed.get(name))
    waiting = list(message.get("components") or ())
    while waiting:
        component = waiting.pop(0)
        if component.get("type") == _TEXT_DISPLAY:
            yield component["content"]
        waiting[:0] = component.get("components") or ()
