"""Gives each host one request at a time, in pace, and leaves it alone when it asks for that."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from adapters.http.options import Options
from bot.lib.clock import Clock
from bot.ports.errors import TryLater


@dataclass(slots=True)
class _HostState:
    """How it stands with a host, in seconds of the stopwatch."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = float("-inf")
    held_until: float = float("-inf")


class HostRateLimiter:
    """Whose turn it is."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._places: dict[str, _HostState] = {}

    @asynccontextmanager
    async def acquire(self, host: str) -> AsyncIterator[None]:
        """Wait for a turn and have it; raises TryLater while the host is left alone."""
        place = self._place(host)
        async with place.lock:
            rest = place.held_until - self._clock.monotonic()
            if rest > 0:
                raise TryLater(timedelta(seconds=rest), f"{host} asked to be left alone.")
            await self._clock.sleep(max(0.0, place.free_at - self._clock.monotonic()))
            try:
                yield
            finally:
                # Counted from the end, so that requests do not come closer on their way.
                pause = self._options.intervals.get(host, self._options.interval)
                place.free_at = self._clock.monotonic() + pause.total_seconds()

    def hold(self, host: str, span: timedelta) -> None:
        """Leave a host alone for so long."""
        place = self._place(host)
        until = self._clock.monotonic() + span.total_seconds()
        place.held_until = max(place.held_until, until)

    def _place(self, host: str) -> _HostState:
        return self._places.setdefault(host, _HostState())
