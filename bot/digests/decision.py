"""Decides which issues a slot delivers, skips or waits for (pure)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from bot.digests import slots
from bot.digests.slots import Slot
from bot.model.deliveries import ON_TIME_LIMIT
from bot.model.planning import DeliveryHistory, SlotState, StoredSlot
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week

_HORIZON = timedelta(days=7)
"""How far ahead of the clock an issue may be dated; a later week is a mistake in its source."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done about a slot."""

    slot: StoredSlot
    due_from: datetime
    """When its deliveries are due: at the slot, or when an issue came that it waited for."""
    deliver: tuple[Week, ...] = ()
    """Issues to deliver, oldest first."""
    skip: tuple[Week, ...] = ()
    """Issues that are too late."""


def decide(  # noqa: PLR0913, PLR0917 - all that a slot depends on
    subscription: Subscription,
    slot: Slot,
    history: DeliveryHistory,
    known: Iterable[Week],
    now: datetime,
    untranslated: Collection[Week] = (),
) -> Decision | None:
    """Return what a slot comes to, or None where there is nothing to decide (any more).

    At the slot, every known issue that was not delivered is, oldest first: those newer than the
    newest delivered one, and those that an earlier slot waited for in vain, also where a newer
    one was delivered meanwhile. A first subscription is delivered the newest alone. Without any
    issue the slot waits until the patience ends. What is not on time is not decided in quiet
    hours. An issue that the bot was too late for is skipped; one that itself came too late for
    its slot is delivered at the next. An issue dated after the coming week is not delivered yet.
    An issue whose texts are still to be translated is held back with those after it, until
    `translation_deadline`; then it goes out as it is.
    """
    stored = history.slots.get(slot.week)
    is_open = stored is None or stored.state is SlotState.WAITING
    is_late = now - slot.at > ON_TIME_LIMIT
    if not is_open or (is_late and slots.is_quiet(subscription, now)):
        return None
    begins = now if stored else slot.at
    waiting = stored or StoredSlot(
        slot.week, slot.at, SlotState.WAITING, _waits_until(subscription, slot, now)
    )
    newer = _undelivered(history, known, now)
    late = tuple(week for week in newer if _is_late(subscription, history, week, now))
    if history.newest_week is None:
        late = ()  # a new subscriber wants to see something
    if now - slot.at > subscription.grace and stored is None:
        # The bot did not run: what this slot would have brought is late, newer ones have theirs.
        return Decision(replace(waiting, state=SlotState.MISSED), begins, skip=late)
    wanted = tuple(week for week in newer if week not in late)
    deliver = wanted
    if now < translation_deadline(subscription, slot):
        deliver = tuple(takewhile(lambda week: week not in untranslated, wanted))
    done = (*late, *deliver, *filter(None, [history.newest_week]))
    state = _state(waiting, done, now) if deliver == wanted else SlotState.WAITING
    if state is SlotState.WAITING and stored and not (deliver or late):
        return None
    return Decision(replace(waiting, state=state), begins, deliver, late)


def translation_deadline(subscription: Subscription, slot: Slot) -> datetime:
    """Return until when a slot's issues wait for their translations.

    That is when the patience ends; an hour before quiet hours in which it would end, as these
    would put off the digest further.
    """
    end = slot.at + subscription.patience
    if subscription.patience <= ON_TIME_LIMIT or not slots.is_quiet(subscription, end):
        return end
    return max(slot.at, slots.quiet_hours_start(subscription, end) - ON_TIME_LIMIT)


def with_decision(history: DeliveryHistory, decision: Decision) -> DeliveryHistory:
    """Return the history once a decision is recorded."""
    weeks = {*decision.deliver, *decision.skip}
    newest = max(filter(None, (history.newest_week, *weeks)), default=None)
    return DeliveryHistory(
        newest,
        {**history.slots, decision.slot.week: decision.slot},
        history.delivered | weeks,
    )


def _state(slot: StoredSlot, known: Sequence[Week], now: datetime) -> SlotState:
    """Return what a slot has come to, where these issues are or were there.

    What a first subscription is given may be older: its slot's own issue may come yet.
    """
    if any(week >= slots.previous_week(slot.week) for week in known):
        return SlotState.DELIVERED
    return SlotState.ABSENT if now >= slot.waits_until else SlotState.WAITING


def _waits_until(subscription: Subscription, slot: Slot, now: datetime) -> datetime:
    """Return when the patience ends; a bot that comes back late first looks for what is new."""
    late = min(now + subscription.patience, slot.at + subscription.grace)
    return (
        max(slot.at + subscription.patience, late)
        if now - slot.at > ON_TIME_LIMIT
        else (slot.at + subscription.patience)
    )


def _undelivered(
    history: DeliveryHistory, known: Iterable[Week], now: datetime
) -> tuple[Week, ...]:
    horizon = slots.week_of((now + _HORIZON).date())
    weeks = sorted(week for week in known if week <= horizon)
    newest = history.newest_week
    if newest is None:
        return tuple(weeks[-1:])
    return tuple(
        week
        for week in weeks
        if week not in history.delivered
        and (week > newest or _slot_state(history, week) is not None)
    )


def _slot_state(history: DeliveryHistory, week: Week) -> SlotState | None:
    """Return what became of an issue's own slot; None where it is old or was never decided."""
    stored = history.slots.get(slots.next_week(week))
    return stored.state if stored else None


def _is_late(
    subscription: Subscription, history: DeliveryHistory, week: Week, now: datetime
) -> bool:
    """Return whether an issue's own slot is past its grace, unless the issue was late itself."""
    state = _slot_state(history, week)
    if state is not None and state is not SlotState.MISSED:
        return False
    own = slots.slot_for_week(subscription, slots.next_week(week))
    if subscription.rescheduled_at is not None and own.at < subscription.rescheduled_at:
        return False  # when it came, its slot was at another time
    return now - own.at > subscription.grace
