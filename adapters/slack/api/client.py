"""Client of Slack's Web API: writes are sent once, reads are retried."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import inf
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.api.deadline import ATTEMPT, Attempt, deadline_trace
from adapters.slack.api.errors import ErrorResponse, NotSent, ResponseLost, to_exception
from adapters.slack.api.tokens import TokenProvider
from adapters.slack.render.fallback_text import simpler
from bot.lib.certificates import explain_certificate

Body = Mapping[str, Any]

_LOG = logging.getLogger(__name__)


class ApiClient:
    """HTTP session with the Web API, shared by all workspaces."""

    def __init__(
        self, tokens: TokenProvider, url: str, timeout: timedelta, proxy: str | None = None
    ) -> None:
        self._tokens = tokens
        self.proxy = proxy
        """The proxy through which Slack is reached; None for none."""
        self._url = url
        self._timeout = timeout.total_seconds()
        self._session: aiohttp.ClientSession | None = None
        self._clients: tuple[AsyncWebClient, AsyncWebClient] | None = None
        """A client without retries, and one with retries."""
        self._refused: dict[str, ErrorResponse] = {}
        """How Slack refused each token that it refused; these are not sent again."""
        self.clock_skew = timedelta()
        """How far this machine's clock is ahead of Slack's, by the last `Date` header."""
        self._scopes: dict[str, frozenset[str]] = {}
        """Scopes of each token, by the last `x-oauth-scopes` header."""

    async def read(self, method: str, workspace: str, **arguments: object) -> dict[str, Any]:
        """Call a method that changes nothing, with retries, and return the response.

        Raises TryLater or Refused.
        """
        token = await self._tokens.bot_token(workspace)
        response = await self._call(method, token, arguments, is_read=True)
        if isinstance(response, ErrorResponse):
            raise self.to_exception(response, is_repeatable=True)
        return response

    async def pages(
        self, method: str, workspace: str, **arguments: object
    ) -> AsyncIterator[dict[str, Any]]:
        """Yield the responses of a paginated method, following its cursor; see `read`."""
        cursor = ""
        while True:
            more = {"cursor": cursor} if cursor else {}
            response = await self.read(method, workspace, **arguments, **more)
            yield response
            cursor = (response.get("response_metadata") or {}).get("next_cursor") or ""
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
        """Call a method once and return the response. Raises TryLater, Refused or Unknown.

        `is_repeatable` tells whether the method is idempotent, so that a lost response is
        TryLater and not Unknown. After `until` (see `deadline`) nothing is sent any more.
        """
        response = await self.try_write(
            method, workspace, body, is_repeatable=is_repeatable, until=until
        )
        if isinstance(response, ErrorResponse):
            raise self.to_exception(response, is_repeatable=is_repeatable)
        return response

    async def post_message(
        self,
        workspace: str,
        body: Body,
        *,
        method: str = "chat.postMessage",
        until: float | None = None,
    ) -> dict[str, Any]:
        """Post a message once and return the response. Raises as `write` does.

        If Slack refuses its blocks, which is a fault of ours, it is posted as plain text; one with
        a picture, which Slack may not have read yet, first without that.
        """
        while True:
            response = await self.try_write(
                method, workspace, body, is_repeatable=False, until=until
            )
            if not isinstance(response, ErrorResponse) or not response.is_about_blocks:
                break
            if not body.get("blocks"):
                break
            _LOG.error("Blocks rejected", extra={"fields": {"error": response.code}})
            body = simpler(body)
        if isinstance(response, ErrorResponse):
            raise self.to_exception(response, is_repeatable=False)
        return response

    async def try_write(
        self,
        method: str,
        workspace: str,
        body: Body,
        *,
        is_repeatable: bool,
        until: float | None = None,
    ) -> dict[str, Any] | ErrorResponse:
        """Call a method once; return the response, or Slack's error. Raises as `write` does."""
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
        """Call a method once with a given token, as `try_write` does."""
        return await self._call(
            method, token, body, is_read=False, is_repeatable=is_repeatable, until=until
        )

    def to_exception(
        self, outcome: ErrorResponse | NotSent | ResponseLost, *, is_repeatable: bool
    ) -> Exception:
        """Return the exception for an outcome that is no success."""
        return to_exception(
            outcome,
            is_repeatable=is_repeatable,
            has_single_token=self._tokens.has_single_token,
        )

    async def scopes(self, workspace: str) -> frozenset[str]:
        """Return the scopes of a workspace's token, as the last response told."""
        return self._scopes.get(await self._tokens.bot_token(workspace), frozenset())

    def deadline(self) -> float:
        """Return the deadline of a request that begins now, in the event loop's seconds."""
        return asyncio.get_running_loop().time() + self._timeout

    async def close(self) -> None:
        """Close the HTTP session."""
        if self._session:
            await self._session.close()

    async def _call(  # noqa: PLR0913 - what a request is
        self,
        method: str,
        token: str,
        arguments: Body,
        *,
        is_read: bool,
        is_repeatable: bool = True,
        until: float | None = None,
    ) -> dict[str, Any] | ErrorResponse:
        if token in self._refused:
            return self._refused[token]
        try:
            response = await self._call_once(
                method, token, arguments, is_read=is_read, until=until
            )
        except (NotSent, ResponseLost) as error:
            raise self.to_exception(error, is_repeatable=is_repeatable) from error
        if isinstance(response, ErrorResponse) and response.is_token_refused:
            self._refused[token] = response
        return response

    async def _call_once(
        self, method: str, token: str, arguments: Body, *, is_read: bool, until: float | None
    ) -> dict[str, Any] | ErrorResponse:
        once, again = self._connect()
        attempt = Attempt(self.deadline() if until is None else until)
        marked = ATTEMPT.set(attempt)
        try:
            if is_read:
                # Retries may wait for as long as Slack asks; each request has its own timeout.
                attempt.until = inf
                params = {**arguments, "token": token}
                answer = await again.api_call(method, http_verb="GET", params=params)
            else:
                async with asyncio.timeout_at(attempt.until):
                    answer = await once.api_call(method, json={**arguments, "token": token})
            self._record_headers(answer.headers, token)
            return answer.data if isinstance(answer.data, dict) else {}
        except SlackApiError as error:
            return self._parse_error(error.response, token)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if attempt.was_sent:
                raise ResponseLost from error
            raise NotSent(explain_certificate(error)) from error
        finally:
            ATTEMPT.reset(marked)

    def _connect(self) -> tuple[AsyncWebClient, AsyncWebClient]:
        if self._clients is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._timeout),
                trace_configs=[deadline_trace()],
            )
            handlers: list[AsyncRetryHandler] = [
                AsyncConnectionErrorRetryHandler(),
                AsyncRateLimitErrorRetryHandler(),
                AsyncServerErrorRetryHandler(),
            ]
            # By default the library repeats a post when the connection breaks.
            self._clients = (
                self._make_client([]),
                self._make_client(handlers),
            )
        return self._clients

    def _make_client(self, handlers: list[AsyncRetryHandler]) -> AsyncWebClient:
        return AsyncWebClient(
            base_url=self._url, session=self._session, proxy=self.proxy, retry_handlers=handlers
        )

    def _parse_error(self, response: Any, token: str) -> ErrorResponse:
        """Return the error of a response, which is either slack_sdk's or aiohttp's."""
        headers = response.headers
        self._record_headers(headers, token)
        data = getattr(response, "data", None)
        told: Mapping[str, Any] = data if isinstance(data, dict) else {}
        status: int = getattr(response, "status_code", 0) or getattr(response, "status", 0)
        wait = 0.0
        with suppress(ValueError):
            wait = float(headers.get("Retry-After") or 0)
        return ErrorResponse(status, str(told.get("error", "")), wait)

    def _record_headers(self, headers: Mapping[str, str], token: str) -> None:
        with suppress(KeyError, ValueError):
            self.clock_skew = datetime.now(UTC) - parsedate_to_datetime(headers["Date"])
        if "x-oauth-scopes" in headers:
            self._scopes[token] = frozenset(
                scope.strip() for scope in headers["x-oauth-scopes"].split(",") if scope.strip()
            )
