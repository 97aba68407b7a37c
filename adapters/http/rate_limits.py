"""Limits each host to one request at a time, at its interval, and honours Retry-After."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from adapters.http.options import Options
from bot.lib.clock import Clock
from bot.lib.rate_limit import IntervalLimiter
from bot.ports.errors import TryLater


class HostRateLimiter:
    """Serialises the requests to each host."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options = options
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._intervals = IntervalLimiter(clock)
        self._holds = IntervalLimiter(clock)
        """For hosts that asked to be left alone: too long for a request to wait."""

    @asynccontextmanager
    async def acquire(self, host: str) -> AsyncIterator[None]:
        """Wait until the host may be requested; raise TryLater while it is on hold."""
        async with self._locks[host]:
            if rest := self._holds.remaining(host):
                raise TryLater(rest, f"{host} asked to be left alone.")
            await self._intervals.wait(host)
            try:
                yield
            finally:
                # Measured from the end of a request, so that they never arrive closer together.
                interval = self._options.intervals.get(host, self._options.interval)
                self._intervals.hold_for(host, interval)

    def hold(self, host: str, span: timedelta) -> None:
        """Send no request to a host for this time."""
        self._holds.hold_for(host, span)
