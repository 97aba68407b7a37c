"""Subscriptions: which channel wants which series, when and in what form."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import Enum

from bot.model.channels import Target

MOST_MENTIONS = 5
"""Roles or groups that one digest mentions."""
MOST_TAG_MENTIONS = 20
"""Tags that a digest has roles or groups for."""


class Layout(Enum):
    """How a digest fills a channel."""

    OVERVIEW = "overview"
    """One message; threads are opened on demand."""
    THREADS = "threads"
    """The overview, then a message for each paper, each the root of its thread."""
    FORUM = "forum"
    """A post for each paper, then the overview as a post of its own."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel's subscription to the issues of a series, once a week."""

    target: Target
    series: str
    weekday: int | None = 0
    """0 is Monday, as in `date.weekday`; None for no day: only what is requested."""
    at: time = time(9)
    """Local time in `zone`."""
    zone: str = "UTC"
    """A name of the IANA database, such as `Asia/Seoul`."""
    language: str = "both"
    """'ko', 'en' or 'both'."""
    layout: Layout = Layout.OVERVIEW
    tags: tuple[str, ...] = ()
    """Only papers with one of these; empty for all."""
    mention: str = ""
    """A role or group that an admin chose to be mentioned; never from content."""
    tag_mentions: tuple[tuple[str, str], ...] = ()
    """Tags, each with a role or group that an admin chose to be mentioned where a digest has
    papers with it."""
    patience: timedelta = timedelta(hours=36)
    """How long after the slot to wait for an issue that is not published yet."""
    says_absence: bool = False
    """Whether the channel gets a message when the patience ends without an issue."""
    grace: timedelta = timedelta(days=3)
    """How late a missed digest may still be posted."""
    quiet_from: time = time(22)
    quiet_until: time = time(8)
    """Between these local times late digests are not posted; equal for no quiet hours."""
    subscriber: str = ""
    """The platform's id of the person who subscribed, who gets the notices."""
    admin_channel: str = ""
    """The channel that gets the notices instead; empty for a direct message to the subscriber."""
    has_recap: bool = True
    """Whether a digest begins with last week's discussions, where at least two papers had any."""
    is_paused: bool = False
    pause_reason: str = ""
    """The refusal of the platform that paused it; empty if an admin did."""
    next_at: datetime | None = None
    """UTC: when the planner looks at it next."""
    since: datetime | None = None
    """UTC: slots before this do not count; None until it is stored."""
    rescheduled_at: datetime | None = None
    """When its day, time or zone was changed last: earlier times of the new schedule were none."""
    is_ended: bool = False
    """Whether it was ended; its history is kept."""
    token: str = ""
    """The random prefix of its parts' keys, different in every installation."""
    id: int = 0
    """The ledger's id; 0 until it is stored."""
