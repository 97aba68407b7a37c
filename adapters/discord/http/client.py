"""Asks Discord's HTTP API, once for each write, within the rates that Discord tells.

discord.py repeats writes on 500, 502, 504 and 524 by itself and cannot be told otherwise, so
what must not be sent twice does not go through it.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

import aiohttp

from adapters.discord.http.errors import ErrorResponse, NotSent, ResponseLost, to_exception
from adapters.discord.http.rate_limits import RouteRateLimiter
from adapters.discord.http.route import Route
from bot.lib.clock import SystemClock
from bot.ports.errors import RefusalScope, Refused
from bot.ports.platform import NativeMessage

_USER_AGENT = "DiscordBot (paperboy, 1)"
_READ_PAUSES = (0.2, 1.0)
"""Seconds between the attempts of a read."""


class RestClient:
    """A connection to the API, which sends each request in its turn."""

    def __init__(self, token: str, url: str, timeout: timedelta) -> None:
        self._token = token
        self._url = url.rstrip("/")
        self._timeout = timeout.total_seconds()
        self._session: aiohttp.ClientSession | None = None
        self._is_refused = False
        self._turns = RouteRateLimiter(SystemClock())
        self.clock_skew = timedelta()
        """How far this machine's clock is ahead of Discord's, as its last answer told."""

    async def read(self, route: Route) -> Any:
        """Return what stands there; tried three times. Raises TryLater or Refused."""
        for pause in _READ_PAUSES:
            try:
                found = await self._once(route, None)
            except (NotSent, ResponseLost):
                await asyncio.sleep(pause)
            else:
                if isinstance(found, ErrorResponse):
                    raise to_exception(found, is_repeatable=True)
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
        found = await self.try_write(route, body, is_repeatable=is_repeatable, until=until)
        if isinstance(found, ErrorResponse):
            raise to_exception(found, is_repeatable=is_repeatable)
        return found

    async def try_write(
        self, route: Route, body: object, *, is_repeatable: bool, until: float | None = None
    ) -> Any:
        """Send once and return the answer, or Answered where Discord refuses it (4xx)."""
        try:
            return await self._once(route, body, until)
        except (NotSent, ResponseLost) as error:
            raise to_exception(error, is_repeatable=is_repeatable) from error

    def deadline(self) -> float:
        """Return until when what begins now may be sent, in the loop's seconds."""
        return asyncio.get_running_loop().time() + self._timeout

    async def close(self) -> None:
        """Let go of the connection."""
        if self._session:
            await self._session.close()

    async def _once(self, route: Route, body: object, until: float | None = None) -> Any:
        if self._is_refused:
            raise Refused(
                "Discord refused the token; nothing more is asked.", RefusalScope.ACCOUNT
            )
        await self._turns.acquire(route)
        until = self.deadline() if until is None else until
        left = until - asyncio.get_running_loop().time()
        if left <= 0:
            raise NotSent
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={"Authorization": f"Bot {self._token}", "User-Agent": _USER_AGENT},
                trace_configs=[_deadline_trace()],
            )
        try:
            async with self._session.request(
                route.method,
                self._url + route.path,
                json=body,
                timeout=aiohttp.ClientTimeout(total=left),
                trace_request_ctx=until,
            ) as response:
                return await self._read_response(route, response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ResponseLost from error

    async def _read_response(self, route: Route, response: aiohttp.ClientResponse) -> Any:
        self._remember(route, response)
        if response.status == HTTPStatus.NO_CONTENT:
            return None
        is_json = response.content_type == "application/json"
        body: Any = await response.json() if is_json else {}
        if response.ok:
            return body
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ResponseLost
        return self._refused(route, response, body)

    def _refused(
        self, route: Route, response: aiohttp.ClientResponse, body: NativeMessage
    ) -> ErrorResponse:
        wait = float(str(body.get("retry_after") or response.headers.get("Retry-After") or 0))
        is_global = bool(body.get("global"))
        if response.status == HTTPStatus.TOO_MANY_REQUESTS:
            self._turns.hold(route, wait, everywhere=is_global)
        code = body.get("code")
        answered = ErrorResponse(
            response.status,
            code if isinstance(code, int) else 0,
            str(body.get("message", "")),
            wait,
            is_global,
        )
        self._is_refused = self._is_refused or answered.is_account_refused
        return answered

    def _remember(self, route: Route, response: aiohttp.ClientResponse) -> None:
        with suppress(KeyError, ValueError):
            self.clock_skew = datetime.now(UTC) - parsedate_to_datetime(response.headers["Date"])
        self._turns.told(route, response.status, response.headers)


def _deadline_trace() -> aiohttp.TraceConfig:
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
