"""Builds deliveries with their parts and notices from a decision."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.digests import slots
from bot.digests.decision import Decision
from bot.digests.layouts import digest_parts
from bot.model.deliveries import Delivery, Purpose
from bot.model.discussions import Recap
from bot.model.papers import Issue
from bot.model.planning import Notice, PlannedDelivery, SlotOutcome, SlotState
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week
from bot.ports.archive import Archive, SeriesPreference

ABSENCE_KIND = "note"
"""The kind of the one part of an absence delivery."""


_SEPARATE_NOTICES = 3
"""Of more weeks that are too late at once, as when a source comes back, one notice tells."""


def plan_delivery(
    subscription: Subscription,
    issue: Issue,
    due_at: datetime,
    expires_at: datetime,
    recap: Recap | None = None,
) -> PlannedDelivery:
    """Return the delivery of an issue, with a part for each message of its layout.

    Where no paper has the tags that are wanted it has none, and counts as delivered.
    """
    shown = filter_by_tags(issue, subscription.tags)
    delivery = Delivery(
        subscription.id,
        Purpose.ISSUE,
        issue.week,
        subscription.layout,
        due_at,
        expires_at,
        recap=recap if subscription.has_recap else None,
    )
    if subscription.tags and not shown.entries:
        return PlannedDelivery(delivery, ())
    found = digest_parts(shown, subscription.layout)
    return PlannedDelivery(
        delivery,
        tuple((place.kind.value, place.position) for place in found),
        {entry.position: entry.paper.id for entry in shown.entries},
    )


def filter_by_tags(issue: Issue, tags: Sequence[str]) -> Issue:
    """Return the issue with only the papers that have one of these tags; with all for none."""
    if not tags:
        return issue
    wanted = set(tags)
    entries = tuple(
        entry for entry in issue.entries if not wanted.isdisjoint(entry.paper.all_tags)
    )
    if len(entries) == len(issue.entries):
        return issue
    # The introduction and the statistics are about all papers.
    return replace(
        issue,
        entries=entries,
        filtered_from=len(issue.entries),
        filter_tags=tuple(tags),
        intros={},
        counts=None,
        machine_texts=(),
    )


async def load_issue(archive: Archive, series: str, week: Week) -> Issue | None:
    """Return the issue of a series and week, or None where it is gone."""
    day = slots.monday_of(week)
    found = (await archive.find_issue(week, day, SeriesPreference(only=series))).issue
    return found if found is not None and found.series == series else None


def outcome_of(
    subscription: Subscription,
    decision: Decision,
    issues: list[Issue],
    recap: Recap | None = None,
) -> SlotOutcome:
    """Return what the ledger records of a decision: deliveries, skipped weeks and notices.

    Of several issues the first one, which is posted first, has the recap.
    """
    slot = decision.slot
    expires_at = decision.due_from + subscription.grace
    planned = [
        plan_delivery(
            subscription, issue, decision.due_from, expires_at, None if number else recap
        )
        for number, issue in enumerate(issues)
    ]
    if slot.state is SlotState.ABSENT and subscription.says_absence:
        absence = Delivery(
            subscription.id, Purpose.ABSENCE, slot.week, subscription.layout,
            slot.waits_until, slot.waits_until + subscription.grace,
        )  # fmt: skip
        planned.append(PlannedDelivery(absence, ((ABSENCE_KIND, 0),)))
    skipped = tuple(
        Delivery(
            subscription.id, Purpose.ISSUE, week, subscription.layout,
            decision.due_from, expires_at, skipped="late",
        )
        for week in decision.skip
    )  # fmt: skip
    notices = _late_notices(
        [
            week
            for week in decision.skip
            # Older ones were not expected: there was no subscription yet.
            if subscription.since is None
            or slots.slot_for_week(subscription, slots.next_week(week)).at >= subscription.since
        ]
    )
    if slot.state is SlotState.MISSED and not decision.skip:
        notices.append(Notice("missed", str(slot.week), {"week": str(slot.week)}))
    return SlotOutcome(slot, tuple(planned), skipped, tuple(notices))


def _late_notices(weeks: Sequence[Week]) -> list[Notice]:
    """Return the notices of weeks, oldest first, that came too late; one for all of many."""
    if len(weeks) <= _SEPARATE_NOTICES:
        return [Notice("late", str(week), {"week": str(week)}) for week in weeks]
    facts = {"number": str(len(weeks)), "first": str(weeks[0]), "last": str(weeks[-1])}
    return [Notice("late_many", f"{weeks[0]} {weeks[-1]}", facts)]
