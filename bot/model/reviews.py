"""Reviews of new weeks, which wait for a curator before they are posted, as frozen data."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.model.channels import Target
from bot.model.weeks import Week

EVERYWHERE = Target("", "", "")
"""The place of the review that counts in every workspace without a curators' channel."""


class ReviewState(Enum):
    """What curators decided about a week."""

    PENDING = "pending"
    APPROVED = "approved"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Review:
    """The review of a week, in one workspace or for all that have none of their own."""

    id: int
    series: str
    week: Week
    place: Target
    """The workspace, without a channel; or `EVERYWHERE`."""
    state: ReviewState
    submitted_at: datetime
    """UTC: when the week was there to be reviewed."""
    due_at: datetime | None = None
    """UTC: when the fallback takes effect in the first channel; None where no slot follows."""
    decided_by: str = ""
    """Who decided, as `bot.model.curation.Attribution.actor`."""
    decided_at: datetime | None = None
    reason: str = ""
    """Why it is held; may be empty."""
    is_reviewed: bool = False
    """Whether it was ever approved: only what never was is posted as not reviewed."""
    is_reminded: bool = False


@dataclass(frozen=True, slots=True)
class ReviewVerdict:
    """A decision about a week."""

    state: ReviewState
    """APPROVED or HELD."""
    expected: ReviewState | None = None
    """The state that the curator saw; None where whatever it is is meant to be replaced."""


@dataclass(frozen=True, slots=True)
class ReviewOutcome:
    """What a decision came to."""

    review: Review
    posted: int = 0
    """In how many channels the week was posted before, or is being posted."""


def review_for(reviews: Iterable[Review], target: Target) -> Review | None:
    """Return the review of a week that counts in a channel; None where there is none.

    That is the one of its workspace, or else the one that counts everywhere.
    """
    found = {(each.place.platform, each.place.workspace): each for each in reviews}
    return found.get((target.platform, target.workspace)) or found.get(("", ""))
