"""The rate over all channels: evenly spaced, caught up after a halt, and never exceeded."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lib.rate_limit import RATE_SHARE, RateLimit, RateLimiter
from tests.virtual_time import VirtualClock, VirtualLoop, run

CLOCK = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
JITTER = 1 / RATE_SHARE - 1
"""Seconds by which requests may come closer to each other on their way."""


def freeze(seconds: float) -> None:
    cast("VirtualLoop", asyncio.get_running_loop()).freeze(seconds)


def most_in(span: float, moments: Sequence[float]) -> int:
    return max(sum(start <= each < start + span for each in moments) for start in moments)


@given(st.integers(1, 60), st.lists(st.tuples(st.floats(0, 0.7), st.floats(0, 0.9)), max_size=10))
def test_in_no_second_are_there_more_turns_than_permitted(
    per_second: int, halts: list[tuple[float, float]]
) -> None:
    moments: list[float] = []

    async def work() -> None:
        limiter = RateLimiter(lambda: RateLimit(per_second, timedelta()), CLOCK)

        async def take(late: float) -> None:
            turn = await limiter.acquire(is_pending=True)
            await asyncio.sleep(late)
            turn.mark_sent(CLOCK.monotonic())
            moments.append(CLOCK.monotonic())

        async def halt() -> None:
            for rest, seconds in halts:
                await asyncio.sleep(rest)
                freeze(seconds)

        taking = (take((number % 3) * 0.2 / per_second) for number in range(per_second * 4))
        await asyncio.gather(halt(), *taking)

    run(work())
    assert most_in(1 + 0.9 * JITTER, moments) <= per_second


def test_what_a_halt_held_up_is_caught_up() -> None:
    async def work() -> float:
        limiter = RateLimiter(lambda: RateLimit(50, timedelta()), CLOCK)
        waiting = asyncio.gather(*(limiter.acquire() for _ in range(500)))
        for _ in range(50):
            await asyncio.sleep(0.17)
            freeze(0.03)
        await waiting
        return CLOCK.monotonic()

    assert run(work()) < 1.03 * 500 / (50 * RATE_SHARE)


def test_only_messages_take_a_turn_where_nothing_else_counts() -> None:
    async def work(limit: RateLimit) -> float:
        limiter = RateLimiter(lambda: limit, CLOCK)
        for _ in range(47):
            await limiter.acquire_for_other()
        return CLOCK.monotonic()

    assert run(work(RateLimit(50, timedelta(), only_messages=True))) == 0
    assert run(work(RateLimit(50, timedelta()))) > 0.9


def test_after_a_rest_there_is_no_burst() -> None:
    async def work() -> list[float]:
        limiter = RateLimiter(lambda: RateLimit(50, timedelta()), CLOCK)
        await limiter.acquire()
        await asyncio.sleep(60)
        return [(await limiter.acquire()).at for _ in range(20)]

    moments = run(work())
    assert all(later - sooner > 0.01 for sooner, later in pairwise(moments[1:]))


def test_a_channel_waits_from_when_its_message_was_sent() -> None:
    async def work() -> float:
        limiter = RateLimiter(lambda: RateLimit(50, timedelta(seconds=1)), CLOCK)
        turn = await limiter.acquire("general")
        await asyncio.sleep(0.4)  # as while a connection is opened
        turn.mark_sent(CLOCK.monotonic())
        await limiter.acquire("random")
        assert CLOCK.monotonic() == pytest.approx(0.4)
        await limiter.acquire("general")
        return CLOCK.monotonic()

    assert run(work()) == pytest.approx(1.4)
