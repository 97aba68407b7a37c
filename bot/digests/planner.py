"""Plans deliveries: which issues each slot delivers, or the message that none came."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.digests import slots
from bot.digests.decision import decide, with_decision
from bot.digests.deliveries import load_issue, outcome_of
from bot.digests.recap import RecapReader
from bot.digests.review import waiting_weeks
from bot.digests.reviewer import Reviewer
from bot.digests.slots import Slot
from bot.lib.clock import Clock
from bot.model.channels import Target
from bot.model.discussions import Community, Recap
from bot.model.papers import LANGUAGES, Issue
from bot.model.planning import DeliveryHistory, SubscriptionPlan
from bot.model.reviews import Review
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week
from bot.ports.archive import Archive
from bot.ports.errors import StorageUnavailable
from bot.ports.ledger import Ledger
from bot.ports.translations import AwaitedTranslations

_NEWEST = 60
"""How many issues of a series are considered: more than a year of weeks."""

_WEEK = timedelta(days=7)


_LONGEST_REACH = timedelta(days=30)
"""How far back slots are considered; grace and patience are shorter."""

_PAGE = 100
"""How many subscriptions are planned and recorded at once."""

_LOG = logging.getLogger(__name__)


class _TickCache:
    """What the archive held at one moment, read once for all channels."""

    def __init__(
        self,
        archive: Archive,
        translations: AwaitedTranslations | None,
        recaps: RecapReader,
    ) -> None:
        self.recaps = recaps
        self._archive = archive
        self._translations = translations
        self._untranslated: dict[tuple[str, str], frozenset[Week]] = {}
        self._weeks: dict[str, tuple[Week, ...]] = {}
        self._reviews: dict[str, Mapping[Week, Sequence[Review]]] = {}
        self._issues: dict[tuple[str, Week], Issue | None] = {}

    async def weeks(self, series: str) -> tuple[Week, ...]:
        if series not in self._weeks:
            found = await self._archive.weeks((series,), _NEWEST)
            self._weeks[series] = tuple(issue.week for issue in found if issue.retraction is None)
        return self._weeks[series]

    async def review(self, series: str, reviewer: Reviewer, now: datetime) -> None:
        """Let curators review just those weeks that are considered now."""
        self._reviews[series] = await reviewer.review(series, await self.weeks(series), now)

    def reviews(self, series: str) -> Mapping[Week, Sequence[Review]]:
        return self._reviews.get(series, {})

    async def issue(self, series: str, week: Week) -> Issue | None:
        if (series, week) not in self._issues:
            self._issues[series, week] = await load_issue(self._archive, series, week)
        return self._issues[series, week]

    async def untranslated(self, subscription: Subscription) -> frozenset[Week]:
        """Return the weeks of a subscription that lack texts in its languages."""
        if self._translations is None:
            return frozenset()
        wanted = (subscription.series, subscription.language)
        if wanted not in self._untranslated:
            series, language = wanted
            languages = LANGUAGES if language == "both" else (language,)
            found = await self._translations.awaited_weeks(series, languages)
            self._untranslated[wanted] = found
        return self._untranslated[wanted]


class Planner:
    """Plans every subscription that is due, each by itself, and records the decisions."""

    def __init__(  # noqa: PLR0913 - all that deciding depends on
        self,
        archive: Archive,
        ledger: Ledger,
        clock: Clock,
        translations: AwaitedTranslations | None = None,
        community: Callable[[Target], Community] = lambda target: Community((target,)),
        *,
        reviewer: Reviewer | None = None,
    ) -> None:
        """Plan by an archive and a ledger; `translations` is what digests wait for, if any.

        `community` tells whose discussions the digest of a channel recalls; `reviewer` lets
        curators decide about new weeks.
        """
        self._archive = archive
        self._translations = translations
        self._ledger = ledger
        self._clock = clock
        self._community = community
        self._reviewer = reviewer
        self._failed: set[int] = set()

    async def tick(self) -> None:
        """Enqueue what is due by now; what was decided before is never decided again.

        A page of subscriptions is decided and recorded at a time: the first ones are sent while
        the others are planned, and no transaction holds up the outbox for long.
        """
        now = self._clock.now()
        await self._ledger.expire(now)
        tick = _TickCache(self._archive, self._translations, RecapReader(self._ledger, now))
        if self._reviewer is not None:
            for series in sorted(self._reviewer.rules.series):
                await tick.review(series, self._reviewer, now)
        after = 0
        while True:
            page = await self._ledger.due_subscriptions(now, _LONGEST_REACH, after, _PAGE)
            plans = []
            for subscription, history in page.due:
                plan = await self._plan_safely(subscription, history, tick, now)
                if plan is not None:
                    plans.append(plan)
                await asyncio.sleep(0)  # deciding takes milliseconds; let other tasks run
            await self._record(plans, now)
            if page.last is None:
                return
            after = page.last

    async def _plan_safely(
        self,
        subscription: Subscription,
        history: DeliveryHistory,
        tick: _TickCache,
        now: datetime,
    ) -> SubscriptionPlan | None:
        """Return the plan of a subscription; None where there is none, or it cannot be planned."""
        try:
            plan = await self._plan_subscription(subscription, history, tick, now)
        except StorageUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one subscription must not stop the others
            self._log_failure(subscription, error)
            return None
        has_changed = plan.outcomes or plan.next_at != subscription.next_at
        return plan if has_changed else None

    async def _record(self, plans: Sequence[SubscriptionPlan], now: datetime) -> None:
        """Record plans together; each by itself where one of them cannot be recorded."""
        if not plans:
            return
        try:
            await self._ledger.record_plans(plans, now)
        except StorageUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one subscription must not stop the others
            if len(plans) == 1:
                self._log_failure(plans[0].subscription, error)
                return
            for plan in plans:
                await self._record((plan,), now)
        else:
            for plan in plans:
                _log_enqueued(plan)

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
        tick: _TickCache,
        now: datetime,
    ) -> SubscriptionPlan:
        """Decide on the slots that passed, and when there is something to decide next."""
        series = subscription.series
        known = await tick.weeks(series)
        following = slots.next_slot(subscription, now)
        next_at = following.at if following else None
        outcomes = []
        for slot in slots.recent_slots(subscription, now):
            # What waits for curators is as if it had not come yet.
            waiting = self._waiting_weeks(subscription, slot, tick, now)
            there = [week for week in known if week not in waiting]
            decision = decide(subscription, slot, history, there, now)
            if decision is not None and decision.deliver:
                # Most ticks deliver nothing, and need not know.
                untranslated = await tick.untranslated(subscription)
                decision = decide(subscription, slot, history, there, now, untranslated)
            if decision is not None:
                found = [await tick.issue(series, week) for week in decision.deliver]
                issues = [each for each in found if each]
                recap = await self._recap(subscription, tick) if issues else None
                outcomes.append(outcome_of(subscription, decision, issues, recap))
                history = with_decision(history, decision)
            elif slot.week not in history.slots:
                # It is late, and night: nothing of this slot is stored that would recall it.
                morning = slots.quiet_hours_end(subscription, now)
                next_at = min(next_at or morning, morning)
        return SubscriptionPlan(subscription, tuple(outcomes), next_at)

    def _waiting_weeks(
        self, subscription: Subscription, slot: Slot, tick: _TickCache, now: datetime
    ) -> frozenset[Week]:
        """Return the weeks that a slot may not deliver, as curators have not approved them."""
        if self._reviewer is None:
            return frozenset()
        reviews = tick.reviews(subscription.series)
        return waiting_weeks(reviews, self._reviewer.rules, subscription, slot, now)

    async def _recap(self, subscription: Subscription, tick: _TickCache) -> Recap | None:
        if not subscription.has_recap:
            return None
        target = subscription.target
        return await tick.recaps.read(self._community(target), target)


def _log_enqueued(plan: SubscriptionPlan) -> None:
    where = plan.subscription.target
    for planned in (each for outcome in plan.outcomes for each in outcome.planned):
        fields = {
            "platform": where.platform,
            "channel": where.channel,
            "series": plan.subscription.series,
            "week": str(planned.delivery.week),
            "parts": len(planned.parts),
        }
        _LOG.info("Delivery enqueued", extra={"fields": fields})
