"""Submits new weeks to curators, and reminds them before the first slot that would miss one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.digests.review import first_fallback, is_reminder_due
from bot.model.review_rules import ReviewRules
from bot.model.reviews import Review, ReviewState
from bot.model.weeks import Week
from bot.ports.reviews import ReviewStore

_SCHEDULED_FOR = timedelta(days=9)
"""A slot follows within eight days; what has none until then is scheduled no more."""


class Reviewer:
    """Lets curators review the new weeks of the series that the rules name."""

    def __init__(self, store: ReviewStore, rules: ReviewRules) -> None:
        self._store = store
        self.rules = rules

    async def review(
        self, series: str, weeks: Sequence[Week], now: datetime
    ) -> Mapping[Week, Sequence[Review]]:
        """Submit what is new of a series, remind of what waits, and return all reviews by week."""
        found: defaultdict[Week, list[Review]] = defaultdict(list)
        for review in await self._store.submit_weeks(series, weeks, now):
            found[review.week].append(review)
            if review.state is ReviewState.PENDING:
                await self._follow(review, now)
        return found

    async def _follow(self, review: Review, now: datetime) -> None:
        if is_reminder_due(review, self.rules, now):
            await self._store.remind_of_review(review.id, now)
        is_past = review.due_at is not None and review.due_at <= now
        if is_past or now - review.submitted_at > _SCHEDULED_FOR:
            return
        schedules = await self._store.reviewed_schedules(review)
        due_at = first_fallback(review, self.rules, schedules)
        if due_at != review.due_at:
            await self._store.schedule_review(review.id, due_at, now)
