"""The schedule: it wakes the bot again and again, whatever happens meanwhile."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.digests.scheduler import Scheduler
from bot.lib.clock import SystemClock
from bot.ports.errors import StorageUnavailable
from tests.waiting import wait_for, wait_until


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
    await wait_for(ticks.came.wait())
    stop.set()
    await running


async def test_it_ticks_at_once_and_again() -> None:
    await ticked(Ticks())


@pytest.mark.parametrize("which", [1, 2, 3], ids=["the-first", "the-timers", "a-woken-one"])
async def test_what_is_told_during_a_tick_is_ticked_for_after_it(which: int) -> None:
    goes_on, count = asyncio.Event(), 0

    async def tick() -> None:
        nonlocal count
        count += 1
        if count == which:
            await goes_on.wait()

    stop = asyncio.Event()
    schedule = Scheduler(tick, timedelta(hours=1), SystemClock())
    running = asyncio.create_task(schedule.run(stop))
    await wait_until(lambda: count == 1)
    if which == 2:
        job, *_ = schedule.timer.get_jobs()
        job.modify(next_run_time=datetime.now(UTC))
    if which == 3:
        schedule.wake()
        await wait_until(lambda: count == 2)
        schedule.wake()
    await wait_until(lambda: count == which)
    schedule.wake()
    goes_on.set()
    await wait_until(lambda: count == which + 1)
    stop.set()
    await running


async def test_a_bad_moment_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    await ticked(Ticks(StorageUnavailable("the disk is full"), ValueError("a bug")))
    assert "the disk is full" in caplog.text


async def test_a_watchdog_starts_a_dead_scheduler_anew(caplog: pytest.LogCaptureFixture) -> None:
    ticks, stop = Ticks(), asyncio.Event()
    schedule = Scheduler(ticks.tick, timedelta(seconds=0.02), SystemClock())
    running = asyncio.create_task(schedule.run(stop))
    await asyncio.sleep(0)
    schedule.timer.pause()
    await wait_for(ticks.came.wait())
    stop.set()
    await running
    assert "Timer stopped, restarting it" in caplog.text


async def test_a_tick_longer_than_five_intervals_is_waited_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    every, stop = timedelta(seconds=0.01), asyncio.Event()
    started: list[int] = []
    ended: list[int] = []

    async def tick() -> None:
        started.append(len(started))
        if len(started) == 2:
            # Well beyond the watchdog's patience, more than once.
            await wait_until(lambda: caplog.text.count("Tick is slow") >= 3)
        ended.append(len(ended))
        if len(ended) == 4:
            stop.set()

    await wait_for(Scheduler(tick, every, SystemClock()).run(stop))
    assert started == ended
    assert "restarting" not in caplog.text


async def test_a_slow_tick_is_finished_before_the_program_ends() -> None:
    stop, ended = asyncio.Event(), list[bool]()

    async def tick() -> None:
        stop.set()
        await asyncio.sleep(0.05)
        ended.append(True)

    await wait_for(Scheduler(tick, timedelta(seconds=0.01), SystemClock()).run(stop))
    assert ended == [True]


def test_a_clock_that_is_set_from_1970_to_today_lists_no_missed_ticks() -> None:
    async def tick() -> None:
        pass

    schedule = Scheduler(tick, timedelta(seconds=30), SystemClock())
    (job,) = schedule.timer.get_jobs()
    job.next_run_time = datetime(1970, 1, 1, tzinfo=UTC)
    assert len(job._get_run_times(datetime(2026, 11, 25, tzinfo=UTC))) == 1  # noqa: SLF001
