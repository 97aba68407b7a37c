"""Says what an answer, or the lack of one, means (pure)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from adapters.http.limits import MAX_RETRY_AFTER
from bot.ports.errors import RefusalScope, Refused, TryLater

_LATER = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)

REDIRECTS = frozenset({301, 302, 303, 307, 308})


def to_exception(status: int, headers: Mapping[str, str], now: datetime) -> Exception:
    """Return what an answer that brings nothing means; `headers` by their lower-case names."""
    said = _said(status)
    if status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        wait = parse_retry_after(headers.get("retry-after", ""), now)
        return TryLater(wait, f"it answered {said}; try again later.")
    return Refused(f"it answered {said}; check the address.", RefusalScope.PART)


def parse_retry_after(retry_after: str, now: datetime) -> timedelta | None:
    """Return how long Retry-After asks for, given as seconds or as a date; None for nothing."""
    value = retry_after.strip()
    if value.isdecimal() and value.isascii():
        # More digits than any wait needs could not even be counted.
        seconds = int(value[:9]) if len(value) <= 9 else MAX_RETRY_AFTER.total_seconds()  # noqa: PLR2004
        wait = timedelta(seconds=seconds)
    else:
        try:
            date = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        wait = (date if date.tzinfo else date.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta()), MAX_RETRY_AFTER)


def _said(status: int) -> str:
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)
