"""Computes when a source is polled next: often while new weeks are published (pure)."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from bot.lib.backoff import BackoffPolicy

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)

_FIRST_RETRY = timedelta(minutes=5)
_MAX_BUSY_RETRY = timedelta(hours=1)
"""In the busy time; otherwise the idle interval is the maximum."""

_JITTER_SHARE = 0.2
"""The share of an interval that is random, so that installations do not poll at the same time."""

_MAX_DELAY = timedelta(days=2)
"""The longest delay; a later time was computed while the clock was wrong."""


@dataclass(frozen=True, slots=True)
class PollInterval:
    """How often sources are polled."""

    busy_interval: timedelta = timedelta(minutes=20)
    """The interval in the busy time."""
    idle_interval: timedelta = timedelta(hours=6)
    busy_from: tuple[int, time] = (6, time(18))
    """The start of the busy time, in UTC: day of the week (0 is Monday) and time."""
    busy_until: tuple[int, time] = (2, time(0))
    """Its end."""

    def next_poll(self, now: datetime, random_fraction: float) -> datetime:
        """Return the next poll after a success; `random_fraction` is in [0, 1)."""
        if self.is_busy(now):
            return now + self.busy_interval * _jitter_factor(random_fraction)
        opens = _next_occurrence(self.busy_from, now) + self.busy_interval * random_fraction
        return min(now + self.idle_interval * _jitter_factor(random_fraction), opens)

    def next_retry(
        self, now: datetime, failures: int, min_wait: timedelta | None, random_fraction: float
    ) -> datetime:
        """Return the next poll after a number of failures in a row.

        `min_wait` is the Retry-After of the source; `random_fraction` is in [0, 1).
        """
        longest = _MAX_BUSY_RETRY if self.is_busy(now) else self.idle_interval
        backoff = BackoffPolicy(_FIRST_RETRY, longest)
        wait = backoff.delay(failures) * _jitter_factor(random_fraction)
        return now + max(wait, (min_wait or timedelta()) * (1 + _JITTER_SHARE * random_fraction))

    def is_busy(self, now: datetime) -> bool:
        """Return whether `now` is in the busy time."""
        return _next_occurrence(self.busy_until, now) < _next_occurrence(self.busy_from, now)


def is_due(next_at: datetime | None, now: datetime) -> bool:
    """Return whether a time has come, or is so far away that the clock was wrong."""
    return next_at is None or next_at <= now or next_at - now > _MAX_DELAY


def _jitter_factor(random_fraction: float) -> float:
    """Return a random factor around 1."""
    return 1 + _JITTER_SHARE * (random_fraction - 0.5)


def _next_occurrence(moment: tuple[int, time], now: datetime) -> datetime:
    """Return the next occurrence of a time of the week after now."""
    day, at = moment
    today = datetime.combine(now.astimezone(UTC).date(), at, UTC)
    found = today + _DAY * ((day - today.weekday()) % 7)
    return found if found > now else found + _WEEK
