"""Asks Discord's HTTP API, once for each write, within the rates that Discord tells.

discord.py repeats writes on 500, 502, 504 and 524 by itself and cannot be told otherwise, so
what must not be sent twice does not go through it.
"""

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

import aiohttp

from adapters.discord.failures import Answered, Lost, NotSent, failure
from bot.ports import Native, Refused, Scope, TryLater

_USER_AGENT = "DiscordBot (paperboy, 1)"
_READ_PAUSES = (0.2, 1.0)
"""Seconds between the attempts of a read."""
_LONGEST_WAIT = 5.0
"""Seconds that a request waits for its turn; what takes longer is for the outbox."""
_SLOT = 1 / 50
"""Seconds between two requests: Discord takes 50 a second from a bot, over all routes."""
_EVERYWHERE = ("", "")
"""The bucket that all routes share."""
_UNCOUNTED = ("/interactions/", "/webhooks/")
"""Answers to what people ask do not count for that, and must not wait."""
_MOST_INVALID, _INVALID_SECONDS = 5000, 600.0
"""Half of the answers 401, 403 and 429 in 10 minutes for which Discord blocks an address."""
_INVALID = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path; `{main}` stands for what Discord counts rates by."""

    method: str
    template: str
    main: str = ""
    """The id of the channel, the guild or the webhook."""
    rest: str = ""
    """What follows the template: further ids and the query."""

    @property
    def path(self) -> str:
        """Return the path."""
        return self.template.replace("{main}", self.main) + self.rest


class Rest:
    """A connection to the API; keeps what Discord told of its rates."""

    def __init__(self, token: str, url: str, timeout: timedelta) -> None:
        self._token = token
        self._url = url.rstrip("/")
        self._timeout = timeout.total_seconds()
        self._session: aiohttp.ClientSession | None = None
        self._is_refused = False
        self._buckets: dict[tuple[str, str], str] = {}
        """Discord's name of the bucket of each route."""
        self._free_at: dict[tuple[str, str], float] = {}
        """When a bucket that is used up is filled again, in the loop's seconds."""
        self._invalid: deque[float] = deque()
        self._next_slot = 0.0
        self.skew = timedelta()
        """How far this machine's clock is ahead of Discord's, as its last answer told."""

    async def read(self, route: Route) -> Any:
        """Return what stands there; tried three times. Raises TryLater or Refused."""
        for pause in _READ_PAUSES:
            try:
                found = await self._once(route, None)
            except (NotSent, Lost):
                await asyncio.sleep(pause)
            else:
                if isinstance(found, Answered):
                    raise failure(found, is_repeatable=True)
                return found
        return await self.write(route, None, is_repeatable=True)

    async def write(
        self,
        route: Route,
        body: object,
        *,
        is_repeatable: bool = False,
        until: float | None = None,
    ) -> Any:
        """Send once and return the answer. Raises TryLater, Refused or Unknown.

        `is_repeatable` tells whether asking twice is the same as asking once; after `until`
        nothing is sent any more; see `deadline`.
        """
        found = await self.attempt(route, body, is_repeatable=is_repeatable, until=until)
        if isinstance(found, Answered):
            raise failure(found, is_repeatable=is_repeatable)
        return found

    async def attempt(
        self, route: Route, body: object, *, is_repeatable: bool, until: float | None = None
    ) -> Any:
        """Send once and return the answer, or Answered where Discord refuses it (4xx)."""
        try:
            return await self._once(route, body, until)
        except (NotSent, Lost) as error:
            raise failure(error, is_repeatable=is_repeatable) from error

    def deadline(self) -> float:
        """Return until when what begins now may be sent, in the loop's seconds."""
        return asyncio.get_running_loop().time() + self._timeout

    async def close(self) -> None:
        """Let go of the connection."""
        if self._session:
            await self._session.close()

    async def _once(self, route: Route, body: object, until: float | None = None) -> Any:
        await self._wait_for_turn(route)
        until = self.deadline() if until is None else until
        left = until - asyncio.get_running_loop().time()
        if left <= 0:
            raise NotSent
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={"Authorization": f"Bot {self._token}", "User-Agent": _USER_AGENT},
                trace_configs=[_in_time()],
            )
        try:
            async with self._session.request(
                route.method,
                self._url + route.path,
                json=body,
                timeout=aiohttp.ClientTimeout(total=left),
                trace_request_ctx=until,
            ) as response:
                return await self._heard(route, response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Lost from error

    async def _heard(self, route: Route, response: aiohttp.ClientResponse) -> Any:
        self._remember(route, response)
        if response.status == HTTPStatus.NO_CONTENT:
            return None
        is_json = response.content_type == "application/json"
        body: Any = await response.json() if is_json else {}
        if response.ok:
            return body
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Lost
        return self._refused(route, response, body)

    def _refused(self, route: Route, response: aiohttp.ClientResponse, body: Native) -> Answered:
        now = asyncio.get_running_loop().time()
        if response.status in _INVALID:
            self._invalid.append(now)
        wait = float(str(body.get("retry_after") or response.headers.get("Retry-After") or 0))
        if response.status == HTTPStatus.TOO_MANY_REQUESTS:
            key = _EVERYWHERE if body.get("global") else self._bucket(route)
            self._free_at[key] = now + wait
        code = body.get("code")
        answered = Answered(
            response.status,
            code if isinstance(code, int) else 0,
            str(body.get("message", "")),
            wait,
            bool(body.get("global")),
        )
        self._is_refused = self._is_refused or answered.is_of_account
        return answered

    async def _wait_for_turn(self, route: Route) -> None:
        """Return when Discord wants the next request of this route; raises TryLater, Refused."""
        if self._is_refused:
            raise Refused("Discord refused the token; nothing more is asked.", Scope.ACCOUNT)
        now = asyncio.get_running_loop().time()
        while self._invalid and self._invalid[0] < now - _INVALID_SECONDS:
            self._invalid.popleft()
        if len(self._invalid) >= _MOST_INVALID:
            wait = self._invalid[0] + _INVALID_SECONDS - now
            raise TryLater(timedelta(seconds=wait), "Discord refused too much; a pause is due.")
        is_counted = not route.template.startswith(_UNCOUNTED)
        free = max(now, self._free_at.get(self._bucket(route), 0))
        if is_counted:
            free = max(free, self._free_at.get(_EVERYWHERE, 0), self._next_slot)
        if free - now > _LONGEST_WAIT:
            raise TryLater(timedelta(seconds=free - now), "Discord asks to wait.")
        if is_counted:
            self._next_slot = max(self._next_slot, now) + _SLOT
        if free > now:
            await asyncio.sleep(free - now)

    def _bucket(self, route: Route) -> tuple[str, str]:
        name = (route.method, route.template)
        return self._buckets.get(name, " ".join(name)), route.main

    def _remember(self, route: Route, response: aiohttp.ClientResponse) -> None:
        headers = response.headers
        with suppress(KeyError, ValueError):
            self.skew = datetime.now(UTC) - parsedate_to_datetime(headers["Date"])
        if "X-RateLimit-Bucket" in headers:
            self._buckets[route.method, route.template] = headers["X-RateLimit-Bucket"]
        if headers.get("X-RateLimit-Remaining") == "0":
            wait = float(headers.get("X-RateLimit-Reset-After", 0))
            self._free_at[self._bucket(route)] = asyncio.get_running_loop().time() + wait


def _in_time() -> aiohttp.TraceConfig:
    """Return what stops a request that is about to be sent when its time is over.

    A program that was frozen meanwhile would send it before its own timeout is noticed, and
    whoever took over in its place has perhaps sent the message.
    """
    traced = aiohttp.TraceConfig()

    async def check(_session: object, context: SimpleNamespace, _params: object) -> None:
        if asyncio.get_running_loop().time() > context.trace_request_ctx:
            raise TimeoutError

    traced.on_connection_create_end.append(check)
    traced.on_connection_reuseconn.append(check)
    # Headers and body are two writes; what has but its headers sent is no request yet.
    traced.on_request_headers_sent.append(check)
    return traced
