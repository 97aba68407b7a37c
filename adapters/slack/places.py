"""Where on Slack an interaction happened, and how a view carries it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.model.card import Action

CHANNEL_BLOCK_ID = "channel"
"""The block in which a form asks which channel is meant."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who did something, and where."""

    workspace: str
    person: str
    channel: str = ""
    """Empty outside of channels, as in the App Home."""
    thread: str = ""
    message: str = ""
    """The message that it was done with; empty where there is none."""

    @property
    def is_direct(self) -> bool:
        """Tell whether it is between the person and one other, which is the bot as a rule."""
        return is_direct(self.channel)


def is_direct(channel: str) -> bool:
    """Tell whether a channel is the direct messages of a person and the bot, or of two people."""
    return channel.startswith("D")


def dump_private_metadata(
    origin: Origin, action: Action | None = None, empty_values: Mapping[str, str] | None = None
) -> str:
    """Return what a view carries to be understood when it is used; nothing else is remembered.

    `empty` tells what it means when nothing is chosen in a field of a form.
    """
    found: dict[str, Any] = {"channel": origin.channel, "thread": origin.thread}
    if action:
        found |= {
            "name": action.name,
            "argument": action.argument,
            "empty": dict(empty_values or {}),
        }
    return json.dumps(found, ensure_ascii=False)
