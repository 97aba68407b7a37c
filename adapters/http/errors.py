"""Maps HTTP statuses to the errors of the port (pure)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from adapters.http.limits import MAX_RETRY_AFTER
from bot.ports.errors import TryLater
from bot.ports.web import FetchRefused

_LATER = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)

REDIRECTS = frozenset({301, 302, 303, 307, 308})


def to_exception(status: int, headers: Mapping[str, str], now: datetime) -> Exception:
    """Return the exception for a failed response; `headers` have lower-case names."""
    phrase = _status_phrase(status)
    if status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        wait = parse_retry_after(headers.get("retry-after", ""), now)
        return TryLater(wait, f"it answered {phrase}; try again later.")
    return FetchRefused(f"it answered {phrase}; check the address.", status)


def parse_retry_after(retry_after: str, now: datetime) -> timedelta | None:
    """Parse a Retry-After header, in seconds or as a date; None if it is absent or invalid."""
    value = retry_after.strip()
    if value.isdecimal() and value.isascii():
        # More digits than any delay needs could not even be converted.
        seconds = int(value[:9]) if len(value) <= 9 else MAX_RETRY_AFTER.total_seconds()  # noqa: PLR2004
        wait = timedelta(seconds=seconds)
    else:
        try:
            date = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        wait = (date if date.tzinfo else date.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta()), MAX_RETRY_AFTER)


def _status_phrase(status: int) -> str:
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)
