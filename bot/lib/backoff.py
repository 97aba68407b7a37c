"""Exponential backoff: the delay doubles with every failure in a row, up to a ceiling."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

_MAX_DOUBLINGS = 40
"""More would overflow a timedelta; the ceiling is reached long before."""

_RANDOM = random.Random()  # noqa: S311 - it spreads retries, it keeps no secret


@dataclass(frozen=True, slots=True)
class BackoffPolicy:
    """How long to wait after a number of failures in a row."""

    initial: timedelta
    """The delay after the first failure."""
    maximum: timedelta
    jitter: float = 0.0
    """The share of a delay, in [0, 1], by which it may be shortened at random."""

    def delay(self, failures: int) -> timedelta:
        """Return the delay after so many failures in a row, of which this is the last; from 1."""
        doublings = min(max(failures - 1, 0), _MAX_DOUBLINGS)
        # The exponent is clamped, not the product: a timedelta has a maximum of its own.
        seconds = self.initial.total_seconds() * 2.0**doublings
        seconds = min(seconds, self.maximum.total_seconds())
        return timedelta(seconds=seconds * (1 - self.jitter * _RANDOM.random()))


class Backoff:
    """Counts the failures in a row of each key, and gives the delay that follows each."""

    def __init__(self, policy: BackoffPolicy) -> None:
        self._policy = policy
        self._failures: Counter[str] = Counter()

    def next_delay(self, key: str = "", *, minimum: timedelta | None = None) -> timedelta:
        """Count a failure of a key and return how long to wait, `minimum` at least."""
        self._failures[key] += 1
        return max(self._policy.delay(self._failures[key]), minimum or timedelta())

    def reset(self, key: str = "") -> None:
        """Forget the failures of a key."""
        self._failures.pop(key, None)
