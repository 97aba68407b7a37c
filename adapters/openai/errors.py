"""Maps errors of the endpoint to those of the port (pure)."""

from datetime import timedelta
from http import HTTPStatus

import openai

from bot.lib.certificates import explain_certificate
from bot.ports.errors import RefusalScope, Refused, TryLater
from bot.ports.language_model import RequestTooLong

_LONGEST_WAIT = 86_400
"""Seconds."""

_TOO_LONG = ("context_length", "context length", "maximum context", "too long", "context size")
_LATER = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
_QUOTA = "insufficient_quota"
_NO_CREDIT = "{url} says that the account has no credit left."
_NO_KEY = "{url} does not accept the key; set translation.key."
_REFUSALS = {
    401: _NO_KEY,
    403: _NO_KEY,
    404: "{url} has no such model, or is no such endpoint; check the settings.",
}
"""By status: what the operator has to mend."""


def to_exception(error: openai.OpenAIError, url: str) -> Exception:
    """Return the error of the port for one of the library, in words for the operator."""
    if isinstance(error, openai.APITimeoutError):
        return TryLater(None, f"{url} did not answer in time.")
    if not isinstance(error, openai.APIStatusError):
        fault = explain_certificate(error)
        return TryLater(None, fault or f"{url} cannot be reached, or its answer cannot be read.")
    return _of_status(error, error.status_code, url)


def _of_status(error: openai.APIStatusError, status: int, url: str) -> Exception:
    said = str(error.body or error.message).lower()
    if sentence := _REFUSALS.get(status) or (_QUOTA in said and _NO_CREDIT):
        return Refused(sentence.format(url=url), RefusalScope.ACCOUNT)
    if status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        wait = _retry_after(error.response.headers.get("retry-after", ""))
        return TryLater(wait, f"{url} answered {status}; try again later.")
    if any(sign in said for sign in _TOO_LONG) or status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return RequestTooLong(f"{url} takes no request as long as this.")
    return Refused(
        f"{url} refused the request with {status}; check the model and its settings.",
        RefusalScope.ACCOUNT,
    )


def _retry_after(value: str) -> timedelta | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return timedelta(seconds=seconds) if 0 <= seconds <= _LONGEST_WAIT else None
