"""Work that is repeated until it is asked to end."""

import asyncio

import pytest

from bot.lib.clock import run_until
from tests.waiting import wait_for


async def test_work_that_fails_is_not_passed_over_in_silence() -> None:
    async def work() -> None:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        await wait_for(run_until(asyncio.Event(), work()))


async def test_work_under_way_is_left_when_the_end_comes() -> None:
    stop, left = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            stop.set()
            await asyncio.Event().wait()
        finally:
            left.set()

    await wait_for(run_until(stop, work()))
    assert left.is_set()
