"""Tells subscribers of weeks that come to the archive too late for any slot."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from bot.model.deliveries import Purpose
from bot.model.planning import Notice
from bot.model.weeks import Week
from storage.deliveries.notices import add_notice
from storage.schema.deliveries import deliveries, slots, subscriptions
from storage.schema.upserts import insert_or

_TOO_LATE = timedelta(days=22)
"""How long after its own slot a week is posted no more.

The planner looks back 30 days; the next slot comes within eight.
"""
_REMEMBERED = timedelta(days=420)
"""What is older is the past of a series, which is added now, and no late week."""
_SEPARATE_NOTICES = 3
"""Of more weeks at once, as when a source comes back, one notice tells."""
_WEEK = timedelta(days=7)


def tell_of_late_weeks(
    connection: Connection, added: Mapping[str, Collection[Week]], now: datetime
) -> None:
    """Record by series that weeks were not posted, and store a notice for each subscriber.

    A week counts that is older than the newest delivered one, and whose slot found nothing, long
    ago. The planner decides on all others.
    """
    for series, weeks in added.items():
        recent = sorted(week for week in weeks if _monday(week) > (now - _REMEMBERED).date())
        if not recent or not _has_subscribers(connection, series):
            continue  # as where an archive is filled
        found: defaultdict[int, list[Week]] = defaultdict(list)
        for week in recent:
            for number in _subscribers(connection, series, week, now):
                _skip(connection, number, week, now)
                found[number].append(week)
        for number, late in found.items():
            for notice in _notices(late):
                add_notice(connection, number, notice, now)


def _has_subscribers(connection: Connection, series: str) -> bool:
    of_series = select(subscriptions.c.id).where(subscriptions.c.series == series).limit(1)
    return connection.scalar(of_series) is not None


def _subscribers(connection: Connection, series: str, week: Week, now: datetime) -> list[int]:
    """Return the subscriptions that waited for a week in vain."""
    slot = Week.of(_monday(week) + _WEEK)
    of_issue = (
        deliveries.c.subscription_id == subscriptions.c.id,
        deliveries.c.purpose == Purpose.ISSUE.value,
    )
    asked = select(subscriptions.c.id).where(
        subscriptions.c.series == series,
        subscriptions.c.is_ended.is_(False),
        subscriptions.c.is_paused.is_(False),
        exists().where(
            slots.c.subscription_id == subscriptions.c.id,
            slots.c.year == slot.year,
            slots.c.number == slot.number,
            slots.c.at < now - _TOO_LATE,
        ),
        exists().where(*of_issue, _is_after(week)),
        ~exists().where(
            *of_issue, deliveries.c.year == week.year, deliveries.c.number == week.number
        ),
    )
    return list(connection.scalars(asked))


def _is_after(week: Week) -> ColumnElement[bool]:
    return or_(
        deliveries.c.year > week.year,
        and_(deliveries.c.year == week.year, deliveries.c.number > week.number),
    )


def _skip(connection: Connection, number: int, week: Week, now: datetime) -> None:
    layout = select(subscriptions.c.layout).where(subscriptions.c.id == number)
    values = {
        "subscription_id": number,
        "purpose": Purpose.ISSUE.value,
        "year": week.year,
        "number": week.number,
        "layout": layout.scalar_subquery(),
        "due_at": now,
        "expires_at": now,
        "skipped": "late",
        "paper": 0,
    }
    connection.execute(insert_or(deliveries).values(values).on_conflict_do_nothing())


def _notices(weeks: list[Week]) -> list[Notice]:
    if len(weeks) <= _SEPARATE_NOTICES:
        return [Notice("late_week", str(week), {"week": str(week)}) for week in weeks]
    facts = {"number": str(len(weeks)), "first": str(weeks[0]), "last": str(weeks[-1])}
    return [Notice("late_many", f"{weeks[0]} {weeks[-1]}", facts)]


def _monday(week: Week) -> date:
    return date.fromisocalendar(week.year, week.number, 1)
