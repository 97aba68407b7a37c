"""Errors that ports raise, and what the caller should do about each."""

from datetime import timedelta
from enum import Enum

from bot.lib.marker import _

DIRECT_MESSAGES_REFUSED = _("The person takes no direct messages.")


class TryLater(Exception):
    """The platform did not accept the request now; nothing was sent. Retry after a delay."""

    def __init__(
        self, after: timedelta | None, reason: str = "", *, everywhere: bool = False
    ) -> None:
        super().__init__(reason or "try again later")
        self.retry_after = after
        """The delay that the platform asks for; None if it names none."""
        self.is_global = everywhere
        """Whether the delay holds for every channel."""


class RefusalScope(Enum):
    """How far a refusal reaches."""

    PART = "part"
    CHANNEL = "channel"
    WORKSPACE = "workspace"
    """Every channel of a workspace, until it is mended there, as by installing the app again."""
    ACCOUNT = "account"


class Refused(Exception):
    """The platform refused the request for good; nothing was sent. Do not retry as it is."""

    def __init__(self, reason: str, scope: RefusalScope) -> None:
        super().__init__(reason)
        self.reason = reason
        """A sentence for the admin or the operator: what is wrong and what to do."""
        self.scope = scope


class TargetDeleted(Refused):
    """The target of a request was deleted; most often the channel."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, RefusalScope.CHANNEL)


class MessageDeleted(Refused):
    """The message that was to be edited was deleted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, RefusalScope.PART)


class Unknown(Exception):
    """The result of a request is unknown: the response was lost. Look for the message first."""


class StorageUnavailable(Exception):
    """The database cannot be used now (disk full, locked); nothing was changed."""
