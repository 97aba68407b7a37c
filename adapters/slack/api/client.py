"""Asks Slack's Web API: once for each write, and again for reads that fail."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import inf
from typing import Any, Protocol

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.api.errors import ErrorResponse, NotSent, ResponseLost, to_exception
from bot.ports.errors import RefusalScope, Refused

_REFUSED_BEFORE = "Slack refused the token; nothing more is asked."

Body = Mapping[str, Any]


class TokenProvider(Protocol):
    """Where the tokens of workspaces are kept."""

    @property
    def has_single_token(self) -> bool:
        """Whether one token serves everything, so that its refusal concerns the account."""
        ...

    async def bot_token(self, workspace: str) -> str:
        """Return the token of a workspace. Raises Refused where it has none."""
        ...


@dataclass(frozen=True, slots=True)
class SingleToken:
    """The one token of a bot that serves one workspace; see `TokenProvider`."""

    token: str
    has_single_token: bool = True

    async def bot_token(self, workspace: str) -> str:
        return self.token


@dataclass(slots=True)
class _Attempt:
    """A request that may be sent for a while."""

    until: float
    """In the loop's seconds."""
    was_sent: bool = False


_ATTEMPT: ContextVar[_Attempt] = ContextVar("attempt")


class ApiClient:
    """A connection to the API, for all workspaces."""

    def __init__(self, tokens: TokenProvider, url: str, timeout: timedelta) -> None:
        self._tokens = tokens
        self._url = url
        self._timeout = timeout.total_seconds()
        self._session: aiohttp.ClientSession | None = None
        self._clients: tuple[AsyncWebClient, AsyncWebClient] | None = None
        """The one that asks once, and the one that asks again."""
        self._refused: set[str] = set()
        """Tokens that are not to be tried again."""
        self.clock_skew = timedelta()
        """How far this machine's clock is ahead of Slack's, as its last answer told."""
        self.scopes: frozenset[str] = frozenset()
        """What the token may do, as the last answer told."""

    async def read(self, method: str, workspace: str, **asked: object) -> dict[str, Any]:
        """Return what Slack tells; asked again where that may help. Raises TryLater or Refused."""
        token = await self._tokens.bot_token(workspace)
        found = await self._told(method, token, asked, is_read=True)
        if isinstance(found, ErrorResponse):
            raise self.failure(found, is_repeatable=True)
        return found

    async def pages(
        self, method: str, workspace: str, **asked: object
    ) -> AsyncIterator[dict[str, Any]]:
        """Yield what Slack tells page by page, as `read` does."""
        cursor = ""
        while True:
            more = {"cursor": cursor} if cursor else {}
            found = await self.read(method, workspace, **asked, **more)
            yield found
            cursor = (found.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    async def write(
        self,
        method: str,
        workspace: str,
        body: Body,
        *,
        is_repeatable: bool = False,
        until: float | None = None,
    ) -> dict[str, Any]:
        """Send once and return the answer. Raises TryLater, Refused or Unknown.

        `is_repeatable` tells whether asking twice is the same as asking once; after `until`
        nothing is sent any more; see `deadline`.
        """
        found = await self.try_write(
            method, workspace, body, is_repeatable=is_repeatable, until=until
        )
        if isinstance(found, ErrorResponse):
            raise self.failure(found, is_repeatable=is_repeatable)
        return found

    async def try_write(
        self,
        method: str,
        workspace: str,
        body: Body,
        *,
        is_repeatable: bool,
        until: float | None = None,
    ) -> dict[str, Any] | ErrorResponse:
        """Send once and return the answer, or Answered where Slack refuses it."""
        token = await self._tokens.bot_token(workspace)
        return await self.try_write_with_token(
            token, method, body, is_repeatable=is_repeatable, until=until
        )

    async def try_write_with_token(
        self,
        token: str,
        method: str,
        body: Body,
        *,
        is_repeatable: bool,
        until: float | None = None,
    ) -> dict[str, Any] | ErrorResponse:
        """Send once with a token, whosever it is, and return the answer as `try_write` does."""
        return await self._told(
            method, token, body, is_read=False, is_repeatable=is_repeatable, until=until
        )

    def failure(
        self, what: ErrorResponse | NotSent | ResponseLost, *, is_repeatable: bool
    ) -> Exception:
        """Return what to raise for an answer that is no success."""
        is_only = self._tokens.has_single_token
        return to_exception(what, is_repeatable=is_repeatable, has_single_token=is_only)

    def deadline(self) -> float:
        """Return until when what begins now may be sent, in the loop's seconds."""
        return asyncio.get_running_loop().time() + self._timeout

    async def close(self) -> None:
        """Let go of the connection."""
        if self._session:
            await self._session.close()

    async def _told(  # noqa: PLR0913 - what a request is
        self,
        method: str,
        token: str,
        asked: Body,
        *,
        is_read: bool,
        is_repeatable: bool = True,
        until: float | None = None,
    ) -> dict[str, Any] | ErrorResponse:
        if token in self._refused:
            scope = RefusalScope.ACCOUNT if self._tokens.has_single_token else RefusalScope.CHANNEL
            raise Refused(_REFUSED_BEFORE, scope)
        try:
            found = await self._ask(method, token, asked, is_read=is_read, until=until)
        except (NotSent, ResponseLost) as error:
            raise self.failure(error, is_repeatable=is_repeatable) from error
        if isinstance(found, ErrorResponse) and found.is_token_refused:
            self._refused.add(token)
        return found

    async def _ask(
        self, method: str, token: str, asked: Body, *, is_read: bool, until: float | None
    ) -> dict[str, Any] | ErrorResponse:
        once, again = self._connect()
        attempt = _Attempt(self.deadline() if until is None else until)
        marked = _ATTEMPT.set(attempt)
        try:
            if is_read:
                # It may wait for as long as Slack asks to, with a timeout for each request.
                attempt.until = inf
                params = {**asked, "token": token}
                answer = await again.api_call(method, http_verb="GET", params=params)
            else:
                async with asyncio.timeout_at(attempt.until):
                    answer = await once.api_call(method, json={**asked, "token": token})
            self._record_headers(answer.headers)
            return answer.data if isinstance(answer.data, dict) else {}
        except SlackApiError as error:
            return self._parse_error(error.response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise (ResponseLost if attempt.was_sent else NotSent) from error
        finally:
            _ATTEMPT.reset(marked)

    def _connect(self) -> tuple[AsyncWebClient, AsyncWebClient]:
        if self._clients is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._timeout),
                trace_configs=[_deadline_trace()],
            )
            handlers: list[AsyncRetryHandler] = [
                AsyncConnectionErrorRetryHandler(),
                AsyncRateLimitErrorRetryHandler(),
                AsyncServerErrorRetryHandler(),
            ]
            # With its own handlers the library would post again when a connection broke.
            self._clients = (
                AsyncWebClient(base_url=self._url, session=self._session, retry_handlers=[]),
                AsyncWebClient(base_url=self._url, session=self._session, retry_handlers=handlers),
            )
        return self._clients

    def _parse_error(self, response: Any) -> ErrorResponse:
        """Return what an error of the library tells; its response is its own or aiohttp's."""
        headers = response.headers
        self._record_headers(headers)
        data = getattr(response, "data", None)
        told: Mapping[str, Any] = data if isinstance(data, dict) else {}
        status: int = getattr(response, "status_code", 0) or getattr(response, "status", 0)
        wait = 0.0
        with suppress(ValueError):
            wait = float(headers.get("Retry-After") or 0)
        return ErrorResponse(status, str(told.get("error", "")), wait)

    def _record_headers(self, headers: Mapping[str, str]) -> None:
        with suppress(KeyError, ValueError):
            self.clock_skew = datetime.now(UTC) - parsedate_to_datetime(headers["Date"])
        if "x-oauth-scopes" in headers:
            self.scopes = frozenset(
                scope.strip() for scope in headers["x-oauth-scopes"].split(",") if scope.strip()
            )


def _deadline_trace() -> aiohttp.TraceConfig:
    """Return what stops a request that is about to be sent when its time is over.

    A program that was frozen meanwhile would send it before its own timeout is noticed, and
    whoever took over in its place has perhaps sent the message.
    """
    traced = aiohttp.TraceConfig()

    async def check(*_: object) -> None:
        attempt = _ATTEMPT.get()
        if asyncio.get_running_loop().time() > attempt.until:
            raise TimeoutError

    async def send(*_: object) -> None:
        await check()
        # Headers and body are two writes; what has but its headers sent is no request yet.
        _ATTEMPT.get().was_sent = True

    traced.on_connection_create_end.append(check)
    traced.on_connection_reuseconn.append(check)
    traced.on_request_headers_sent.append(send)
    return traced
