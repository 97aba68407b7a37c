"""Decides when an outbox reads the ledger: at intervals, or as soon as it is told of a change."""

from bot.lib.clock import Clock
from bot.ports.changes import ChangeFeed

_SLOWER = 15
"""How many intervals pass between two polls while every change is told."""

_BURST = 0.1
"""Seconds within which several changes are one poll."""


class PollTimer:
    """The time of the next poll."""

    def __init__(self, interval: float, clock: Clock, changes: ChangeFeed | None) -> None:
        self._interval = interval
        self._clock = clock
        self._changes = changes
        self._polled_at = self._due_at = float("-inf")
        self._is_told = False

    @property
    def hears_changes(self) -> bool:
        """Whether every change is told at present."""
        return self._changes is not None and self._changes.is_live

    def tell(self) -> None:
        """Let the next poll come at once: something was written."""
        self._is_told = True

    def is_due(self, *, is_current: bool) -> bool:
        """Return whether to poll now; `is_current`: whether the last one left nothing unread."""
        return self.delay(is_current=is_current) <= 0

    def delay(self, *, is_current: bool) -> float:
        """Return the seconds until the next poll."""
        wait = self._interval
        if self._is_told:
            wait = min(wait, _BURST)
        elif is_current and self.hears_changes:
            wait = min(_SLOWER * wait, max(self._due_at - self._polled_at, wait))
        return self._polled_at + wait - self._clock.monotonic()

    def begin(self) -> None:
        """Count a poll; changes that are told from now on need another one."""
        self._polled_at = self._clock.monotonic()
        self._is_told = False

    def expect(self, seconds: float | None) -> None:
        """Let a poll come in so many seconds, as something is due then; None for nothing."""
        self._due_at = float("inf") if seconds is None else self._clock.monotonic() + seconds
