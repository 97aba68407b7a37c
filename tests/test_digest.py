"""What is owed when: the decisions about slots, issues that come late, and bots that do."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from bot.digests import slots
from bot.digests.decision import Decision, decide
from bot.digests.deliveries import filter_by_tags, plan_delivery
from bot.model.channels import Target
from bot.model.planning import DeliveryHistory, SlotState, StoredSlot
from bot.model.subscriptions import Layout, Subscription
from bot.model.weeks import Week
from tests import samples

MONDAY = datetime(2023, 10, 16, tzinfo=UTC)
W39, W40, W41, W42 = (Week(2023, number) for number in (39, 40, 41, 42))
WISH = Subscription(
    Target("fake", "", "papers"),
    "dair",
    zone="Asia/Seoul",
    id=1,
    since=MONDAY - timedelta(days=30),
)


def seoul(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+09:00").astimezone(UTC)


def asked(
    now: str,
    known: tuple[Week, ...],
    newest: Week | None = W40,
    stored: SlotState | None = None,
    **wishes: Any,
) -> Decision | None:
    """Decide about the slot of Monday, 2023-10-16 09:00 in Seoul, which is for 2023-W41."""
    wish = replace(WISH, **wishes)
    slot = slots.slot_for_week(wish, W42)
    kept = {}
    if stored:
        kept[W42] = StoredSlot(W42, slot.at, stored, slot.at + wish.patience)
    return decide(wish, slot, DeliveryHistory(newest, kept), known, seoul(now))


def brought(*args: Any, **kwargs: Any) -> tuple[Week, ...]:
    decision = asked(*args, **kwargs)
    return decision.deliver if decision else ()


def state(*args: Any, **kwargs: Any) -> SlotState | None:
    decision = asked(*args, **kwargs)
    return decision.slot.state if decision else None


def test_the_week_that_is_there_is_brought_at_the_slot() -> None:
    assert brought("2023-10-16 09:00", (W40, W41)) == (W41,)
    assert state("2023-10-16 09:00", (W40, W41)) is SlotState.DELIVERED


def test_a_first_subscription_is_brought_the_newest_alone() -> None:
    assert brought("2023-10-16 09:00", (W39, W40, W41), newest=None) == (W41,)


def test_what_a_first_subscription_is_given_may_be_old_and_its_own_week_is_waited_for() -> None:
    decision = asked("2023-10-16 09:00", (W39, W40), newest=None)
    assert decision
    assert (decision.deliver, decision.slot.state) == ((W40,), SlotState.WAITING)


def test_a_week_that_is_not_there_is_waited_for() -> None:
    assert state("2023-10-16 09:00", (W40,)) is SlotState.WAITING
    assert asked("2023-10-16 20:00", (W40,), stored=SlotState.WAITING) is None


def test_it_is_brought_as_soon_as_it_exists_but_not_at_night() -> None:
    assert brought("2023-10-16 20:00", (W40, W41), stored=SlotState.WAITING) == (W41,)
    assert brought("2023-10-17 00:05", (W40, W41), stored=SlotState.WAITING) == ()
    assert brought("2023-10-17 08:00", (W40, W41), stored=SlotState.WAITING) == (W41,)


def test_a_slot_at_night_that_is_on_time_is_what_the_admin_chose() -> None:
    assert brought("2023-10-16 23:00", (W40, W41), at=time(23)) == (W41,)


def test_when_the_patience_ends_the_week_is_absent() -> None:
    assert state("2023-10-17 20:59", (W40,), stored=SlotState.WAITING) is None
    assert state("2023-10-17 21:00", (W40,), stored=SlotState.WAITING) is SlotState.ABSENT


def test_what_came_after_the_patience_is_brought_at_the_next_slot() -> None:
    wish = WISH
    last, now = slots.slot_for_week(wish, W42), slots.slot_for_week(wish, slots.next_week(W42))
    history = DeliveryHistory(W40, {W42: StoredSlot(W42, last.at, SlotState.ABSENT, last.at)})
    decision = decide(wish, now, history, (W40, W41, W42), now.at)
    assert decision
    assert decision.deliver == (W41, W42)


def test_several_new_issues_go_out_oldest_first() -> None:
    assert brought("2023-10-16 09:00", (W41, W40, W42), newest=W40) == (W41, W42)


def test_a_bot_that_comes_back_within_the_grace_posts_and_after_it_does_not() -> None:
    assert brought("2023-10-18 10:00", (W40, W41)) == (W41,)
    decision = asked("2023-10-19 10:00", (W40, W41))
    assert decision
    assert (decision.deliver, decision.skip, decision.slot.state) == ((), (W41,), SlotState.MISSED)


def test_a_bot_that_comes_back_after_weeks_posts_the_last_and_skips_the_old_ones() -> None:
    decision = asked("2023-10-16 10:00", (W39, W40, W41), newest=Week(2023, 38))
    assert decision
    assert (decision.skip, decision.deliver) == ((W39, W40), (W41,))


def test_what_was_decided_is_not_decided_again() -> None:
    for stored in (SlotState.DELIVERED, SlotState.ABSENT, SlotState.MISSED):
        assert asked("2023-10-16 12:00", (W40, W41, W42), stored=stored) is None


def test_what_was_delivered_before_its_slot_is_not_waited_for() -> None:
    decision = asked("2023-10-16 09:00", (W40, W41), newest=W41)
    assert decision
    assert (decision.deliver, decision.slot.state) == ((), SlotState.DELIVERED)


def test_only_papers_with_the_tags_are_shown_and_without_any_nothing_is_posted() -> None:
    issue = samples.issue()
    assert [e.position for e in filter_by_tags(issue, ("agents", "robotics")).entries] == [2, 3]
    assert filter_by_tags(issue, ()) == issue
    none = plan_delivery(replace(WISH, tags=("vision",)), issue, MONDAY, MONDAY)
    assert none.parts == ()


@pytest.mark.parametrize(
    ("layout", "parts"),
    [
        (Layout.OVERVIEW, [("overview", 0)]),
        (
            Layout.THREADS,
            [("overview", 0), ("paper", 1), ("opening", 1), ("paper", 2), ("opening", 2),
             ("paper", 3), ("opening", 3)],
        ),
        (Layout.FORUM, [("post", 3), ("post", 2), ("post", 1), ("overview", 0)]),
    ],
)  # fmt: skip
def test_a_layout_has_its_parts(layout: Layout, parts: list[tuple[str, int]]) -> None:
    planned = plan_delivery(replace(WISH, layout=layout), samples.issue(), MONDAY, MONDAY)
    assert list(planned.parts) == parts


def test_a_slot_is_for_the_week_that_ended_before_it() -> None:
    assert slots.previous_week(slots.week_of(date(2023, 10, 16))) == Week.of(samples.MONDAY)
