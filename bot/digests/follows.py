"""Decides when people are told of new papers that they follow, and of reminders."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.digests.slots import local_to_utc, monday_of, next_week, week_of
from bot.lib.clock import Clock
from bot.model.people import Follower, FollowMessage, NewIssue
from bot.model.retention import Retention
from bot.model.review_rules import ReviewFallback, ReviewRules
from bot.model.reviews import ReviewState
from bot.ports.people import PeopleStore

_PAGE = 100
"""For how many people it is decided and recorded at once."""

_KEPT = timedelta(days=60)
"""How long direct messages that were sent are stored: the next ones tell what is new since."""

_PRUNED_EVERY = timedelta(hours=1)

FOR_EVER = Retention()
"""Nothing is deleted for its age."""

_LOG = logging.getLogger(__name__)


class FollowPlanner:
    """Enqueues direct messages; an outbox sends them."""

    def __init__(
        self,
        people: PeopleStore,
        clock: Clock,
        record_patience: timedelta = timedelta(),
        retention: Retention = FOR_EVER,
        rules: ReviewRules = ReviewRules(),  # noqa: B008 - it never changes
    ) -> None:
        """Plan for people; `record_patience` is how long the records of new papers are awaited.

        `rules` tell what becomes of a week about which no curator decides in time.
        """
        self._people = people
        self._clock = clock
        self._record_patience = record_patience
        self._retention = retention
        self._rules = rules
        self._pruned_at: datetime | None = None

    async def tick(self) -> None:
        """Enqueue what is to be sent; what was decided before is never decided again.

        Raises StorageUnavailable.
        """
        now = self._clock.now()
        await self._people.note_issues(now)
        for issue in await self._people.unmatched_issues():
            if issue.news_at is not None:
                await self._match(issue)  # a program before this one did not come to the end
            elif self._is_released(issue, now) and (
                issue.is_complete or now - issue.seen_at >= self._record_patience
            ):
                await self._people.begin_news(issue, now)
                await self._match(replace(issue, news_at=now))
        # Some at a time, so that no transaction is long.
        while await self._people.enqueue_reminders(now):
            pass
        await self._prune(now)

    def _is_released(self, issue: NewIssue, now: datetime) -> bool:
        """Tell whether people may be told of an issue, where curators review its series.

        It is when a curator approved it for any place, or when digests go out without.
        """
        if any(each.state is ReviewState.APPROVED for each in issue.reviews):
            return True
        return all(
            each.state is ReviewState.PENDING
            and self._rules.fallback is ReviewFallback.POST
            and (each.due_at or each.submitted_at + self._rules.notice) <= now
            for each in issue.reviews
        )

    async def _match(self, issue: NewIssue) -> None:
        """Decide for all followers of an issue, a page of them at a time."""
        numbers = await self._people.find_followers(issue)
        total = 0
        for start in range(0, len(numbers), _PAGE):
            some = numbers[start : start + _PAGE]
            now = self._clock.now()
            messages = _messages(await self._people.load_followers(some), now)
            await self._people.record_matches(issue, messages, some[-1], now)
            total += len(messages)
        await self._people.record_matches(issue, (), None, self._clock.now())
        if numbers:
            fields = {"series": issue.series, "week": str(issue.week), "people": total}
            _LOG.info("Follow messages enqueued", extra={"fields": fields})

    async def _prune(self, now: datetime) -> None:
        if self._pruned_at is not None and now - self._pruned_at < _PRUNED_EVERY:
            return
        self._pruned_at = now
        if self._retention.copies is not None:
            deleted = await self._people.delete_copies(now - self._retention.copies)
            if deleted:
                fields = {"copies": deleted}
                _LOG.info("Expired copies deleted", extra={"fields": fields})
        unused = self._retention.unused
        unused_since = None if unused is None else now - unused
        while forgotten := await self._people.prune(unused_since, now - _KEPT):
            fields = {"people": forgotten}
            _LOG.info("Unused data of people deleted", extra={"fields": fields})


def message_for(follower: Follower, now: datetime) -> FollowMessage | None:
    """Return the message that tells a person of what is new now; None where one is on its way.

    It comes at the person's hour, once in a week of the person's calendar: where this week's was
    sent already, on the Monday of the next one.
    """
    if follower.last_due_at is not None and follower.last_due_at > now:
        return None
    zone = ZoneInfo(follower.zone)
    day = now.astimezone(zone).date()
    due = local_to_utc(day, follower.at, zone)
    if due <= now:
        due = local_to_utc(day + timedelta(days=1), follower.at, zone)
    week = week_of(due.astimezone(zone).date())
    if follower.last_due_at is not None:
        told = week_of(follower.last_due_at.astimezone(zone).date())
        if told >= week:
            week = next_week(told)
            due = local_to_utc(monday_of(week), follower.at, zone)
    return FollowMessage(follower.number, week, due)


def _messages(followers: Sequence[Follower], now: datetime) -> list[FollowMessage]:
    found = []
    for follower in followers:
        try:
            found.append(message_for(follower, now))
        except (KeyError, ValueError, OSError) as error:
            # A zone may be missing in the time zones of this system.
            fields = {"person": follower.number, "error": str(error)}
            _LOG.error("Failed to plan message", extra={"fields": fields})
    return [each for each in found if each is not None]
