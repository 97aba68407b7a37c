"""Errors that ports raise, and what the caller should do about each."""

from datetime import timedelta
from enum import Enum


class TryLater(Exception):
    """The platform did not take the message; nothing was sent."""

    def __init__(
        self, after: timedelta | None, reason: str = "", *, everywhere: bool = False
    ) -> None:
        super().__init__(reason or "try again later")
        self.retry_after = after
        """How long the platform wants us to wait; None where it does not say."""
        self.is_global = everywhere
        """Whether that holds for every channel."""


class RefusalScope(Enum):
    """What a refusal concerns."""

    PART = "part"
    CHANNEL = "channel"
    WORKSPACE = "workspace"
    """Every channel of a workspace, until it is mended there, as by installing the app again."""
    ACCOUNT = "account"


class Refused(Exception):
    """The platform will never take it as things are; nothing was sent."""

    def __init__(self, reason: str, scope: RefusalScope) -> None:
        super().__init__(reason)
        self.reason = reason
        """A sentence for the admin or the operator: what is wrong and what to do."""
        self.scope = scope


class TargetDeleted(Refused):
    """The target of a request was deleted; most often the channel."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, RefusalScope.CHANNEL)


class Unknown(Exception):
    """It cannot be told whether the message was taken: the answer got lost."""


class StorageUnavailable(Exception):
    """The database cannot be read or written just now (disk full, locked); nothing was changed."""
