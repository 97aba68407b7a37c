"""Which new weeks wait for a curator, as frozen data."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum


class ReviewFallback(Enum):
    """What becomes of a week about which no curator decides in time."""

    POST = "post"
    """It is posted, and says that it was not reviewed."""
    HOLD = "hold"
    """It waits until it is approved."""


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """Which series are reviewed, and what happens where no curator answers."""

    series: frozenset[str] = frozenset()
    """The series whose new weeks wait for a curator."""
    fallback: ReviewFallback = ReviewFallback.POST
    notice: timedelta = timedelta(hours=4)
    """How long curators have at least, where a week comes right before its slot or after it."""
    reminder: timedelta = timedelta(hours=2)
    """How long before the first slot that would miss it they are reminded."""
