"""Says what an answer, or the lack of one, means for the message (pure)."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

from adapters.webhook.limits import MAX_RETRY_AFTER
from bot.ports.errors import RefusalScope, Refused, TryLater, Unknown

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""What fails before the first byte of a request is sent: no address, no connection, no TLS."""

_CANNOT_SEND = (httpx.InvalidURL, httpx.UnsupportedProtocol)

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
"""Refusals of a request whose twin may be under way, or that was cut off by the receiver."""


def raise_for_response(
    answer: httpx.Response | Exception, missing_scope: RefusalScope, now: datetime
) -> httpx.Response:
    """Return the answer of a receiver that took the message.

    Raises TryLater, Refused or Unknown for every other answer, and for what came instead of one.
    `missing` is what a 404 or 410 concerns: the channel, or the message that was named.
    """
    if isinstance(answer, httpx.Response):
        if answer.is_success:
            return answer
        raise _of_status(answer, missing_scope, now)
    if isinstance(answer, _NOT_SENT):
        raise TryLater(None, f"The webhook cannot be reached: {_named(answer)}.")
    if isinstance(answer, _CANNOT_SEND):
        raise Refused(
            f"The webhook's address cannot be used: {_named(answer)}.", RefusalScope.CHANNEL
        )
    raise Unknown(f"The webhook's answer got lost: {_named(answer)}.")


def _of_status(answer: httpx.Response, missing: RefusalScope, now: datetime) -> Exception:
    status = answer.status_code
    said = f"The webhook answered {status}"
    wait = _retry_after(answer.headers.get("Retry-After", ""), now)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return TryLater(wait, f"{said}.")
    if status == HTTPStatus.SERVICE_UNAVAILABLE and wait is not None:
        return TryLater(wait, f"{said}.")
    if answer.is_server_error or status in _UNDECIDED:
        return Unknown(f"{said}; it may have taken the message.")
    return _refusal(said, status, missing)


def _refusal(said: str, status: int, missing: RefusalScope) -> Refused:
    if status == HTTPStatus.UNAUTHORIZED:
        return Refused(f"{said}: give both sides the same secret.", RefusalScope.ACCOUNT)
    if status in _BAD_MESSAGE:
        return Refused(f"{said}: it does not take this message.", RefusalScope.PART)
    if status in _MISSING:
        return Refused(f"{said}: nothing is there; check the address.", missing)
    return Refused(f"{said}: check its address and what it permits.", RefusalScope.CHANNEL)


def _retry_after(said: str, now: datetime) -> timedelta | None:
    """Return how long to wait: seconds or a date (RFC 9110, 10.2.3); None where neither is."""
    try:
        wait = timedelta(seconds=float(said))
    except (ValueError, OverflowError):
        try:
            moment = parsedate_to_datetime(said)
        except ValueError:
            return None
        wait = moment.astimezone(UTC) - now
    return min(max(wait, timedelta()), MAX_RETRY_AFTER)


def _named(error: Exception) -> str:
    return str(error) or type(error).__name__
