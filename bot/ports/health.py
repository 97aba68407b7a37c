"""What a running bot tells of itself, and the port to what counts its answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from bot.model.delivery_reports import PlatformStats


class Outcome(Enum):
    """What became of a request."""

    ANSWERED = "answered"
    REFUSED = "refused"
    FAILED = "failed"
    """By a bug, or since the database could not be read."""


@dataclass(frozen=True, slots=True)
class PlatformHealth:
    """A platform as this process sees it."""

    name: str
    is_connected: bool | None
    """Whether it receives commands; None for a platform that has none."""
    has_lease: bool
    """Whether this process is the one that posts."""
    rate_limit_waits: int
    """How often a request had to wait for its turn since the start."""
    rate_limit_wait_seconds: float
    """How long they waited, all together."""


@dataclass(frozen=True, slots=True)
class RuntimeHealth:
    """The timer and the platforms of this process."""

    last_tick_at: datetime | None
    """UTC: when it was last decided what is due; None where it was not since the start."""
    platforms: tuple[PlatformHealth, ...]


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """A source, as the database has it."""

    name: str
    succeeded_at: datetime | None
    next_at: datetime | None
    failures: int
    """Failed runs in a row."""
    alarms: int


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that has to be so for the bot to do its work."""

    name: str
    is_ok: bool
    detail: str
    """A sentence, or a few words."""


@dataclass(frozen=True, slots=True)
class HealthReport:
    """All that is known of a running bot at one moment."""

    version: str
    checks: tuple[Check, ...]
    runtime: RuntimeHealth
    stats: tuple[PlatformStats, ...] = ()
    """Of the database, which may be a minute old."""
    sources: tuple[SourceHealth, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Return whether every check is passed."""
        return all(each.is_ok for each in self.checks)


class RequestObserver(Protocol):
    """Counts what people ask. Neither method raises or waits."""

    def answered(self, platform: str, command: str, outcome: Outcome, seconds: float) -> None:
        """Count an answer; `command` is a name of the registry, or `unknown`."""
        ...

    def completed(self, platform: str, seconds: float) -> None:
        """Count the completions that were offered for what was typed."""
        ...
