"""Plans deliveries: which issues each slot delivers, or the message that none came."""

import logging
from datetime import datetime, timedelta

from bot.digests import slots
from bot.digests.decision import Decision, decide
from bot.digests.deliveries import load_issue, outcome_of
from bot.lib.clock import Clock
from bot.model.deliveries import DeliveryHistory
from bot.model.papers import Issue
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week
from bot.ports.archive import Archive
from bot.ports.errors import StorageUnavailable
from bot.ports.ledger import Ledger

_NEWEST = 60
"""How many issues of a series are considered: more than a year of weeks."""

_WEEK = timedelta(days=7)


_LONGEST_REACH = timedelta(days=30)
"""How far back slots are considered; grace and patience are shorter."""

_LOG = logging.getLogger(__name__)


class _IssueCache:
    """What the archive held at one moment, read once for all channels."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._weeks: dict[str, tuple[Week, ...]] = {}
        self._issues: dict[tuple[str, Week], Issue | None] = {}

    async def weeks(self, series: str) -> tuple[Week, ...]:
        if series not in self._weeks:
            found = await self._archive.weeks((series,), _NEWEST)
            self._weeks[series] = tuple(issue.week for issue in found)
        return self._weeks[series]

    async def issue(self, series: str, week: Week) -> Issue | None:
        if (series, week) not in self._issues:
            self._issues[series, week] = await load_issue(self._archive, series, week)
        return self._issues[series, week]


class Planner:
    """Plans every subscription that is due, each by itself, and records the decisions."""

    def __init__(self, archive: Archive, ledger: Ledger, clock: Clock) -> None:
        self._archive = archive
        self._ledger = ledger
        self._clock = clock
        self._failed: set[int] = set()

    async def tick(self) -> None:
        """Enqueue what is due by now; what was decided before is never decided again."""
        now = self._clock.now()
        await self._ledger.expire(now)
        issue_cache = _IssueCache(self._archive)
        for subscription, history in await self._ledger.due_subscriptions(now, _LONGEST_REACH):
            try:
                next_at = await self._plan_subscription(subscription, history, issue_cache, now)
                if next_at != subscription.next_at:
                    await self._ledger.set_next_due(subscription.id, next_at)
            except StorageUnavailable:
                raise
            except Exception as error:  # noqa: BLE001 - one subscription must not stop the others
                self._log_failure(subscription, error)

    def _log_failure(self, subscription: Subscription, error: Exception) -> None:
        """Log once per program and subscription that it could not be planned."""
        if subscription.id in self._failed:
            return
        self._failed.add(subscription.id)
        fields = {
            "platform": subscription.target.platform,
            "channel": subscription.target.channel,
            "series": subscription.series,
            "error": slots.zone_problem(subscription) or repr(error),
        }
        _LOG.error("Failed to plan subscription", extra={"fields": fields}, exc_info=error)

    async def _plan_subscription(
        self,
        subscription: Subscription,
        history: DeliveryHistory,
        issue_cache: _IssueCache,
        now: datetime,
    ) -> datetime | None:
        """Decide on the slots that passed; return when there is something to decide next."""
        series = subscription.series
        known = await issue_cache.weeks(series)
        following = slots.next_slot(subscription, now)
        next_at = following.at if following else None
        for slot in slots.recent_slots(subscription, now):
            decision = decide(subscription, slot, history, known, now)
            if decision is not None:
                found = [await issue_cache.issue(series, week) for week in decision.deliver]
                await self._record_decision(
                    subscription, decision, [each for each in found if each], now
                )
                history = await self._ledger.delivery_history(subscription.id, now, _LONGEST_REACH)
            elif slot.week not in history.slots:
                # It is late, and night: nothing of this slot is stored that would recall it.
                morning = slots.quiet_hours_end(subscription, now)
                next_at = min(next_at or morning, morning)
        return next_at

    async def _record_decision(
        self, subscription: Subscription, decision: Decision, issues: list[Issue], now: datetime
    ) -> None:
        verdict = outcome_of(subscription, decision, issues)
        if await self._ledger.record_decision(subscription, verdict, now):
            for planned in verdict.planned:
                where = subscription.target
                fields = {
                    "platform": where.platform,
                    "channel": where.channel,
                    "series": subscription.series,
                    "week": str(planned.delivery.week),
                    "parts": len(planned.parts),
                }
                _LOG.info("Delivery enqueued", extra={"fields": fields})
