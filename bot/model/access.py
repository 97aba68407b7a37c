"""Decides whose eyes an answer is for, and who may open a discussion for everyone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from bot.model.channels import Person, Target


@dataclass(frozen=True, slots=True)
class Audience:
    """Which commands are answered for everyone; what nothing was found for never is."""

    everyone: frozenset[str] = frozenset({"paper", "week"})
    """The names of these commands."""
    channels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Channels where others are, by names such as `discord:SERVER/CHANNEL`."""

    def is_public_reply(self, name: str, target: Target) -> bool:
        """Tell whether everyone in a channel sees the answer to a command."""
        channel = f"{target.platform}:{target.workspace}/{target.channel}"
        return name in self.channels.get(channel, self.everyone)


class ThreadPermission(Enum):
    """Who may open the thread of a paper that has none; in one that is there everybody talks."""

    EVERYONE = "everyone"
    MANAGERS = "managers"
    """Those who decide about digests."""
    NOBODY = "nobody"

    def allows(self, person: Person) -> bool:
        """Tell whether somebody is one of them."""
        return self is ThreadPermission.EVERYONE or (
            self is ThreadPermission.MANAGERS and person.may_manage
        )
