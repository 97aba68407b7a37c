"""Wakes the bot at short intervals; what is due is decided from the database, never here."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.lib.clock import Clock, wait_for_event
from bot.ports.errors import StorageUnavailable

_LATE = 5
"""After how many intervals without a tick the watchdog barks."""

_LOG = logging.getLogger(__name__)


class Scheduler:
    """Calls one function again and again; a watchdog starts the scheduler anew if it dies."""

    def __init__(
        self, tick: Callable[[], Awaitable[None]], every: timedelta, clock: Clock
    ) -> None:
        self._tick = tick
        self._every = every.total_seconds()
        self._clock = clock
        self._ticked_at = clock.monotonic()
        self._ticking = asyncio.Lock()
        self._has_ended = False
        self.scheduler = self._build_scheduler()

    def wake(self) -> None:
        """Tick soon, rather than at the end of the interval."""
        job, *_ = self.scheduler.get_jobs() or (None,)
        if job is not None:
            job.modify(next_run_time=datetime.now(UTC))

    async def run(self, stop: asyncio.Event) -> None:
        """Tick at once and then at every interval, until told to stop."""
        await self._run_tick()
        self.scheduler.start()
        while not await wait_for_event(stop, self._every, self._clock):
            if self._clock.monotonic() - self._ticked_at > self._every * _LATE:
                _LOG.error("the scheduler has stopped ticking and is started anew")
                self.scheduler.shutdown(wait=False)
                self.scheduler = self._build_scheduler()
                self.scheduler.start()
                self._ticked_at = self._clock.monotonic()
        self.scheduler.pause()
        async with self._ticking:
            # The scheduler ends a moment later; a tick that it began till then would be cut off.
            self._has_ended = True
            self.scheduler.shutdown(wait=False)

    def _build_scheduler(self) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(timezone="UTC")
        scheduler.add_job(
            self._run_tick,
            "interval",
            seconds=self._every,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        return scheduler

    async def _run_tick(self) -> None:
        """Tick; whatever goes wrong, the next tick tries again."""
        try:
            async with self._ticking:
                if not self._has_ended:
                    await self._tick()
        except StorageUnavailable as error:
            _LOG.error("what is due is not decided: %s", error)
        except Exception:  # noqa: BLE001 - one bad moment must not end all Mondays
            _LOG.exception("what is due is not decided")
        self._ticked_at = self._clock.monotonic()
