"""Turns the commands that a message quotes into mentions, which open the command (pure).

Source: https://docs.discord.com/developers/reference#message-formatting, slash commands.
"""

import re
from collections.abc import Mapping
from typing import Any

from bot.commands.registry import COMMANDS

_QUOTED = re.compile(r"(?<![`\\])`/([a-z]+)((?: [^`\n\\]+)?)`(?!`)")
"""A command in a code span; what other people write has its backticks escaped."""
_TEXTS = frozenset({"content", "description", "value"})
"""The fields of a message in which Discord renders mentions."""

_SUBCOMMANDS = {row.name: {part.name for part in row.subcommands} for row in COMMANDS}


def mention_commands(message: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return a message with mentions of the commands whose ids are known."""
    return {
        key: _mention(value, ids) if key in _TEXTS and isinstance(value, str) else
        _inside(value, ids)
        for key, value in message.items()
    }  # fmt: skip


def _inside(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return mention_commands(value, ids)
    if isinstance(value, list):
        return [_inside(each, ids) for each in value]
    return value


def _mention(text: str, ids: Mapping[str, str]) -> str:
    def mention(match: re.Match[str]) -> str:
        name, rest = match[1], match[2].strip()
        number, subcommands = ids.get(name), _SUBCOMMANDS.get(name, set())
        word, _, more = rest.partition(" ")
        if number is None or (subcommands and word not in subcommands):
            return match[0]  # a command that has subcommands cannot be opened by itself
        path, rest = (f"{name} {word}", more) if subcommands else (name, rest)
        return f"</{path}:{number}>" + (f" `{rest}`" if rest else "")

    return text if "```" in text else _QUOTED.sub(mention, text)  # a block shows text as it is
