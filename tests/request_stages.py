"""The points of a request at which a program can be ended, as a loopback server sees them."""

from collections.abc import Awaitable, Callable
from enum import Enum


class RequestStage(Enum):
    """Where a request can be held."""

    ARRIVED = "before it is accepted"
    ACCEPTED = "after it is accepted, before the answer"
    ANSWERED = "after the answer"


StageHook = Callable[[RequestStage], Awaitable[None]]
"""Is waited for at every point of every post; may raise ConnectionError to break it off there."""
