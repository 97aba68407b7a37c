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
    only_messages: bool = False
    """Whether messages alone take a turn: what else is requested counts elsewhere."""
    edits_per_second: float | None = None
    """Edits a second within one workspace, where edits have a rate of their own; None where they
    count as messages."""


RATE_SHARE = 0.94
"""How much of the permitted rate is used; the rest is for what delays requests on their way."""

IDLE_CATCH_UP = 0.015
"""Seconds that may be caught up after nothing was wanted: more would be a burst."""

MAX_CATCH_UP = 0.5
"""Seconds that may be caught up where turns were waited for, and the machine was late."""

_SHORTEST_WAIT = 0.001
"""Seconds; what took less was not waited for."""

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


class Turn:
    """The right to send once."""

    __slots__ = ("_hold", "at", "is_pending")

    def __init__(self, at: float, hold: Callable[[float], None], *, is_pending: bool) -> None:
        self.at = at
        """When it was given, or used, in monotonic seconds."""
        self.is_pending = is_pending
        """Whether it will be marked as used, or settled."""
        self._hold = hold
        hold(at)

    def mark_sent(self, now: float) -> None:
        """Count it from this moment: a request may wait for a connection before it is sent."""
        self.at = now
        self.is_pending = False
        self._hold(now)

    def settle(self) -> None:
        """Count it from when it was given, if it was not marked: nothing was sent, or at once."""
        self.is_pending = False


class RateLimiter(IntervalLimiter):
    """Limits the rate over all channels, and the interval within each.

    Turns are evenly spaced (GCRA). A machine that was late catches up, yet in no second are there
    more than are permitted in one: each turn is a second, and what `RATE_SHARE` leaves of one,
    after the turn as many turns before. A turn that is late by itself costs its lateness once a
    second and not once a turn. The limit is read at every turn, so that a platform may change it.
    """

    def __init__(self, pace: Callable[[], RateLimit], clock: Clock) -> None:
        super().__init__(clock)
        self._pace = pace
        self._lock = asyncio.Lock()
        self._next = float("-inf")
        self._turns: list[Turn] = []
        """The latest ones, as many as are permitted in a second."""
        self.waiting = 0
        """How many wait for a turn, or for their channel."""
        self.waits = 0
        """How many turns had to be waited for."""
        self.waited_seconds = 0.0
        """How long they were waited for, all together."""

    @property
    def interval(self) -> float:
        """Return the seconds between two turns."""
        return 1 / (self._pace().per_second * RATE_SHARE)

    async def acquire_for_other(self) -> None:
        """Wait for a turn of a request that is no message, where such a one takes a turn."""
        if not self._pace().only_messages:
            await self.acquire()

    def hold_all(self, until: float) -> None:
        """Send nothing at all until this monotonic time."""
        self._next = max(self._next, until)

    async def acquire(self, channel: str | None = None, *, is_pending: bool = False) -> Turn:
        """Wait for the turn of a channel; the caller is to send at once.

        Without a channel only the limit over all channels is kept. Where the turn is pending, the
        caller marks it once the request is on its way, or settles it.
        """
        self.waiting += 1
        begun = self._clock.monotonic()
        try:
            if channel is not None:
                await self.wait(channel)
            is_late = self._lock.locked()
            async with self._lock:
                while (now := self._clock.monotonic()) < (at := self._next_at(now)):
                    is_late = True
                    await self._clock.sleep(at - now)
                catch_up = MAX_CATCH_UP if is_late else IDLE_CATCH_UP
                self._next = max(self._next, now - catch_up) + self.interval
                turn = Turn(now, lambda at: self._hold_channel(channel, at), is_pending=is_pending)
                self._turns.append(turn)
                return turn
        finally:
            self.waiting -= 1
            self._count_wait(self._clock.monotonic() - begun)

    def _count_wait(self, seconds: float) -> None:
        if seconds >= _SHORTEST_WAIT:
            self.waits += 1
            self.waited_seconds += seconds

    def _next_at(self, now: float) -> float:
        """Return when the next turn may be given."""

        def counts_from(turn: Turn) -> float:
            return now if turn.is_pending else turn.at

        limit = max(int(self._pace().per_second), 1)
        # Those that were sent late are not in order.
        self._turns.sort(key=counts_from)
        del self._turns[:-limit]
        if len(self._turns) < limit:
            return self._next
        return max(self._next, counts_from(self._turns[0]) + limit * self.interval)

    def _hold_channel(self, channel: str | None, since: float) -> None:
        if channel is not None:
            self.hold(channel, since + self._pace().per_channel.total_seconds())


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
