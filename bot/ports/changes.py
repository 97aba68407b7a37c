"""What the core is told of that another process wrote, where the database can tell."""

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol


class Change(StrEnum):
    """What was written."""

    OUTBOX = "outbox"
    """Something is to be posted, edited or told, now or later than before."""
    PLAN = "plan"
    """A subscription, an issue or a text: there may be something to plan."""
    LEASE = "lease"
    """A lease was given up."""


class ChangeFeed(Protocol):
    """Tells what was written, by this process or another one."""

    @property
    def is_live(self) -> bool:
        """Whether all is told at present; where not, the database has to be asked."""
        ...

    async def listen(self, on_change: Callable[[Change], None]) -> None:
        """Call with every change, until cancelled; connect again where the connection is lost.

        After each connection it is called with all of them, as anything may have been missed.
        """
        ...
