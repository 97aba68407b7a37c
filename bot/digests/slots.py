"""Finds the moments at which subscriptions are due (pure): one a week, in every time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.model.subscriptions import Subscription
from bot.model.weeks import Week

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_WEEK = timedelta(days=7)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """The moment of one week; of each week a subscription has exactly one."""

    week: Week
    """The ISO week of the day in the subscription's zone, which is the slot's name."""
    at: datetime
    """Aware UTC."""


def local_to_utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the first moment, in UTC, when the zone's clocks show this day and time or later.

    So an hour that the clocks skip (or a day, as in Samoa in 2011) is right after it, and of an
    hour that comes twice the first is meant.
    """
    wall = datetime.combine(day, at.replace(tzinfo=None, fold=0))
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
        return first
    # The clocks never show it. Read with the offset after the gap it lies before the change.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _find_offset_change(before, first, zone)


def slot_for_week(subscription: Subscription, week: Week) -> Slot:
    """Return the slot of a week; of a subscription that has a weekday."""
    day = date.fromisocalendar(week.year, week.number, (subscription.weekday or 0) + 1)
    return Slot(week, local_to_utc(day, subscription.at, zone_of(subscription)))


def slots_between(subscription: Subscription, since: datetime, now: datetime) -> Iterator[Slot]:
    """Yield the slots at or after `since` that are not after `now`, oldest first."""
    if subscription.weekday is None:
        return
    day = since.astimezone(zone_of(subscription)).date() - _WEEK
    found = slot_for_week(subscription, week_of(day))
    while found.at <= now:
        if found.at >= since:
            yield found
        found = slot_for_week(subscription, next_week(found.week))


def next_slot(subscription: Subscription, now: datetime) -> Slot | None:
    """Return the first slot after `now`; None where there is no weekday or no such zone."""
    if subscription.weekday is None or zone_problem(subscription):
        return None
    found = slot_for_week(
        subscription, week_of(now.astimezone(zone_of(subscription)).date() - _WEEK)
    )
    while found.at <= now:
        found = slot_for_week(subscription, next_week(found.week))
    return found


def next_week(week: Week) -> Week:
    """Return the following week; years of 53 weeks have theirs."""
    return week_of(monday_of(week) + _WEEK)


def previous_week(week: Week) -> Week:
    """Return the week before."""
    return week_of(monday_of(week) - _WEEK)


def monday_of(week: Week) -> date:
    """Return the Monday of a week."""
    return date.fromisocalendar(week.year, week.number, 1)


def week_of(day: date) -> Week:
    """Return the ISO week of a day."""
    year, number, _ = day.isocalendar()
    return Week(year, number)


def is_quiet(subscription: Subscription, now: datetime) -> bool:
    """Return whether it is night, as the subscription means it."""
    start, end = subscription.quiet_from, subscription.quiet_until
    wall = to_local(subscription, now).time()
    if start <= end:
        return start <= wall < end
    return wall >= start or wall < end


def quiet_hours_end(subscription: Subscription, now: datetime) -> datetime:
    """Return when the night that it is now ends."""
    zone = _zone_or_utc(subscription)
    day = now.astimezone(zone).date()
    end = local_to_utc(day, subscription.quiet_until, zone)
    return (
        end if end > now else local_to_utc(day + timedelta(days=1), subscription.quiet_until, zone)
    )


def quiet_hours_start(subscription: Subscription, now: datetime) -> datetime:
    """Return when the quiet hours began that a moment lies in."""
    zone = _zone_or_utc(subscription)
    day = now.astimezone(zone).date()
    start = local_to_utc(day, subscription.quiet_from, zone)
    if start <= now:
        return start
    return local_to_utc(day - timedelta(days=1), subscription.quiet_from, zone)


def to_local(subscription: Subscription, when: datetime) -> datetime:
    """Return a time as the subscription's clocks show it; in UTC where its zone is unknown."""
    return when.astimezone(_zone_or_utc(subscription))


def zone_problem(subscription: Subscription) -> str:
    """Return why a subscription's zone cannot be used, a sentence; empty where it can.

    A zone may be missing in one system's database and not in another's, such as `localtime`.
    """
    try:
        _zone(subscription.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"The time zone {subscription.zone!r} is unknown; choose another one."
    return ""


def zone_of(subscription: Subscription) -> ZoneInfo:
    """Return the rules of a subscription's zone. Raises as `ZoneInfo` does."""
    return _zone(subscription.zone)


def _zone_or_utc(subscription: Subscription) -> ZoneInfo:
    return _zone("UTC" if zone_problem(subscription) else subscription.zone)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _find_offset_change(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment between these two at which the zone's clocks are put forward."""
    offset = early.astimezone(zone).utcoffset()
    while late - early > _SECOND:
        between = early + timedelta(seconds=(late - early) // (2 * _SECOND))
        if between.astimezone(zone).utcoffset() == offset:
            early = between
        else:
            late = between
    return late


def _lookback(subscription: Subscription) -> timedelta:
    """Return how far back slots are looked at: to the newest one, and all within the grace."""
    return max(subscription.grace, _WEEK) + subscription.patience


def recent_slots(subscription: Subscription, now: datetime) -> list[Slot]:
    """Return the passed slots that may still need a decision, oldest first."""
    since = now - _lookback(subscription)
    for start in (subscription.since, subscription.rescheduled_at):
        if start is not None:
            since = max(since, start)
    return list(slots_between(subscription, since, now))
