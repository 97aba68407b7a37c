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
        """Fetch an address, conditionally if `etag` or `last_modified` are known.

        Raises `TryLater` if the server does not answer now (429, 5xx, timeout, no network), with
        its Retry-After; `Refused` with the scope PART if it never will as things are (other 4xx,
        a forbidden address, too large a body).
        """
        ...
