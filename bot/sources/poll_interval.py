"""Decides when a source is asked next (pure): often while new weeks come, else now and then."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)

_FIRST_RETRY = timedelta(minutes=5)
_MAX_BUSY_RETRY = timedelta(hours=1)
"""While new weeks come; at other times it is the interval."""

_MAX_DOUBLINGS = 10

_JITTER_SHARE = 0.2
"""The share of an interval by which chance moves its end, so that not everybody asks at once."""

_MAX_DELAY = timedelta(days=2)
"""Nothing is put off for longer; what seems to be was put off while the clock was wrong."""


@dataclass(frozen=True, slots=True)
class PollInterval:
    """How often sources are asked."""

    busy_interval: timedelta = timedelta(minutes=20)
    """The interval while new weeks come."""
    idle_interval: timedelta = timedelta(hours=6)
    begin: tuple[int, time] = (6, time(18))
    """When new weeks begin to come, in UTC: the day of the week (0 is Monday) and the time."""
    end: tuple[int, time] = (2, time(0))
    """When they have all come."""

    def next_poll(self, now: datetime, random_fraction: float) -> datetime:
        """Return when a source that answered is polled next; `random_fraction` is in [0, 1)."""
        if self.is_busy(now):
            return now + self.busy_interval * _jitter_factor(random_fraction)
        opens = _next_occurrence(self.begin, now) + self.busy_interval * random_fraction
        return min(now + self.idle_interval * _jitter_factor(random_fraction), opens)

    def next_retry(
        self, now: datetime, failures: int, min_wait: timedelta | None, random_fraction: float
    ) -> datetime:
        """Return when a source that failed so often in a row is asked again.

        `after` is what it asks for itself; it is never asked sooner than that.
        """
        doubled = _FIRST_RETRY * (1 << min(max(failures - 1, 0), _MAX_DOUBLINGS))
        longest = _MAX_BUSY_RETRY if self.is_busy(now) else self.idle_interval
        wait = min(doubled, longest) * _jitter_factor(random_fraction)
        return now + max(wait, (min_wait or timedelta()) * (1 + _JITTER_SHARE * random_fraction))

    def is_busy(self, now: datetime) -> bool:
        """Tell whether new weeks come these days."""
        return _next_occurrence(self.end, now) < _next_occurrence(self.begin, now)


def is_due(next_at: datetime | None, now: datetime) -> bool:
    """Tell whether it is time, also where the clock was far ahead when that was decided."""
    return next_at is None or next_at <= now or next_at - now > _MAX_DELAY


def _jitter_factor(chance: float) -> float:
    """Return a factor around 1."""
    return 1 + _JITTER_SHARE * (chance - 0.5)


def _next_occurrence(moment: tuple[int, time], now: datetime) -> datetime:
    """Return when such a moment of the week comes next, after now."""
    day, at = moment
    today = datetime.combine(now.astimezone(UTC).date(), at, UTC)
    found = today + _DAY * ((day - today.weekday()) % 7)
    return found if found > now else found + _WEEK
