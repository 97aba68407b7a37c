"""Decides whether a part may have been posted before its first attempt (pure).

A ledger that was restored from a copy does not know what went out after the copy was made, and a
part that is first attempted long after its time may have been posted by a ledger that is lost.
"""

from datetime import datetime, timedelta

from bot.model.deliveries import ON_TIME_LIMIT, DuePart, LedgerGap
from bot.model.weeks import Week

_GAP_MATTERS_FOR = timedelta(days=21)
"""How long after a restore its gap matters: slots of its weeks are no later, grace included."""


def search_since(due_part: DuePart, now: datetime) -> datetime | None:
    """Return since when the platform is to be searched for a part first; None for no search."""
    gap, delivery = due_part.gap, due_part.delivery
    if gap is not None and _may_be_in_gap(due_part, gap, now):
        return min(gap.since or delivery.due_at, delivery.due_at)
    tried = due_part.part.first_tried_at
    if tried is not None and tried - delivery.due_at > ON_TIME_LIMIT:
        return delivery.due_at
    return None


def is_probably_posted(due_part: DuePart, now: datetime) -> bool:
    """Return whether a part that cannot be searched for must not be posted unasked."""
    gap, delivery = due_part.gap, due_part.delivery
    if gap is None or not _may_be_in_gap(due_part, gap, now):
        return False
    return delivery.due_at <= gap.until or delivery.week < Week.of(gap.until.date())


def _may_be_in_gap(due_part: DuePart, gap: LedgerGap, now: datetime) -> bool:
    if now - gap.until > _GAP_MATTERS_FOR:
        return False
    return due_part.delivery.week <= Week.of(gap.until.date())
