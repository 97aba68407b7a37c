"""Maps a receiver's response, or its absence, to the exceptions of `bot.ports.errors` (pure)."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx2

from adapters.webhook.limits import MAX_RETRY_AFTER
from bot.lib.certificates import explain_certificate
from bot.lib.marker import _
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

_UNREACHABLE = _("The webhook cannot be reached: {error}.")
_BAD_ADDRESS = _("The webhook's address cannot be used: {error}.")
_ANSWER_LOST = _("The webhook's answer got lost: {error}.")
_ANSWERED = _("The webhook answered {status}.")
_MAYBE_TAKEN = _("The webhook answered {status}; it may have taken the message.")
_UNAUTHORIZED = _("The webhook answered {status}: give both sides the same secret.")
_NOT_TAKEN = _("The webhook answered {status}: it does not take this message.")
_NOT_THERE = _("The webhook answered {status}: nothing is there; check the address.")
_NOT_PERMITTED = _("The webhook answered {status}: check its address and what it permits.")


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
        fault = explain_certificate(outcome)
        raise TryLater(None, fault or _UNREACHABLE.format(error=_named(outcome)))
    if isinstance(outcome, _CANNOT_SEND):
        raise Refused(_BAD_ADDRESS.format(error=_named(outcome)), RefusalScope.CHANNEL)
    raise Unknown(_ANSWER_LOST.format(error=_named(outcome)))


def _of_status(response: httpx2.Response, missing: RefusalScope, now: datetime) -> Exception:
    status = response.status_code
    wait = _retry_after(response.headers.get("Retry-After", ""), now)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return TryLater(wait, _ANSWERED.format(status=status))
    if status == HTTPStatus.SERVICE_UNAVAILABLE and wait is not None:
        return TryLater(wait, _ANSWERED.format(status=status))
    if response.is_server_error or status in _UNDECIDED:
        return Unknown(_MAYBE_TAKEN.format(status=status))
    return _refusal(status, missing)


def _refusal(status: int, missing: RefusalScope) -> Refused:
    if status == HTTPStatus.UNAUTHORIZED:
        return Refused(_UNAUTHORIZED.format(status=status), RefusalScope.ACCOUNT)
    if status in _BAD_MESSAGE:
        return Refused(_NOT_TAKEN.format(status=status), RefusalScope.PART)
    if status in _MISSING:
        return Refused(_NOT_THERE.format(status=status), missing)
    return Refused(_NOT_PERMITTED.format(status=status), RefusalScope.CHANNEL)


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
