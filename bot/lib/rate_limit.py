"""Rate limiting: over all channels (GCRA), and a least interval within each channel or host."""

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from bot.lib.clock import Clock


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How fast a platform may be posted to."""

    per_second: float
    """Messages a second, over all channels."""
    per_channel: timedelta
    """The least time between two messages in one channel."""


RATE_SHARE = 0.96
"""How much of the permitted rate is used; the rest is for what delays in between."""

CATCH_UP = 0.75
"""How much of a slot may be caught up at most; a whole one would be a burst of two."""

MAX_CATCH_UP_SECONDS = 0.015
"""Seconds that may be caught up at most: half of what the share above leaves of a second."""

T = TypeVar("T")


class IntervalLimiter:
    """Lets each channel, or each host, wait until a time of its own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._allowed: dict[str, float] = {}

    def allowed_at(self, channel: str) -> float:
        """Return the monotonic time from which on a channel may be sent to."""
        return self._allowed.get(channel, float("-inf"))

    def hold(self, channel: str, until: float) -> None:
        """Send nothing to a channel until this monotonic time."""
        self._allowed[channel] = max(self.allowed_at(channel), until)

    def hold_for(self, channel: str, interval: timedelta) -> None:
        """Send nothing to a channel for this long from now on."""
        self.hold(channel, self._clock.monotonic() + interval.total_seconds())

    def remaining(self, channel: str) -> timedelta:
        """Return how long a channel still has to wait; zero if it may be sent to."""
        seconds = self.allowed_at(channel) - self._clock.monotonic()
        return timedelta(seconds=max(seconds, 0))

    async def wait(self, channel: str) -> None:
        """Wait until a channel may be sent to."""
        while (start := self.allowed_at(channel)) > self._clock.monotonic():
            await self._clock.sleep(start - self._clock.monotonic())


class RateLimiter(IntervalLimiter):
    """Limits the rate over all channels with GCRA, and the interval within each.

    The limit is read at every turn, so that a platform may change it.
    """

    def __init__(self, pace: Callable[[], RateLimit], clock: Clock) -> None:
        super().__init__(clock)
        self._pace = pace
        self._lock = asyncio.Lock()
        self._next = float("-inf")

    @property
    def interval(self) -> float:
        """Return the seconds between two turns."""
        return 1 / (self._pace().per_second * RATE_SHARE)

    def hold_all(self, until: float) -> None:
        """Send nothing at all until this monotonic time."""
        self._next = max(self._next, until)

    async def acquire(self, channel: str | None = None) -> None:
        """Wait for the turn of a channel; the caller is to send at once.

        Without a channel only the limit over all channels is kept.
        """
        if channel is not None:
            await self.wait(channel)
        async with self._lock:
            while (now := self._clock.monotonic()) < self._next:
                await self._clock.sleep(self._next - now)
            late = min(CATCH_UP * self.interval, MAX_CATCH_UP_SECONDS)
            self._next = max(self._next, now - late) + self.interval
            if channel is not None:
                self.hold(channel, now + self._pace().per_channel.total_seconds())


class RateLimitedQueue(Generic[T]):
    """Items to be sent, by the monotonic time from which on their channels may be sent to."""

    def __init__(self, limiter: RateLimiter) -> None:
        self._limiter = limiter
        self._heap: list[tuple[float, int, str, T]] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._heap)

    def put(self, channel: str, thing: T) -> None:
        """Add an item; of two that are allowed alike the one put first is taken first."""
        self._count += 1
        allowed = self._limiter.allowed_at(channel)
        heapq.heappush(self._heap, (allowed, self._count, channel, thing))

    def take(self, until: float, limit: int) -> list[T]:
        """Take the items that may be sent by a monotonic time, at most `limit`."""
        taken: list[T] = []
        while self._heap and len(taken) < limit and self._heap[0][0] <= until:
            _, _, channel, thing = heapq.heappop(self._heap)
            if self._limiter.allowed_at(channel) > until:  # held since it was put
                self.put(channel, thing)
            else:
                taken.append(thing)
        return taken

    def next_at(self) -> float:
        """Return the monotonic time from which on there is an item to take."""
        return self._heap[0][0] if self._heap else float("inf")
