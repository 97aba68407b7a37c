"""Calls of many tasks that are joined into few."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from bot.delivery.batch import CallBatch
from bot.ports.errors import StorageUnavailable
from tests.virtual_time import VirtualClock, run

CLOCK = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))


def test_what_comes_while_a_call_runs_is_done_with_the_next_one() -> None:
    calls: list[list[int]] = []

    async def call(items: Sequence[int]) -> None:
        calls.append([*items])
        await asyncio.sleep(1)

    async def work() -> None:
        batch = CallBatch(call, lambda: 0.0, CLOCK)

        async def add(number: int) -> None:
            await asyncio.sleep(number / 10)
            await batch.add(number)

        await asyncio.gather(*(add(number) for number in range(5)))

    run(work())
    assert calls == [[0], [1, 2, 3, 4]]


def test_one_item_that_fails_does_not_spoil_the_others() -> None:
    done: list[int] = []

    async def call(items: Sequence[int]) -> None:
        if 2 in items:
            raise ValueError("2 cannot be stored")
        done.extend(items)

    async def work() -> list[BaseException | None]:
        batch = CallBatch(call, lambda: 0.1, CLOCK)
        adding = (batch.add(number) for number in range(4))
        return await asyncio.gather(*adding, return_exceptions=True)

    outcomes = run(work())
    assert sorted(done) == [0, 1, 3]
    assert [type(outcome) for outcome in outcomes] == [
        type(None),
        type(None),
        ValueError,
        type(None),
    ]


def test_an_unavailable_storage_is_told_to_all_at_once() -> None:
    calls = 0

    async def call(items: Sequence[int]) -> None:
        nonlocal calls
        calls += 1
        raise StorageUnavailable("the disk is full")

    async def work() -> None:
        batch = CallBatch(call, lambda: 0.1, CLOCK)
        outcomes = await asyncio.gather(
            *(batch.add(number) for number in range(3)), return_exceptions=True
        )
        assert all(isinstance(outcome, StorageUnavailable) for outcome in outcomes)
        with pytest.raises(StorageUnavailable):
            await batch.add(3)

    run(work())
    assert calls == 2
