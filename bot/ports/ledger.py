"""The port to the stored ledger: subscriptions and planned deliveries, and all that it holds."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.model.channels import Target
from bot.model.delivery_reports import PlatformStats, SubscriptionReport, UnconfirmedPart
from bot.model.planning import DuePage, PlannedDelivery, SubscriptionPlan
from bot.model.subscriptions import Subscription
from bot.ports.discussion_ledger import DiscussionLedger
from bot.ports.outbox_ledger import OutboxLedger


class SubscriptionLedger(Protocol):
    """The subscriptions. Every method may raise StorageUnavailable."""

    async def subscribe(self, wanted: Subscription, now: datetime) -> Subscription:
        """Insert or update a subscription by target and series; return it as stored."""
        ...

    async def subscriptions(self, target: Target | None = None) -> tuple[Subscription, ...]:
        """Return the subscriptions that are not ended, of one channel or of all.

        A target without a workspace matches its channel in any workspace.
        """
        ...

    async def refused_subscriptions(self, platform: str) -> tuple[Subscription, ...]:
        """Return the subscriptions that a refusal of the platform paused, not an admin."""
        ...

    async def set_paused(self, number: int, now: datetime, *, paused: bool) -> None:
        """Pause or resume a subscription; slots count from `now` when it is resumed."""
        ...

    async def unsubscribe(self, number: int) -> None:
        """End a subscription; nothing more is posted, its history is kept."""
        ...

    async def subscription_report(self, number: int, limit: int) -> SubscriptionReport:
        """Return a subscription with its newest slots and deliveries."""
        ...

    async def platform_stats(self, now: datetime) -> tuple[PlatformStats, ...]:
        """Return the counts of each platform."""
        ...


class PlanningLedger(Protocol):
    """The planned deliveries. Every method may raise StorageUnavailable."""

    async def due_subscriptions(
        self, now: datetime, lookback: timedelta, after: int, limit: int
    ) -> DuePage:
        """Return the subscriptions that have something to be decided, by number, after a number.

        The history of each holds the slots of so long a time back.
        """
        ...

    async def record_plans(self, plans: Sequence[SubscriptionPlan], now: datetime) -> None:
        """Store plans, all or none; a slot that another program decided stays as it is."""
        ...

    async def enqueue(self, planned: PlannedDelivery, now: datetime) -> bool:
        """Store a delivery that was requested; False where it was enqueued or posted before.

        One that was skipped is enqueued after all, and parts of it that failed are tried again.
        """
        ...

    async def find_unconfirmed(self, key: str) -> UnconfirmedPart | None:
        """Return the part with a key, where it failed and may have been posted all the same."""
        ...

    async def settle_unconfirmed(
        self, key: str, now: datetime, *, is_there: bool, whole: bool
    ) -> bool:
        """Count an unconfirmed part as posted, or enqueue it again; False where there is none.

        `whole` means all the unconfirmed parts of its delivery.
        """
        ...

    async def expire(self, now: datetime) -> int:
        """Skip deliveries that were not begun in time; return how many.

        Decisions about slots that are still to come are forgotten: the clock had jumped ahead.
        """
        ...


class Ledger(SubscriptionLedger, PlanningLedger, OutboxLedger, DiscussionLedger, Protocol):
    """The whole ledger."""
