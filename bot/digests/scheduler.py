"""Wakes the planner at short intervals; what is due is decided from the database, never here."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.lib.clock import Clock, wait_for_event
from bot.ports.errors import StorageUnavailable

_SILENT_INTERVALS = 5
"""After so many intervals without a tick the watchdog acts."""

_LOG = logging.getLogger(__name__)


class Scheduler:
    """Calls one function again and again; a watchdog restarts the timer if it dies.

    A tick that is merely slow is logged and waited for, never cancelled.
    """

    def __init__(
        self, tick: Callable[[], Awaitable[None]], every: timedelta, clock: Clock
    ) -> None:
        self._tick = tick
        self._every = every
        self._clock = clock
        self._last_sign = clock.monotonic()
        """When a tick ended last, or the watchdog acted."""
        self.last_tick_at: datetime | None = None
        """UTC: when a tick last ended well."""
        self._ticking = asyncio.Lock()
        self._is_stopping = self._is_woken = False
        self._woken: asyncio.Task[None] | None = None
        self.timer = self._build_timer()

    def wake(self) -> None:
        """Tick at once, rather than at the end of the interval; during a tick, after it."""
        # The timer would skip what it is told while its own job has not quite ended.
        if self._ticking.locked():
            self._is_woken = True
        elif self._woken is None or self._woken.done():
            self._woken = asyncio.create_task(self._run_tick())

    async def run(self, stop: asyncio.Event) -> None:
        """Tick at once and then at every interval, until `stop` is set."""
        first = asyncio.create_task(self._run_tick())
        self.timer.start()
        while not await wait_for_event(stop, self._every.total_seconds(), self._clock):
            self._watch()
        self.timer.pause()
        self._is_stopping = True
        await first
        async with self._ticking:  # or the tick that goes on would be cut off
            self.timer.shutdown(wait=False)

    def _watch(self) -> None:
        silent = self._clock.monotonic() - self._last_sign
        if silent <= self._every.total_seconds() * _SILENT_INTERVALS:
            return
        self._last_sign = self._clock.monotonic()
        if self._ticking.locked():
            # To shut the timer down would cancel the tick, and a slow machine would never end one.
            _LOG.warning("Tick is slow", extra={"fields": {"seconds": round(silent, 3)}})
            return
        _LOG.error("Timer stopped, restarting it")
        self.timer.shutdown(wait=False)
        self.timer = self._build_timer()
        self.timer.start()

    def _build_timer(self) -> AsyncIOScheduler:
        timer = AsyncIOScheduler(timezone="UTC")
        timer.add_job(
            self._run_tick,
            _Every(self._every),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        return timer

    async def _run_tick(self) -> None:
        """Tick, and again for as long as it was woken meanwhile."""
        async with self._ticking:
            self._is_woken = True
            while self._is_woken and not self._is_stopping:
                self._is_woken = False
                await self._tick_safely()

    async def _tick_safely(self) -> None:
        """Tick; whatever fails, the next tick tries again."""
        try:
            await self._tick()
            self.last_tick_at = self._clock.now()
        except StorageUnavailable as error:
            _LOG.error("Planning failed, ledger unavailable: %s", error)
        except Exception:  # noqa: BLE001 - one failure must not end all digests
            _LOG.exception("Planning failed")
        self._last_sign = self._clock.monotonic()


class _Every(BaseTrigger):  # type: ignore[misc]
    """Fires at an interval counted from now.

    APScheduler's own interval trigger lists every time that was missed, which takes minutes and
    gigabytes after a clock that was decades slow was set.
    """

    def __init__(self, every: timedelta) -> None:
        self._every = every

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        return now + self._every
