"""What people are told of deliveries: reports of digests, numbers of platforms, notices."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.deliveries import Delivery, Part
from bot.model.planning import Notice, StoredSlot
from bot.model.subscriptions import Subscription


@dataclass(frozen=True, slots=True)
class PendingNotice:
    """A notice that was not sent yet, or perhaps by a program that was ended then."""

    id: int
    notice: Notice
    subscription: Subscription
    attempts: int
    claimed_at: datetime | None = None
    """When a program began to send it, which then recorded nothing more."""

    @property
    def key(self) -> str:
        """Return the key of its message, by which a platform finds it again."""
        return f"{self.subscription.token}n{self.id}"


@dataclass(frozen=True, slots=True)
class UnconfirmedPart:
    """A part of which only a person can tell whether it was posted."""

    part: Part
    delivery: Delivery
    subscription: Subscription


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """A delivery with its parts."""

    delivery: Delivery
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class SubscriptionReport:
    """A subscription with its recent slots and deliveries."""

    subscription: Subscription
    slots: tuple[StoredSlot, ...]
    """The newest first."""
    reports: tuple[DeliveryReport, ...]
    """The newest first."""


@dataclass(frozen=True, slots=True)
class PlatformStats:
    """Counts of a platform's parts."""

    platform: str
    owed: int
    """Parts still to be posted, including those being sent."""
    posted: int
    retried: int
    """Repeated attempts."""
    failed: int
    untold: int
    """Failed parts with an unknown result."""
    lag: float
    """Seconds between the due time and the posting of the newest posted part."""
    worst_lag: float
    """The longest lag of the last week, in seconds."""
    halted: str = ""
    """Why the platform stopped; empty if it runs."""
    late: int = 0
    """Those of the owed parts whose delivery was due more than `ON_TIME_LIMIT` ago."""
    overdue: float = 0.0
    """Seconds since the first of the owed parts could have been sent."""
    lease_age: float | None = None
    """Seconds since the program that posts gave a sign of life; None where none does."""
