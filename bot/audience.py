"""Decides whose eyes an answer is for: everyone's in the channel, or the asker's alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.models import Target


@dataclass(frozen=True, slots=True)
class Audience:
    """Which commands are answered for everyone; what nothing was found for never is."""

    everyone: frozenset[str] = frozenset({"paper", "week"})
    """The names of these commands."""
    channels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Channels where others are, by names such as `discord:SERVER/CHANNEL`."""

    def is_everyone(self, name: str, target: Target) -> bool:
        """Tell whether everyone in a channel sees the answer to a command."""
        channel = f"{target.platform}:{target.workspace}/{target.channel}"
        return name in self.channels.get(channel, self.everyone)
