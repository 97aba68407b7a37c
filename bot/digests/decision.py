"""Decides which issues a slot delivers, skips or waits for (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.digests import slots
from bot.digests.slots import Slot
from bot.model.deliveries import DeliveryHistory, SlotState, StoredSlot
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week

ON_TIME_LIMIT = timedelta(hours=1)
"""What goes out at most this long after its slot is on time, also where the slot is at night."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a slot comes to."""

    slot: StoredSlot
    due_from: datetime
    """From when on what it brings is due: the slot, or when an issue came that it waited for."""
    deliver: tuple[Week, ...] = ()
    """Issues to post, oldest first."""
    skip: tuple[Week, ...] = ()
    """Issues that are too late."""


def decide(
    subscription: Subscription,
    slot: Slot,
    history: DeliveryHistory,
    known: Iterable[Week],
    now: datetime,
) -> Decision | None:
    """Return what a slot comes to, or None where there is nothing to decide (any more).

    At the slot, every known issue newer than the last one delivered is brought, oldest first;
    a first subscription is brought the newest alone. Without any the slot waits, until the
    patience ends. What is not on time is not decided at night. An issue that the bot was too
    late for is skipped; one that came too late for its slot is brought at the next.
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
    newer = _newer(history.newest_week, known)
    late = tuple(week for week in newer if _is_late(subscription, history, week, now))
    if history.newest_week is None:
        late = ()  # whoever subscribes wants to see something
    if now - slot.at > subscription.grace and stored is None:
        # The bot did not run: what this slot would have brought is late, newer ones have theirs.
        return Decision(replace(waiting, state=SlotState.MISSED), begins, skip=late)
    bring = tuple(week for week in newer if week not in late)
    state = _state(waiting, (*newer, *filter(None, [history.newest_week])), now)
    if state is SlotState.WAITING and stored and not newer:
        return None
    return Decision(replace(waiting, state=state), begins, bring, late)


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


def _newer(newest: Week | None, known: Iterable[Week]) -> tuple[Week, ...]:
    weeks = sorted(known)
    if newest is None:
        return tuple(weeks[-1:])
    return tuple(week for week in weeks if week > newest)


def _is_late(
    subscription: Subscription, history: DeliveryHistory, week: Week, now: datetime
) -> bool:
    """Return whether an issue's own slot is past its grace, unless the issue was late itself."""
    own = slots.slot_for_week(subscription, slots.next_week(week))
    stored = history.slots.get(own.week)
    if stored is not None and stored.state in (SlotState.WAITING, SlotState.ABSENT):
        return False
    return now - own.at > subscription.grace
