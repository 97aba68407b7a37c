"""The client of Discord's HTTP API: sends each write once, within Discord's rate limits.

discord.py repeats writes on 500, 502, 504 and 524 and cannot be told otherwise, so messages,
which must not be sent twice, do not go through it.
"""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

import aiohttp

from adapters.discord.http.errors import (
    TOKEN_REFUSED,
    ErrorResponse,
    ForeignResponse,
    NotSent,
    ResponseLost,
    parse_error,
    to_exception,
)
from adapters.discord.http.rate_limits import RouteRateLimiter
from adapters.discord.http.route import Route
from bot.lib.certificates import explain_certificate
from bot.lib.clock import SystemClock
from bot.lib.rate_limit import Turn
from bot.lib.send_signal import signal_sent
from bot.ports.errors import RefusalScope, Refused

_USER_AGENT = "DiscordBot (paperboy, 1)"
_READ_PAUSES = (0.2, 1.0)
"""Seconds between the attempts of a read."""

_NOT_CONNECTED = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
)
"""No connection to Discord was made, so nothing was sent; the last one is a proxy's refusal."""

Outcome = Any
"""The decoded JSON of a success (None for 204), or an ErrorResponse or ForeignResponse."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A body with a file, which the body names as its attachment 0."""

    body: Any
    """Serialisable as JSON."""
    name: str
    content: bytes
    media_type: str = "image/png"


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A request that is about to be sent."""

    until: float
    """After which it is not sent any more, in the loop's seconds."""
    turn: Turn | None


class RestClient:
    """A connection pool to the API, which sends each request when its rate limits allow."""

    def __init__(self, token: str, url: str, timeout: timedelta, proxy: str = "") -> None:
        self._token = token
        self._url = url.rstrip("/")
        self._timeout = timeout.total_seconds()
        self._proxy = proxy or None
        self._session: aiohttp.ClientSession | None = None
        self._is_refused = False
        self._limiter = RouteRateLimiter(SystemClock())
        self.clock_skew = timedelta()
        """How far this machine's clock is ahead of Discord's, by its last response."""

    @property
    def rate_limit_waits(self) -> tuple[int, float]:
        """Return how often requests waited for Discord's limits, and for how many seconds."""
        return self._limiter.waits

    async def read(self, route: Route, *required: str) -> dict[str, Any]:
        """Return the JSON object at a route, which has the required fields; tries three times.

        Raises TryLater (also for an object without these fields) or Refused.
        """
        found = await self._read(route)
        if not isinstance(found, dict) or not found.keys() >= set(required):
            raise to_exception(ResponseLost(HTTPStatus.OK), is_repeatable=True)
        return found

    async def read_list(self, route: Route) -> Sequence[dict[str, Any]]:
        """Return the JSON array of objects at a route; tries three times. Raises as `read`."""
        found = await self._read(route)
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise to_exception(ResponseLost(HTTPStatus.OK), is_repeatable=True)
        return found

    async def write(
        self,
        route: Route,
        body: object,
        *,
        is_repeatable: bool = False,
        until: float | None = None,
    ) -> Any:
        """Send once and return the decoded response. Raises TryLater, Refused or Unknown.

        `is_repeatable` tells whether sending twice has the effect of sending once; after
        `until` nothing is sent any more; see `deadline`.
        """
        found = await self.try_write(route, body, is_repeatable=is_repeatable, until=until)
        if isinstance(found, ErrorResponse):
            raise to_exception(found, is_repeatable=is_repeatable, in_thread=route.is_thread)
        return found

    async def try_write(
        self, route: Route, body: object, *, is_repeatable: bool, until: float | None = None
    ) -> Any:
        """Send once and return the decoded response, or ErrorResponse where Discord refuses it.

        Raises TryLater or Unknown where Discord gave no answer; see `write`.
        """
        try:
            found = await self._request(route, body, until)
        except (NotSent, ResponseLost) as error:
            raise to_exception(error, is_repeatable=is_repeatable) from error
        if isinstance(found, ForeignResponse):
            raise to_exception(found, is_repeatable=is_repeatable)
        return found

    async def attempt(self, route: Route, body: object) -> Outcome:
        """Send once and return what came of it. Raises NotSent, ResponseLost, TryLater, Refused.

        For callers that decide by the kind of failure whether to repeat a request.
        """
        return await self._request(route, body)

    def deadline(self) -> float:
        """Return until when a request that starts now may be sent, in the loop's seconds."""
        return asyncio.get_running_loop().time() + self._timeout

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()

    async def _read(self, route: Route) -> Any:
        for pause in _READ_PAUSES:
            with suppress(NotSent, ResponseLost):
                found = await self._request(route, None)
                if isinstance(found, ErrorResponse | ForeignResponse):
                    raise to_exception(found, is_repeatable=True)
                return found
            await asyncio.sleep(pause)
        return await self.write(route, None, is_repeatable=True)

    async def _request(self, route: Route, body: object, until: float | None = None) -> Outcome:
        if self._is_refused:
            raise Refused(TOKEN_REFUSED, RefusalScope.ACCOUNT)  # nothing more is sent
        turn = await self._limiter.acquire(route)
        try:
            until = self.deadline() if until is None else until
            return await self._send(route, body, _Attempt(until, turn))
        finally:
            if turn is not None:
                turn.settle()

    async def _send(self, route: Route, body: object, attempt: _Attempt) -> Outcome:
        left = attempt.until - asyncio.get_running_loop().time()
        if left <= 0:
            raise NotSent
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={"Authorization": f"Bot {self._token}", "User-Agent": _USER_AGENT},
                trace_configs=[_deadline_trace()],
                proxy=self._proxy,
            )
        try:
            async with self._session.request(
                route.method,
                self._url + route.path,
                **_payload(body),
                timeout=aiohttp.ClientTimeout(total=left),
                trace_request_ctx=attempt,
                # The API redirects nowhere; a login page of a network does.
                allow_redirects=False,
            ) as response:
                return await self._read_response(route, response)
        except _NOT_CONNECTED as error:
            raise NotSent(explain_certificate(error)) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ResponseLost from error

    async def _read_response(self, route: Route, response: aiohttp.ClientResponse) -> Outcome:
        self._record_headers(route, response)
        if response.status == HTTPStatus.NO_CONTENT:
            return None
        body = await _decode(response)
        if response.status in range(200, 300):
            if body is None:
                # A portal's page, or a truncated response to what Discord may have accepted.
                raise ResponseLost(response.status)
            return body
        found = parse_error(response.status, body, response.headers.get("Retry-After"))
        if isinstance(found, Exception):
            raise found
        self._record_error(route, found)
        return found

    def _record_error(self, route: Route, error: ErrorResponse | ForeignResponse) -> None:
        if error.status == HTTPStatus.TOO_MANY_REQUESTS and error.retry_after:
            is_global = isinstance(error, ErrorResponse) and error.is_global
            self._limiter.hold(route, error.retry_after, everywhere=is_global)
        if isinstance(error, ErrorResponse) and error.is_account_refused:
            self._is_refused = True

    def _record_headers(self, route: Route, response: aiohttp.ClientResponse) -> None:
        with suppress(KeyError, ValueError, TypeError):
            self.clock_skew = datetime.now(UTC) - parsedate_to_datetime(response.headers["Date"])
        self._limiter.record_response(route, response.status, response.headers)


