"""How a platform writes mentions of roles, groups and channels."""

import re
from dataclasses import dataclass

_EVERYONE = frozenset({"everyone", "here", "channel", "all"})
_ANY_NAME = r"(?!<@[^&])<?[@#!&]*(?:subteam\^)?(?P<id>[\w.-]{1,64})(?:\|[^>]*)?>?"
"""A name, or a mention of any known form except of a person."""


@dataclass(frozen=True, slots=True)
class MentionSyntax:
    """Regular expressions with a group `id`; a mention is what one of them matches as a whole.

    They match what the platform's own pickers insert, and ids, so that a word which only looks
    like a role's name mentions no one else.
    """

    groups: tuple[str, ...] = (_ANY_NAME,)
    """Mentions of roles or user groups."""
    channels: tuple[str, ...] = (_ANY_NAME,)
    """Mentions of channels."""

    def parse_group(self, text: str) -> str:
        """Return the id of a role or group. Raises ValueError if the text mentions none."""
        return _parse(self.groups, text)

    def parse_channel(self, text: str) -> str:
        """Return the id of a channel. Raises ValueError if the text mentions none."""
        return _parse(self.channels, text)


def _parse(patterns: tuple[str, ...], text: str) -> str:
    for pattern in patterns:
        match = re.fullmatch(pattern, text)
        if match and match["id"].casefold() not in _EVERYONE:
            return match["id"]
    raise ValueError(text)
