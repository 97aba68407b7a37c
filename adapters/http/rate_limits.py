"""Limits each host to one request at a time, at its interval, and honours Retry-After."""

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
    """The state of a host; times are seconds of the monotonic clock."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = float("-inf")
    held_until: float = float("-inf")


class HostRateLimiter:
    """Serialises the requests to each host."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._states: dict[str, _HostState] = {}

    @asynccontextmanager
    async def acquire(self, host: str) -> AsyncIterator[None]:
        """Wait until the host may be requested; raise TryLater while it is on hold."""
        state = self._state(host)
        async with state.lock:
            rest = state.held_until - self._clock.monotonic()
            if rest > 0:
                raise TryLater(timedelta(seconds=rest), f"{host} asked to be left alone.")
            await self._clock.sleep(max(0.0, state.free_at - self._clock.monotonic()))
            try:
                yield
            finally:
                # Measured from the end of a request, so that they never arrive closer together.
                pause = self._options.intervals.get(host, self._options.interval)
                state.free_at = self._clock.monotonic() + pause.total_seconds()

    def hold(self, host: str, span: timedelta) -> None:
        """Send no request to a host for this time."""
        state = self._state(host)
        until = self._clock.monotonic() + span.total_seconds()
        state.held_until = max(state.held_until, until)

    def _state(self, host: str) -> _HostState:
        return self._states.setdefault(host, _HostState())
