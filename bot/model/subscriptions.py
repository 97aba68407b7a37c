"""Subscriptions: which channel wants which series, when and in what form."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import Enum

from bot.model.channels import Target


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
    patience: timedelta = timedelta(hours=36)
    """How long after the slot an issue that is not there yet is waited for."""
    says_absence: bool = False
    """Whether the channel gets a message when the patience ends without an issue."""
    grace: timedelta = timedelta(days=3)
    """How late a missed digest may still go out."""
    quiet_from: time = time(22)
    quiet_until: time = time(8)
    """What is not on time is not posted between these; equal for no quiet hours."""
    subscriber: str = ""
    """The platform's id of the person who subscribed, who gets the notices."""
    admin_channel: str = ""
    """The channel that gets the notices instead; empty for a direct message to the subscriber."""
    is_paused: bool = False
    pause_reason: str = ""
    """Why the platform made us pause; empty where an admin did."""
    next_at: datetime | None = None
    """When it is to be looked at again, as far as the ledger knows."""
    since: datetime | None = None
    """From when on its slots count; None before it was stored."""
    rescheduled_at: datetime | None = None
    """When its day, time or zone was changed last: earlier times of the new schedule were none."""
    is_ended: bool = False
    """Whether it was taken back; its history is kept."""
    token: str = ""
    """What the keys of its parts begin with; unlike that of any other Paperboy's."""
    id: int = 0
    """The ledger's number of it; 0 before it was stored."""
