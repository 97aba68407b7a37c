"""Delays each request until Discord's rate limits, the route's and the global one, allow it.

Source: https://docs.discord.com/developers/topics/rate-limits.
"""

from collections import deque
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from math import isfinite

from adapters.discord.http.errors import WAIT
from adapters.discord.http.route import Route
from bot.lib.clock import Clock
from bot.lib.marker import _
from bot.lib.rate_limit import RateLimit, RateLimiter, Turn
from bot.ports.errors import TryLater

REQUESTS_PER_SECOND = 50.0
"""Requests that Discord takes from a bot, over all routes."""
_LONGEST_WAIT = 5.0
"""Seconds that a request may wait here; a longer wait is left to the outbox."""
_TOO_MUCH_REFUSED = _("Discord refused too much; a pause is due.")
_UNCOUNTED = ("/interactions/", "/webhooks/")
"""Responses to interactions do not count for the global limit, and must not wait for it."""
_MOST_INVALID, _INVALID_SECONDS = 5000, 600.0
"""Half of the responses 401, 403 and 429 in 10 minutes for which Discord blocks an address."""
_INVALID = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}


class RouteRateLimiter:
    """The state of every rate limit, as the headers of responses told it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pacer = RateLimiter(lambda: RateLimit(REQUESTS_PER_SECOND, timedelta()), clock)
        self._all_free_at = float("-inf")
        self._buckets: dict[tuple[str, str], str] = {}
        """Discord's name of the bucket of each route."""
        self._free_at: dict[tuple[str, str], float] = {}
        """The monotonic time at which an exhausted bucket is refilled."""
        self._invalid: deque[float] = deque()
        self._route_waits, self._route_seconds = 0, 0.0

    @property
    def waits(self) -> tuple[int, float]:
        """Return how often requests waited for a limit, and for how many seconds."""
        return (
            self._route_waits + self._pacer.waits,
            self._route_seconds + self._pacer.waited_seconds,
        )

    async def acquire(self, route: Route) -> Turn | None:
        """Return when a request of this route may be sent, which has to be done at once.

        The turn is pending; there is none where the request does not count.

        Of all counted requests at most 50 start in any second, however late the machine runs
        them. Raises TryLater where the wait would take longer than 5 seconds.
        """
        now = self._clock.monotonic()
        while self._invalid and self._invalid[0] < now - _INVALID_SECONDS:
            self._invalid.popleft()
        if len(self._invalid) >= _MOST_INVALID:
            wait = self._invalid[0] + _INVALID_SECONDS - now
            raise TryLater(timedelta(seconds=wait), _TOO_MUCH_REFUSED)
        is_counted = not route.template.startswith(_UNCOUNTED)
        free = self._free_at.get(self._bucket(route), now)
        queued = max(self._all_free_at, now) + self._pacer.waiting * self._pacer.interval
        longest = max(free, queued) - now if is_counted else free - now
        if longest > _LONGEST_WAIT:
            raise TryLater(timedelta(seconds=longest), WAIT)
        if free > now:
            self._route_waits += 1
            self._route_seconds += free - now
            await self._clock.sleep(free - now)
        return await self._pacer.acquire(is_pending=True) if is_counted else None

    def record_response(self, route: Route, status: int, headers: Mapping[str, str]) -> None:
        """Update the limits from a response's status and headers."""
        if status in _INVALID:
            self._invalid.append(self._clock.monotonic())
        if "X-RateLimit-Bucket" in headers:
            self._buckets[route.method, route.template] = headers["X-RateLimit-Bucket"]
        if headers.get("X-RateLimit-Remaining") == "0":
            self.hold(
                route, _parse_seconds(headers.get("X-RateLimit-Reset-After")), everywhere=False
            )

    def hold(self, route: Route, seconds: float, *, everywhere: bool) -> None:
        """Start nothing for so many seconds: in a route's bucket, or of all counted requests."""
        until = self._clock.monotonic() + seconds
        if everywhere:
            self._all_free_at = until
            self._pacer.hold_all(until)
        else:
            self._free_at[self._bucket(route)] = until

    def _bucket(self, route: Route) -> tuple[str, str]:
        name = (route.method, route.template)
        return self._buckets.get(name, " ".join(name)), route.main


def _parse_seconds(value: str | None) -> float:
    try:
        seconds = float(value or 0)
    except ValueError:
        return 0.0
    return seconds if isfinite(seconds) else 0.0
