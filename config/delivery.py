"""Settings of how digests are delivered."""

from typing import Literal

from pydantic import Field

from config.section import Interval, Seconds, Section


class DeliverySettings(Section):
    """How digests are delivered; the defaults suit every community."""

    tick_seconds: Seconds = 30
    """How often the planner decides what is due."""
    poll_seconds: Seconds = 1
    """How often the outbox looks for parts to send."""
    lease_seconds: Seconds = 30
    """The time without a renewal after which another program may take the lease over."""
    settle_seconds: Interval = 5
    """How long after its timeout a request may still reach the platform."""
    first_retry_seconds: Seconds = 2
    """The wait after a first failure; each further failure doubles it."""
    longest_retry_seconds: Seconds = 300
    give_up_hours: float = Field(default=24, gt=0, le=366 * 24)
    """The age at which a part that keeps failing is given up, so that the rest is sent."""
    source_edits: Literal["nothing", "links and numbers", "everything"] = "links and numbers"
    """Which changes of a source are shown in messages that were posted; curators' always are."""
