"""Reviews of new weeks, as the core asks storage for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.model.channels import Target
from bot.model.curation import Attribution
from bot.model.reviews import Review, ReviewOutcome, ReviewVerdict
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week


class ReviewStore(Protocol):
    """Storage of reviews. Every method may raise StorageUnavailable."""

    async def submit_weeks(
        self, series: str, weeks: Sequence[Week], now: datetime
    ) -> tuple[Review, ...]:
        """Let curators review those of a series' weeks that need it; return all their reviews.

        A week needs it that no channel was given, and that is not too old to be posted at a slot.
        What has no review is not to be waited for.
        """
        ...

    async def review(self, number: int) -> Review | None:
        """Return a review."""
        ...

    async def reviews_of(self, series: str, week: Week) -> tuple[Review, ...]:
        """Return the reviews of a week, one for each place."""
        ...

    async def waiting_reviews(self, place: Target | None, since: datetime) -> tuple[Review, ...]:
        """Return what was submitted since then and is pending or held, oldest week first.

        In a workspace, of `EVERYWHERE`, or at all places.
        """
        ...

    async def decide_review(
        self, number: int, verdict: ReviewVerdict, by: Attribution, now: datetime
    ) -> ReviewOutcome:
        """Decide about a week in one workspace, and in those without a review of their own.

        What is held is taken back where its posting has not begun. Raises CurationRefused where
        the state is another one than was expected, or is so already.
        """
        ...

    async def decide_week(
        self, series: str, week: Week, verdict: ReviewVerdict, by: Attribution, now: datetime
    ) -> ReviewOutcome:
        """Decide about a week at all places. Raises CurationRefused."""
        ...

    async def reviewed_schedules(self, review: Review) -> tuple[Subscription, ...]:
        """Return subscriptions in which a review counts, one for each schedule among them."""
        ...

    async def schedule_review(self, number: int, due_at: datetime | None, now: datetime) -> None:
        """Record when the fallback of a review takes effect; its message says so from now on."""
        ...

    async def remind_of_review(self, number: int, now: datetime) -> None:
        """Let curators be reminded of a pending review, once."""
        ...

    async def places_without_curators(self, series: str) -> tuple[Target, ...]:
        """Return the workspaces with digests of a series whose reviews no curators are shown.

        None as long as curators are shown them anywhere.
        """
        ...
