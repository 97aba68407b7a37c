"""Stores decisions about slots, and reads which subscriptions have something to decide."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, update

from bot.model.deliveries import Purpose
from bot.model.planning import (
    DeliveryHistory,
    DuePage,
    SlotOutcome,
    SlotState,
    StoredSlot,
    SubscriptionPlan,
)
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week
from storage.connections import chunks
from storage.deliveries import held_weeks
from storage.deliveries.notices import add_notices
from storage.deliveries.queue import add_deliveries, delivery_values
from storage.deliveries.row_mapping import (
    SLOTS,
    SUBSCRIPTIONS,
    readable_subscriptions,
    slot_from_row,
)
from storage.reader import ConnectionReader, Reader, format_moment, question_marks, rows_among
from storage.schema.deliveries import deliveries, slots, subscriptions
from storage.schema.upserts import insert_or

_FAR = timedelta(days=8)
"""No slot is further away than a week and a change of clocks."""
_WEEK = timedelta(days=7)
_HORIZON = timedelta(days=7)
"""How far ahead of the clock an issue may be dated; see `bot.digests.decision`."""

# What lies too far ahead was reckoned while the clock was wrong.
_DUE = SUBSCRIPTIONS.select(
    "WHERE NOT is_ended AND NOT is_paused AND id > ? AND (next_at <= ? OR next_at > ? OR EXISTS "
    "(SELECT 1 FROM slots WHERE slots.subscription_id = subscriptions.id "
    "AND slots.state = 'waiting')) ORDER BY id LIMIT ?"
)

_ORDER = 100
"""By which a year is multiplied so that weeks sort as whole numbers."""
_OF_ISSUES = "FROM deliveries WHERE subscription_id IN ({marks}) AND purpose = 'issue' AND"
# A week from the future, dated wrongly, must not stand for all that come until then.
_NEWEST = (
    f"SELECT subscription_id, max(year * {_ORDER} + number) {_OF_ISSUES} "
    f"year * {_ORDER} + number <= ? GROUP BY subscription_id"
)
_DELIVERED = (
    f"SELECT subscription_id, year * {_ORDER} + number {_OF_ISSUES} year * {_ORDER} + number >= ?"
)
_SLOTS = SLOTS.select("WHERE subscription_id IN ({marks}) AND at >= ?")
_STATES = (
    "SELECT subscription_id, year, number, state FROM slots WHERE subscription_id IN ({}) "
    "AND year IN ({}) AND number IN ({})"
)
_ADD_SLOT = insert(slots)
_UPDATE_SLOT = update(slots).where(
    *(slots.c[name] == bindparam(f"same_{name}") for name in ("subscription_id", "year", "number"))
)
_ADD_SKIPPED = insert_or(deliveries).on_conflict_do_nothing()
_SCHEDULE = update(subscriptions).where(subscriptions.c.id == bindparam("row"))


def due(reader: Reader, now: datetime, lookback: timedelta, page: tuple[int, int]) -> DuePage:
    """Return a page of the subscriptions that have something to be decided.

    `page` is the number after which it begins, and its size.
    """
    after, limit = page
    times = (format_moment(now), format_moment(now + _FAR))
    rows = reader.rows(_DUE, (after, *times, limit))
    found = readable_subscriptions(rows)
    known = _histories(reader, list(found), now, lookback)
    return DuePage(
        tuple((each, known[number]) for number, each in found.items()),
        rows[-1][0] if len(rows) == limit else None,
    )


def record_plans(connection: Connection, plans: Sequence[SubscriptionPlan], now: datetime) -> None:
    """Store plans; a slot that another program decided stays as it is.

    All together take as many statements as one, as they are a whole community's at one hour.
    """
    held = _HeldWeeks(connection)
    decided = [
        (
            (plan.subscription.id, outcome.slot.week.year, outcome.slot.week.number),
            held.without_held(plan.subscription, outcome),
        )
        for plan in plans
        for outcome in plan.outcomes
    ]
    for some in chunks(decided):
        _record_decisions(connection, some, now)
    connection.execute(
        _SCHEDULE, [{"row": plan.subscription.id, "next_at": plan.next_at} for plan in plans]
    )


def _histories(
    reader: Reader, numbers: Sequence[int], now: datetime, lookback: timedelta
) -> dict[int, DeliveryHistory]:
    newest: dict[int, Week] = {}
    delivered: dict[int, set[Week]] = {number: set() for number in numbers}
    kept: dict[int, dict[Week, StoredSlot]] = {number: {} for number in numbers}
    since = now - lookback
    for number, order in rows_among(reader, _NEWEST, numbers, _order(now + _HORIZON)):
        newest[number] = Week(*divmod(order, _ORDER))
    # An issue is a week older than its slot.
    for number, order in rows_among(reader, _DELIVERED, numbers, _order(since - 2 * _WEEK)):
        delivered[number].add(Week(*divmod(order, _ORDER)))
    for row in SLOTS.decode(rows_among(reader, _SLOTS, numbers, format_moment(since))):
        slot = slot_from_row(row)
        kept[row["subscription_id"]][slot.week] = slot
    return {
        number: DeliveryHistory(newest.get(number), kept[number], frozenset(delivered[number]))
        for number in numbers
    }


def _order(moment: datetime) -> int:
    """Return the week of a moment as a whole number that sorts."""
    year, number, _ = moment.isocalendar()
    return year * _ORDER + number


def _record_decisions(
    connection: Connection,
    decided: Sequence[tuple[tuple[int, int, int], SlotOutcome]],
    now: datetime,
) -> None:
    """Store decisions by subscription, year and week, unless another program had decided."""
    alike = [sorted({key[index] for key, _ in decided}) for index in range(3)]
    known = ConnectionReader(connection).rows(
        _STATES.format(*(question_marks(len(each)) for each in alike)),
        [value for each in alike for value in each],
    )
    states = {tuple(row[:3]): row[3] for row in known}
    open_states = (None, SlotState.WAITING.value)
    ours = [(key, each) for key, each in decided if states.get(key) in open_states]
    fresh, waiting = [], []
    for (number, year, week), outcome in ours:
        slot = outcome.slot
        values = {"at": slot.at, "state": slot.state.value, "waits_until": slot.waits_until}
        place = {"subscription_id": number, "year": year, "number": week}
        if (number, year, week) in states:
            waiting.append({f"same_{name}": value for name, value in place.items()} | values)
        else:
            fresh.append(place | values)
    skipped = [delivery_values(each) for _, outcome in ours for each in outcome.skipped]
    for statement, rows in ((_ADD_SLOT, fresh), (_UPDATE_SLOT, waiting), (_ADD_SKIPPED, skipped)):
        if rows:
            connection.execute(statement, rows)
    add_deliveries(connection, [each for _, outcome in ours for each in outcome.planned])
    add_notices(connection, [(key[0], each) for key, one in ours for each in one.notices], now)


class _HeldWeeks:
    """The weeks that curators began to hold while decisions were made, each read once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._holds: dict[tuple[str, Week], held_weeks.Holds] = {}

    def without_held(self, subscription: Subscription, outcome: SlotOutcome) -> SlotOutcome:
        """Return a decision without what is held; its slot waits then."""
        rest = tuple(
            planned
            for planned in outcome.planned
            if planned.delivery.purpose is not Purpose.ISSUE
            or not self._is_held(subscription, planned.delivery.week)
        )
        if rest == outcome.planned:
            return outcome
        return replace(outcome, slot=replace(outcome.slot, state=SlotState.WAITING), planned=rest)

    def _is_held(self, subscription: Subscription, week: Week) -> bool:
        key = (subscription.series, week)
        if key not in self._holds:
            self._holds[key] = held_weeks.find_holds(self._connection, *key)
        return held_weeks.is_held_in(self._holds[key], subscription.target)
