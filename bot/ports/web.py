"""The port to the web: conditional GET requests."""

from dataclasses import dataclass
from typing import Protocol


class FetchRefused(Exception):
    """The address will not be served as things are: retrying alone does not help.

    Another 4xx status than 408, 425 and 429, an address that may not be requested, a redirect that
    may not be followed, or a body that is too large.
    """

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        """A sentence for the operator: what is wrong and what to do."""
        self.status = status
        """The HTTP status; 0 if the server did not refuse."""


@dataclass(frozen=True, slots=True)
class FetchResult:
    """The response to a GET request."""

    body: bytes
    """Decompressed; empty if it is unchanged."""
    url: str
    """The final URL, after redirects."""
    etag: str = ""
    """The ETag header; empty if there is none."""
    last_modified: str = ""
    """The Last-Modified header, unparsed."""
    is_not_modified: bool = False
    """Whether the status was 304 Not Modified."""


class WebClient(Protocol):
    """Sends GET requests, rate limited and to permitted addresses only."""

    async def get(self, url: str, *, etag: str = "", last_modified: str = "") -> FetchResult:
        """Fetch a URL, conditionally if `etag` or `last_modified` are given.

        Raises `bot.ports.errors.TryLater` if the server does not answer now (429, 5xx, timeout, no
        network), with its Retry-After, and `FetchRefused` if it never will as things are.
        """
        ...
