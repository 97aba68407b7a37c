"""Counts the parts of one platform that are under way, and says how many more may be claimed."""

from bot.lib.rate_limit import RateLimiter

AHEAD_SECONDS = 1.0
"""How long before their turn parts are claimed: a crash leaves each of them in doubt."""

_MOST_IN_FLIGHT = 200
"""The most parts that are claimed and not recorded yet, however long their answers take."""

_FEWEST_AHEAD = 8
"""How many parts are claimed ahead at least: otherwise a slow platform has a transaction each."""

_FEW = 4
"""With more parts in flight, what becomes of them is recorded a little later, many at once."""

_LINGER_TURNS, _LONGEST_LINGER = 5, 1.0
"""For how many turns that is put off, and for how many seconds at most."""


class SendWindow:
    """The parts between their claim and the record of what became of them."""

    def __init__(self, limiter: RateLimiter) -> None:
        self._limiter = limiter
        self.in_flight = 0
        """How many parts are claimed and not recorded yet."""
        self._unsent = 0
        """How many of them are not on their way yet."""

    def open(self) -> None:
        """Count a part that was claimed."""
        self.in_flight += 1
        self._unsent += 1

    def note_sent(self) -> None:
        """Count a part that is on its way."""
        self._unsent -= 1

    def close(self) -> None:
        """Count a part of which it is recorded what became of it, or is in doubt."""
        self.in_flight -= 1

    @property
    def _ahead(self) -> int:
        """Return how many parts may wait for their turn."""
        return max(round(AHEAD_SECONDS / self._limiter.interval), _FEWEST_AHEAD)

    @property
    def _surplus(self) -> int:
        """Return by how many parts more wait for their turn than have to."""
        return self._unsent - self._ahead // 2

    @property
    def has_enough(self) -> bool:
        """Whether enough parts wait for their turn."""
        return self._surplus > 0

    @property
    def is_full(self) -> bool:
        """Whether no more parts may be claimed, as those before are not recorded."""
        return self.in_flight >= _MOST_IN_FLIGHT

    @property
    def room(self) -> int:
        """Return how many more parts may be claimed."""
        return min(self._ahead - self._unsent, _MOST_IN_FLIGHT - self.in_flight)

    def seconds_to_spare(self) -> float:
        """Return for how long enough parts wait for their turn; 0 where more are wanted."""
        return max(self._surplus, 0) * self._limiter.interval

    def linger(self) -> float:
        """Return for how many seconds records are put off, to be written at once."""
        if self.in_flight <= _FEW:
            return 0.0
        return min(_LINGER_TURNS * self._limiter.interval, _LONGEST_LINGER)
