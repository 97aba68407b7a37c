"""Gives each request its turn, within the rates that Discord tells and the one that all share.

Source: https://docs.discord.com/developers/topics/rate-limits.
"""

from collections import deque
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

from adapters.discord.http.route import Route
from bot.lib.clock import Clock
from bot.lib.rate_limit import RateLimit, RateLimiter
from bot.ports.errors import TryLater

REQUESTS_PER_SECOND = 50.0
"""Requests that Discord takes from a bot, over all routes."""
_LONGEST_WAIT = 5.0
"""Seconds that a request waits for its turn; what takes longer is for the outbox."""
_UNCOUNTED = ("/interactions/", "/webhooks/")
"""Answers to what people ask do not count for that, and must not wait."""
_MOST_INVALID, _INVALID_SECONDS = 5000, 600.0
"""Half of the answers 401, 403 and 429 in 10 minutes for which Discord blocks an address."""
_INVALID = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}


class RouteRateLimiter:
    """What Discord told of its rates, and who waits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pacer = RateLimiter(lambda: RateLimit(REQUESTS_PER_SECOND, timedelta()), clock)
        self._waiting = 0
        self._all_free_at = float("-inf")
        self._buckets: dict[tuple[str, str], str] = {}
        """Discord's name of the bucket of each route."""
        self._free_at: dict[tuple[str, str], float] = {}
        """The tick at which a bucket that is used up is filled again."""
        self._invalid: deque[float] = deque()

    async def acquire(self, route: Route) -> None:
        """Return when a request of this route may be sent, which is to be done at once.

        Of all that count, at most 50 are let go in any second, however late the machine runs
        them. Raises TryLater where that would take long.
        """
        now = self._clock.monotonic()
        while self._invalid and self._invalid[0] < now - _INVALID_SECONDS:
            self._invalid.popleft()
        if len(self._invalid) >= _MOST_INVALID:
            wait = self._invalid[0] + _INVALID_SECONDS - now
            raise TryLater(timedelta(seconds=wait), "Discord refused too much; a pause is due.")
        is_counted = not route.template.startswith(_UNCOUNTED)
        free = self._free_at.get(self._bucket(route), now)
        queued = max(self._all_free_at, now) + self._waiting * self._pacer.interval
        longest = max(free, queued) - now if is_counted else free - now
        if longest > _LONGEST_WAIT:
            raise TryLater(timedelta(seconds=longest), "Discord asks to wait.")
        if free > now:
            await self._clock.sleep(free - now)
        if is_counted:
            await self._queued()

    def told(self, route: Route, status: int, headers: Mapping[str, str]) -> None:
        """Take in what an answer says of the rates."""
        if status in _INVALID:
            self._invalid.append(self._clock.monotonic())
        if "X-RateLimit-Bucket" in headers:
            self._buckets[route.method, route.template] = headers["X-RateLimit-Bucket"]
        if headers.get("X-RateLimit-Remaining") == "0":
            self.hold(route, float(headers.get("X-RateLimit-Reset-After", 0)), everywhere=False)

    def hold(self, route: Route, seconds: float, *, everywhere: bool) -> None:
        """Let nothing go for so long: on the bucket of a route, or of all that count."""
        until = self._clock.monotonic() + seconds
        if everywhere:
            self._all_free_at = until
            self._pacer.hold_all(until)
        else:
            self._free_at[self._bucket(route)] = until

    async def _queued(self) -> None:
        self._waiting += 1
        try:
            await self._pacer.acquire()
        finally:
            self._waiting -= 1

    def _bucket(self, route: Route) -> tuple[str, str]:
        name = (route.method, route.template)
        return self._buckets.get(name, " ".join(name)), route.main
