"""The reviews of weeks on SQL: the port `bot.ports.reviews.ReviewStore`."""

from collections.abc import Sequence
from datetime import datetime

from bot.model.channels import Target
from bot.model.curation import Attribution
from bot.model.reviews import Review, ReviewOutcome, ReviewVerdict
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week
from storage.archive import review_messages, reviews
from storage.connections import Transactions


class SqlReviewStore:
    """Fulfils `ReviewStore`."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def submit_weeks(
        self, series: str, weeks: Sequence[Week], now: datetime
    ) -> tuple[Review, ...]:
        fresh, known = await self._transactions.read(reviews.find_submittable, series, weeks, now)
        if not fresh:
            return known
        return await self._transactions.write(reviews.submit, series, weeks, now)

    async def review(self, number: int) -> Review | None:
        return await self._transactions.read(reviews.find, number)

    async def reviews_of(self, series: str, week: Week) -> tuple[Review, ...]:
        return await self._transactions.read(reviews.find_of_week, series, week)

    async def waiting_reviews(self, place: Target | None, since: datetime) -> tuple[Review, ...]:
        return await self._transactions.read(reviews.list_waiting, place, since)

    async def decide_review(
        self, number: int, verdict: ReviewVerdict, by: Attribution, now: datetime
    ) -> ReviewOutcome:
        return await self._transactions.write(reviews.decide, number, verdict, by, now)

    async def decide_week(
        self, series: str, week: Week, verdict: ReviewVerdict, by: Attribution, now: datetime
    ) -> ReviewOutcome:
        place = (series, week)
        return await self._transactions.write(reviews.decide_week, place, verdict, by, now)

    async def reviewed_schedules(self, review: Review) -> tuple[Subscription, ...]:
        return await self._transactions.read(reviews.list_schedules, review)

    async def schedule_review(self, number: int, due_at: datetime | None, now: datetime) -> None:
        await self._transactions.write(reviews.schedule, number, due_at, now)

    async def remind_of_review(self, number: int, now: datetime) -> None:
        await self._transactions.write(review_messages.remind, number, now)

    async def places_without_curators(self, series: str) -> tuple[Target, ...]:
        return await self._transactions.read(reviews.list_uncurated, series)
