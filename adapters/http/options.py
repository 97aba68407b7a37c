"""What the operator decides about asking the web."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from adapters.http import limits


@dataclass(frozen=True, slots=True)
class Options:
    """What the web's adapter is told when the program starts."""

    version: str = ""
    """Ours; it is part of the User-Agent."""
    contact: str = ""
    """An address or mail where whoever runs a service reaches the operator."""
    proxy: str = ""
    """The address of a proxy that asks in our place; empty for none."""
    private_hosts: frozenset[str] = frozenset()
    """Hosts that are asked although their addresses are not public."""
    redirect_hosts: frozenset[str] = frozenset()
    """Hosts that an address of another host may lead to."""
    interval: timedelta = limits.REQUEST_INTERVAL
    """The least time between two requests to one host."""
    intervals: Mapping[str, timedelta] = field(default_factory=dict)
    """Hosts that want to be asked at other intervals."""
    max_bytes: int = limits.MAX_BYTES
    silence: timedelta = limits.READ_TIMEOUT
    duration: timedelta = limits.TOTAL_TIMEOUT

    @property
    def user_agent(self) -> str:
        """Who asks."""
        name = f"Paperboy/{self.version}" if self.version else "Paperboy"
        return f"{name} (+{self.contact})" if self.contact else name
