"""Maps a receiver's response, or its absence, to the exceptions of `bot.ports.errors` (pure)."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx2

from adapters.webhook.limits import MAX_RETRY_AFTER
from bot.ports.errors import RefusalScope, Refused, TryLater, Unknown

_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
"""Errors before the first byte of a request is sent: name resolution, connection, TLS."""

_CANNOT_SEND = (httpx2.InvalidURL, httpx2.UnsupportedProtocol)

_BAD_MESSAGE = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)
_MISSING = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_UNDECIDED = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY})
"""Statuses after which the request may have been carried out all the same."""


def raise_for_response(
    outcome: httpx2.Response | Exception, missing_scope: RefusalScope, now: datetime
) -> httpx2.Response:
    """Return a successful response.

    Raises TryLater, Refused or Unknown for any other outcome. `missing_scope` is the scope of a
    404 or 410: the channel, or the message that the request names.
    """
    if isinstance(outcome, httpx2.Response):
        if outcome.is_success:
            return outcome
        raise _of_status(outcome, missing_scope, now)
    if isinstance(outcome, _NOT_SENT):
        raise TryLater(None, f"The webhook cannot be reached: {_named(outcome)}.")
    if isinstance(outcome, _CANNOT_SEND):
        raise Refused(
            f"The webhook's address cannot be used: {_named(outcome)}.", RefusalScope.CHANNEL
        )
    raise Unknown(f"The webhook's answer got lost: {_named(outcome)}.")


def _of_status(response: httpx2.Response, missing: RefusalScope, now: datetime) -> Exception:
    status = response.status_code
    summary = f"The webhook answered {status}"
    wait = _retry_after(response.headers.get("Retry-After", ""), now)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return TryLater(wait, f"{summary}.")
    if status == HTTPStatus.SERVICE_UNAVAILABLE and wait is not None:
        return TryLater(wait, f"{summary}.")
    if response.is_server_error or status in _UNDECIDED:
        return Unknown(f"{summary}; it may have taken the message.")
    return _refusal(summary, status, missing)


def _refusal(summary: str, status: int, missing: RefusalScope) -> Refused:
    if status == HTTPStatus.UNAUTHORIZED:
        return Refused(f"{summary}: give both sides the same secret.", RefusalScope.ACCOUNT)
    if status in _BAD_MESSAGE:
        return Refused(f"{summary}: it does not take this message.", RefusalScope.PART)
    if status in _MISSING:
        return Refused(f"{summary}: nothing is there; check the address.", missing)
    return Refused(f"{summary}: check its address and what it permits.", RefusalScope.CHANNEL)


def _retry_after(header: str, now: datetime) -> timedelta | None:
    """Return the delay of a Retry-After header (RFC 9110, 10.2.3); None if it is not valid."""
    try:
        wait = timedelta(seconds=float(header))
    except (ValueError, OverflowError):
        try:
            moment = parsedate_to_datetime(header)
        except ValueError:
            return None
        wait = moment.astimezone(UTC) - now
    return min(max(wait, timedelta()), MAX_RETRY_AFTER)


def _named(error: Exception) -> str:
    return str(error) or type(error).__name__
