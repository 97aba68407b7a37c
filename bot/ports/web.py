"""What the core asks of the web: what lies at an address, if it changed."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What came from an address."""

    body: bytes
    """Decompressed; empty where it is unchanged."""
    url: str
    """Where it came from, after redirects."""
    etag: str = ""
    """What the server calls this version; empty where it does not say."""
    last_modified: str = ""
    """The server's own date of it, as it wrote it."""
    is_not_modified: bool = False
    """Whether the server says that it is what the caller has already (304)."""


class WebClient(Protocol):
    """Asks for addresses, politely and safely."""

    async def get(self, url: str, *, etag: str = "", last_modified: str = "") -> FetchResult:
        """Return what lies at an address; `etag` and `last_modified` tell what one has already.

        Raises `bot.ports.errors.TryLater` where the server cannot or will not answer now (429, 5xx,
        silence, no network), with the time that it asks for; and `bot.ports.errors.Refused`, of a part,
        where it never will as things are (4xx, an address that must not be asked, too large).
        """
        ...
