"""Decides which weeks wait for curators at a slot, and when these are reminded (pure)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import assert_never

from bot.digests import slots
from bot.digests.slots import Slot
from bot.model.review_rules import ReviewFallback, ReviewRules
from bot.model.reviews import Review, ReviewState, review_for
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week


def waiting_weeks(
    reviews: Mapping[Week, Sequence[Review]],
    rules: ReviewRules,
    subscription: Subscription,
    slot: Slot,
    now: datetime,
) -> frozenset[Week]:
    """Return the weeks that a slot may not deliver yet, as if they had not come."""
    found = set()
    for week, each in reviews.items():
        review = review_for(each, subscription.target)
        if review is not None and not _is_released(review, rules, subscription, slot, now):
            found.add(week)
    return frozenset(found)


def fallback_at(
    review: Review, rules: ReviewRules, subscription: Subscription, slot: Slot
) -> datetime:
    """Return from when a slot delivers a week about which no curator decides.

    That is the slot. Curators have some hours at least, where the week comes just before or later;
    but the digest waits for them no longer than its patience.
    """
    latest = slot.at + subscription.patience
    return max(slot.at, min(review.submitted_at + rules.notice, latest))


def first_fallback(
    review: Review, rules: ReviewRules, schedules: Iterable[Subscription]
) -> datetime | None:
    """Return when the fallback takes effect first, of all schedules; None where there is none."""
    moments = []
    for subscription in schedules:
        if slots.zone_problem(subscription):
            continue
        since = review.submitted_at
        # What came after its slot is delivered by that, as long as the patience lasts.
        due = [*slots.slots_between(subscription, since - subscription.patience, since)]
        following = slots.next_slot(subscription, since)
        due += [following] if following else []
        moments += [fallback_at(review, rules, subscription, slot) for slot in due]
    return min(moments, default=None)


def is_reminder_due(review: Review, rules: ReviewRules, now: datetime) -> bool:
    """Return whether curators are to be reminded of a review now.

    Not where its message itself came so late that it is as good as a reminder.
    """
    if review.state is not ReviewState.PENDING or review.is_reminded or review.due_at is None:
        return False
    begins = review.due_at - rules.reminder
    return review.submitted_at < begins <= now < review.due_at


def _is_released(
    review: Review, rules: ReviewRules, subscription: Subscription, slot: Slot, now: datetime
) -> bool:
    match review.state:
        case ReviewState.APPROVED:
            return True
        case ReviewState.HELD:
            return False
        case ReviewState.PENDING:
            is_posted = rules.fallback is ReviewFallback.POST
            return is_posted and now >= fallback_at(review, rules, subscription, slot)
        case _:
            assert_never(review.state)
