"""Queues the first unsent part of every channel; a channel has one part under way at a time."""

from collections.abc import Callable, Sequence

from bot.delivery.batch import CallBatch
from bot.lib.clock import Clock
from bot.lib.rate_limit import RateLimitedQueue, RateLimiter
from bot.model.deliveries import DuePart, PartState
from bot.ports.outbox_ledger import OutboxLedger

_MANY = 200
"""How many channels are read from the ledger at once."""

_ENOUGH = 100
"""With so many queued the ledger is not asked for more."""


class Backlog:
    """The due parts of one platform by channel; it reads them from the ledger, and sends none."""

    def __init__(  # noqa: PLR0913 - one part of an outbox, which puts it together
        self,
        platform: str,
        ledger: OutboxLedger,
        limiter: RateLimiter,
        clock: Clock,
        *,
        take_up: Callable[[DuePart], None],
        wake: Callable[[], None],
    ) -> None:
        self._platform = platform
        self._ledger = ledger
        self._clock = clock
        self._take_up = take_up
        """Works on a part that may have been sent already."""
        self._wake = wake
        """Tells that parts were queued."""
        self._queue: RateLimitedQueue[DuePart] = RateLimitedQueue(limiter)
        # Records linger already: the channels of those that are written at once are freed at once.
        self._freed = CallBatch(self._queue_next, lambda: 0.0, clock)
        self._busy: set[str] = set()
        """The channels with a part that is queued or under way."""
        self._recently_idle: set[str] = set()
        """Those that were busy at some time since the last poll began."""
        self.is_current = False
        """Whether all that the ledger had due is queued or under way, but for what came since."""

    def next_at(self) -> float:
        """Return the monotonic time from which on there is a part to take."""
        return self._queue.next_at()

    def take(self, until: float, limit: int) -> list[DuePart]:
        """Take the parts that may be sent by a monotonic time, at most `limit`."""
        return self._queue.take(until, limit)

    async def poll(self) -> None:
        """Queue the first unsent part of every channel that is not busy.

        Raises StorageUnavailable.
        """
        self.is_current = False
        if len(self._queue) > _ENOUGH:
            return
        self._recently_idle.clear()
        found = await self._ledger.next_parts(
            self._platform, self._clock.now(), _MANY, without=frozenset(self._busy)
        )
        for due_part in found:
            # What was sent while the ledger was read may look like left behind by a crash.
            if due_part.ordering_key not in self._busy | self._recently_idle:
                self._add(due_part)
        self.is_current = len(found) < _MANY and not self._recently_idle

    async def free(self, channel: str) -> None:
        """Free a channel, and queue its next part.

        Raises StorageUnavailable; the channel is free then too, and the next poll finds its part.
        """
        is_freed = False
        try:
            await self._freed.add(channel)
            is_freed = True
        finally:
            if not is_freed:
                self.release({channel})

    def release(self, channels: set[str]) -> None:
        """Let the next poll find what these channels are owed."""
        self._busy -= channels
        self._recently_idle |= channels
        self.is_current = self.is_current and not channels

    async def _queue_next(self, channels: Sequence[str]) -> None:
        found = await self._ledger.next_parts(
            self._platform, self._clock.now(), len(channels), channels
        )
        self._busy -= set(channels)
        self._recently_idle |= set(channels)
        for due_part in found:
            if due_part.part.state is PartState.OWED:
                self._add(due_part)
        if found:
            self._wake()

    def _add(self, due_part: DuePart) -> None:
        self._busy.add(due_part.ordering_key)
        if due_part.part.state is PartState.SENDING:
            self._take_up(due_part)
        else:
            self._queue.put(due_part.ordering_key, due_part)
