"""A digest waits for what is still to be translated, and never longer than its patience."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digests import slots
from bot.digests.decision import Decision, decide, translation_deadline, with_decision
from bot.digests.slots import Slot
from bot.enrichment.translation.progress import TranslationProgress
from bot.model.channels import Target
from bot.model.planning import DeliveryHistory, SlotState
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week
from bot.ports.translations import TranslationScope, TranslationStore

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TICK = timedelta(minutes=30)
FIRST = Week(2026, 20)
"""Delivered before the story begins."""
WISH = Subscription(
    Target("fake", "", "papers"),
    "dair",
    patience=36 * HOUR,
    # Quiet hours put off what is late, whatever it was late for.
    quiet_from=time(8),
    quiet_until=time(8),
)
SLOT = slots.slot_for_week(WISH, Week(2026, 22))
OWN = Week(2026, 21)


def decided(
    now: datetime,
    untranslated: Collection[Week],
    known: Collection[Week] = (OWN,),
    history: DeliveryHistory | None = None,
    **wishes: Any,
) -> Decision | None:
    history = history or DeliveryHistory(FIRST, {})
    return decide(replace(WISH, **wishes), SLOT, history, known, now, untranslated)


def test_a_week_that_is_being_translated_waits_and_goes_out_when_it_is_done() -> None:
    waits = decided(SLOT.at, {OWN})
    assert waits
    assert (waits.deliver, waits.slot.state) == ((), SlotState.WAITING)
    history = with_decision(DeliveryHistory(FIRST, {}), waits)

    assert decided(SLOT.at + HOUR, {OWN}, history=history) is None
    done = decided(SLOT.at + 2 * HOUR, (), history=history)
    assert done
    assert (done.deliver, done.slot.state) == ((OWN,), SlotState.DELIVERED)
    assert done.due_from == SLOT.at + 2 * HOUR


def test_it_goes_out_as_it_is_when_the_patience_ends() -> None:
    waits = decided(SLOT.at, {OWN})
    assert waits
    history = with_decision(DeliveryHistory(FIRST, {}), waits)

    assert decided(SLOT.at + WISH.patience - TICK, {OWN}, history=history) is None
    found = decided(SLOT.at + WISH.patience, {OWN}, history=history)
    assert found
    assert (found.deliver, found.slot.state) == ((OWN,), SlotState.DELIVERED)


def test_it_goes_out_before_the_quiet_hours_in_which_its_patience_would_end() -> None:
    # The slot is at nine; eleven hours later it is eight in the evening.
    wishes: dict[str, Any] = {"patience": 14 * HOUR, "quiet_from": time(22)}
    waits = decided(SLOT.at, {OWN}, **wishes)
    assert waits
    history = with_decision(DeliveryHistory(FIRST, {}), waits)

    assert decided(SLOT.at + 11 * HOUR, {OWN}, history=history, **wishes) is None
    found = decided(SLOT.at + 12 * HOUR, {OWN}, history=history, **wishes)
    assert found
    assert found.deliver == (OWN,)


def test_without_patience_nothing_waits() -> None:
    found = decided(SLOT.at, {OWN}, patience=timedelta(0))
    assert found
    assert found.deliver == (OWN,)


def test_a_first_subscription_waits_for_the_newest_and_is_given_no_older_one() -> None:
    first = DeliveryHistory(None, {})
    waits = decided(SLOT.at, {OWN}, (FIRST, OWN), first)
    assert waits
    assert (waits.deliver, waits.slot.state) == ((), SlotState.WAITING)


def test_what_follows_a_week_that_waits_does_not_overtake_it() -> None:
    after = Week(2026, 22)
    waits = decided(SLOT.at, {OWN}, (OWN, after))
    early = decided(SLOT.at, {after}, (OWN, after))
    assert waits
    assert early
    assert waits.deliver == ()
    assert (early.deliver, early.slot.state) == ((OWN,), SlotState.WAITING)


Story = Mapping[Week, tuple[timedelta, timedelta]]
"""When each week comes, after the Monday of its slot, and how long its translation takes then."""

_HOURS = st.integers(-60, 150).map(lambda hours: hours * HOUR)
_TAKES = st.integers(0, 400).map(lambda hours: hours * HOUR)
_STORIES = st.fixed_dictionaries(
    {Week(2026, number): st.tuples(_HOURS, _TAKES) for number in (21, 22, 23)}
)


@settings(max_examples=12, deadline=None)
@given(
    _STORIES,
    st.integers(0, 72).map(lambda hours: hours * HOUR),
    st.sampled_from(["UTC", "Asia/Seoul", "America/St_Johns", "Pacific/Kiritimati"]),
    st.sampled_from([time(0), time(9), time(21), time(23, 30)]),
    st.sampled_from([time(22), time(8)]),
)
def test_no_digest_waits_longer_than_its_patience_and_none_is_lost_or_sent_twice(
    story: Story, patience: timedelta, zone: str, at: time, quiet_from: time
) -> None:
    wish = replace(WISH, patience=patience, zone=zone, at=at, quiet_from=quiet_from)
    comes, done = _moments(wish, story)
    plain = _play(wish, comes, comes)
    waiting = _play(wish, comes, done)

    assert list(waiting) == sorted(waiting)
    assert set(waiting) == set(plain) == set(story)
    for each, (sent, slot) in waiting.items():
        without, slot_without = plain[each]
        assert sent >= without
        # It goes out no later than the end of the patience of the slot that would have sent it.
        assert sent < max(without, slot_without.at + patience) + TICK
        # It goes out untranslated only when its slot waits no longer.
        assert sent >= done[each] or sent >= translation_deadline(wish, slot)


def _moments(wish: Subscription, story: Story) -> tuple[Mapping[Week, datetime], ...]:
    comes = {
        each: slots.slot_for_week(wish, slots.next_week(each)).at + after
        for each, (after, _) in story.items()
    }
    return comes, {each: comes[each] + takes for each, (_, takes) in story.items()}


def _play(
    wish: Subscription, comes: Mapping[Week, datetime], done: Mapping[Week, datetime]
) -> dict[Week, tuple[datetime, Slot]]:
    """Return when each week is sent, in order, and for which slot."""
    history = DeliveryHistory(FIRST, {})
    now = slots.slot_for_week(wish, Week(2026, 22)).at - 3 * DAY
    wish = replace(wish, since=now)
    sent: dict[Week, tuple[datetime, Slot]] = {}
    for _ in range(40 * 48):
        known = [each for each, moment in comes.items() if moment <= now]
        lacking = {each for each in known if done[each] > now}
        for slot in slots.recent_slots(wish, now):
            decision = decide(wish, slot, history, known, now, lacking)
            if decision is None:
                continue
            assert not {*decision.deliver} & {*sent}
            sent |= dict.fromkeys(decision.deliver, (now, slot))
            assert decision.skip == ()
            history = with_decision(history, decision)
        now += TICK
    return sent


class _Untranslated:
    """A store in which one week lacks texts; it remembers for which languages it was asked."""

    def __init__(self) -> None:
        self.languages: list[tuple[str, ...]] = []

    async def untranslated_weeks(self, scope: TranslationScope, series: str) -> frozenset[Week]:
        self.languages.append(scope.languages)
        return frozenset({OWN})


async def test_nothing_is_waited_for_that_cannot_be_made() -> None:
    store = _Untranslated()
    progress = TranslationProgress(
        cast("TranslationStore", store), TranslationScope(("ko",), newest=4)
    )

    assert await progress.awaited_weeks("dair", ("ko", "en")) == {OWN}
    assert await progress.awaited_weeks("dair", ("en",)) == frozenset()
    progress.is_stalled = True
    assert await progress.awaited_weeks("dair", ("ko",)) == frozenset()
    assert store.languages == [("ko",)]
