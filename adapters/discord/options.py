"""What the operator decides about Discord."""

from dataclasses import dataclass
from enum import Enum

NAME = "discord"
"""What the platform is called wherever a channel or a person is named."""


class MessageFormat(Enum):
    """The form of messages."""

    COMPONENTS = "components"
    """Containers of Components V2."""
    EMBEDS = "embeds"
    """Embeds, for clients that are too old for containers."""


@dataclass(frozen=True, slots=True)
class Options:
    """Every setting of the platform."""

    token: str
    look: str
    """A value of `MessageFormat`."""
    guild: str
    """Where commands are registered, for development; empty: everywhere."""
    manager_role: str
    """Whoever has this role may manage, beside those who may manage the channel."""
    shard_count: int
    """0: as many as Discord proposes."""
    timeout_seconds: float
    """The longest that a request may take, with what has to be asked before it."""
    api_url: str
    gateway_url: str
    """Empty: as Discord says."""
