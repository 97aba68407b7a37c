"""How long a service is left alone: longer with every failure in a row."""

from datetime import timedelta

_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(hours=1)
_DOUBLINGS = 10


class Backoff:
    """How long a service is left alone: longer with every failure in a row."""

    def __init__(self) -> None:
        self.until = float("-inf")
        """From when on it may be asked, in seconds of the stopwatch."""
        self.wants = False
        """Whether there is something to ask of it."""
        self._failures = 0

    def begin(self, after: timedelta | None, now: float) -> None:
        """Count a failure; `after` is the delay that the service asks for, `now` monotonic."""
        own = _FIRST_PAUSE * 2 ** min(self._failures, _DOUBLINGS)
        wanted = max(after or timedelta(), min(own, _LONGEST_PAUSE))
        self._failures += 1
        self.until = now + wanted.total_seconds()

    def end(self) -> None:
        """Forget the failures."""
        self._failures = 0
