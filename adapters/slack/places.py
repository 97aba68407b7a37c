"""The origin of an interaction, and how a view carries it in its private_metadata."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.model.card import Action

CHANNEL_BLOCK_ID = "channel"
"""block_id of the channel select of a form."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who caused an interaction, and where."""

    workspace: str
    person: str
    channel: str = ""
    """Empty outside of channels, as in the App Home."""
    thread: str = ""
    message: str = ""
    """Timestamp of the message it belongs to; empty if there is none."""

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
    """Return the private_metadata of a view: all that is needed to handle its use later.

    `empty_values` maps a form's field to its value if nothing is chosen in it.
    """
    found: dict[str, Any] = {"channel": origin.channel, "thread": origin.thread}
    if action:
        found |= {
            "name": action.name,
            "argument": action.argument,
            "empty": dict(empty_values or {}),
        }
    return json.dumps(found, ensure_ascii=False)
