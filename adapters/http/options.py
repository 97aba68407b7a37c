"""Options of the HTTP client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from adapters.http import limits


@dataclass(frozen=True, slots=True)
class Options:
    """Options of the HTTP client, from the settings."""

    version: str = ""
    """Paperboy's version, for the User-Agent header."""
    contact: str = ""
    """A URL or e-mail address of the operator, for the User-Agent header."""
    proxy: str = ""
    """URL of an HTTP proxy; empty for none."""
    private_hosts: frozenset[str] = frozenset()
    """Hosts that may be requested although their IP addresses are not public."""
    redirect_hosts: frozenset[str] = frozenset()
    """Hosts that other hosts may redirect to."""
    interval: timedelta = limits.REQUEST_INTERVAL
    """Minimum time between two requests to one host."""
    intervals: Mapping[str, timedelta] = field(default_factory=dict)
    """Intervals that differ from it, by host."""
    max_bytes: int = limits.MAX_BYTES
    read_timeout: timedelta = limits.READ_TIMEOUT
    total_timeout: timedelta = limits.TOTAL_TIMEOUT

    @property
    def user_agent(self) -> str:
        """The User-Agent header."""
        name = f"Paperboy/{self.version}" if self.version else "Paperboy"
        return f"{name} (+{self.contact})" if self.contact else name