def _payload(body: object) -> dict[str, Any]:
    """Return a body as arguments of the session: JSON, or a form with JSON and a file."""
    if not isinstance(body, Upload):
        return {"json": body}
    form = aiohttp.FormData()
    form.add_field("payload_json", json.dumps(body.body), content_type="application/json")
    form.add_field("files[0]", body.content, filename=body.name, content_type=body.media_type)
    return {"data": form}


async def _decode(response: aiohttp.ClientResponse) -> Any:
    """Return the decoded JSON of a response; None where it is not JSON."""
    if response.content_type != "application/json":
        await response.read()
        return None
    try:
        return await response.json()
    except (ValueError, RecursionError):
        return None


def _deadline_trace() -> aiohttp.TraceConfig:
    """Return a trace that aborts a request about to be sent after its deadline.

    A process that was suspended would send it before its own timeout fires, and the process
    that took over meanwhile may have sent the message already.
    """
    traced = aiohttp.TraceConfig()

    async def check(_session: object, context: SimpleNamespace, _params: object) -> None:
        if asyncio.get_running_loop().time() > context.trace_request_ctx.until:
            raise TimeoutError

    async def mark(session: object, context: SimpleNamespace, params: object) -> None:
        await check(session, context, params)
        attempt: _Attempt = context.trace_request_ctx
        if attempt.turn is not None:
            attempt.turn.mark_sent(asyncio.get_running_loop().time())
        signal_sent()

    traced.on_connection_create_end.append(check)
    traced.on_connection_reuseconn.append(check)
    traced.on_request_headers_sent.append(mark)
    # What has a body is written with it, by a task of its own, which may begin later.
    traced.on_request_chunk_sent.append(check)
    return traced
