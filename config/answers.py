"""Settings of who sees the answers of commands, and in which language."""

import re
from typing import Literal

from pydantic import Field, field_validator

from config.section import Section

CommandName = Literal[
    "paper",
    "links",
    "cite",
    "similar",
    "week",
    "tag",
    "find",
    "discussions",
    "trend",
    "trends",
    "stats",
    "help",
    "about",
]
"""A command whose answer everyone in the channel may see."""


class AnswerSettings(Section):
    """Which replies everyone in a channel sees."""

    everyone: tuple[CommandName, ...] = ("paper", "week")
    """Commands whose replies everyone sees; other replies are for the asker alone."""
    channels: dict[str, tuple[CommandName, ...]] = Field(default_factory=dict)
    """The same for single channels, by names such as `discord:SERVER/CHANNEL`."""
    languages: dict[str, str] = Field(default_factory=dict)
    """The languages of what everyone in a channel sees, by the same names."""

    @field_validator("channels", "languages")
    @classmethod
    def _are_channels(cls, channels: dict[str, object]) -> dict[str, object]:
        for name in channels:
            if not re.fullmatch(r"\w+:[^/\s]+/[^/\s]+", name):
                raise ValueError(f"{name!r} is no channel; write it like discord:SERVER/CHANNEL")
        return channels
