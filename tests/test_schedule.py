"""The schedule: it wakes the bot again and again, whatever happens meanwhile."""

import asyncio
from datetime import timedelta

import pytest

from bot.digests.scheduler import Scheduler
from bot.lib.clock import SystemClock
from bot.ports.errors import StorageUnavailable


class Ticks:
    """Counts ticks; the first ones fail as they are told."""

    def __init__(self, *errors: Exception) -> None:
        self.count = 0
        self.came = asyncio.Event()
        self._errors = list(errors)
        self._wanted = len(errors) + 3

    async def tick(self) -> None:
        self.count += 1
        if self.count >= self._wanted:
            self.came.set()
        if self._errors:
            raise self._errors.pop(0)


async def ticked(ticks: Ticks) -> None:
    stop = asyncio.Event()
    schedule = Scheduler(ticks.tick, timedelta(seconds=0.02), SystemClock())
    running = asyncio.create_task(schedule.run(stop))
    await asyncio.wait_for(ticks.came.wait(), 20)
    stop.set()
    await running


async def test_it_ticks_at_once_and_again() -> None:
    await ticked(Ticks())


async def test_a_bad_moment_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    await ticked(Ticks(StorageUnavailable("the disk is full"), ValueError("a bug")))
    assert "the disk is full" in caplog.text


async def test_a_watchdog_starts_a_dead_scheduler_anew(caplog: pytest.LogCaptureFixture) -> None:
    ticks, stop = Ticks(), asyncio.Event()
    schedule = Scheduler(ticks.tick, timedelta(seconds=0.02), SystemClock())
    running = asyncio.create_task(schedule.run(stop))
    await asyncio.sleep(0)
    schedule.scheduler.pause()
    await asyncio.wait_for(ticks.came.wait(), 20)
    stop.set()
    await running
    assert "started anew" in caplog.text
