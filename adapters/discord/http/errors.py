"""Maps Discord's error responses and lost connections to the errors of the ports (pure).

The codes are those of
https://docs.discord.com/developers/topics/opcodes-and-status-codes#json-json-error-codes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from math import isfinite

from bot.lib.marker import _
from bot.ports.errors import RefusalScope, Refused, TargetDeleted, TryLater, Unknown

UNKNOWN_CHANNEL = 10003
UNKNOWN_MESSAGE = 10008
UNKNOWN_TAG = 10087
THREAD_ARCHIVED = 50083
THREAD_EXISTS = 160004
ALREADY_CROSSPOSTED = 40033
INVALID_WEBHOOK_TOKEN = 50027
"""An interaction's token expires after 15 minutes; that is no refusal of the bot's token."""
NOT_A_TEXT_CHANNEL = frozenset({40058, 50008})
"""A message cannot be sent there, as in a forum, which takes posts only."""

TOKEN_REFUSED = _(
    "Discord does not know the token; set PAPERBOY_DISCORD_TOKEN to the one of the page Bot at "
    "https://discord.com/developers/applications."
)

_UNREACHABLE = _(
    "Discord cannot be reached; look at the network, and at the setting PAPERBOY_DISCORD_API_URL."
)
_NOT_DISCORD = _(
    "Something between here and Discord answered in its place (HTTP {status}); look at the "
    "network and its proxy, and at the setting PAPERBOY_DISCORD_API_URL."
)
WAIT = _("Discord asks to wait.")
_NO_ANSWER = _("Discord did not answer.")
ANSWER_LOST = _("Discord took the message or not: its answer got lost.")
_REFUSED_BY_CODE = _("Discord refuses it: {message} ({code}).")
_FIRST_CODE = 10000
"""Discord's codes begin here; 0 stands for an error without a code of its own."""


PERMISSIONS_MISSING = _("Paperboy lacks permissions in the channel; look at its settings.")
MESSAGE_IS_GONE = _("The message is gone; somebody deleted it.")
THREAD_IS_GONE = _("The thread is gone; somebody deleted it.")
_CHANNEL_IS_GONE = _("The channel is gone; choose another one with /digest.")
_CHANNEL = {
    50001: _("Paperboy cannot see the channel; give it the permission View Channel there."),
    50013: PERMISSIONS_MISSING,
    40067: _("The forum wants a tag on every post and has none that fits; let it be optional."),
    40058: _("The channel is a forum; choose the layout forum for it."),
    50008: _("The channel is a forum; choose the layout forum for it."),
}
_THREAD = {
    50001: _("Paperboy cannot see the thread; give it the permission View Channel."),
    50013: _(
        "Paperboy may not do that in threads here; give it the permissions Create Public Threads "
        "and Send Messages in Threads."
    ),
    160005: _("The thread is locked; unlock it."),
}
_TROUBLE = _("Discord cannot take it for the time being; it is tried again.")
_LATER: Mapping[int, tuple[timedelta | None, str]] = {
    20016: (None, _("The channel is in slow mode; it is tried again.")),
    20028: (None, WAIT),  # the channel's write limit
    20029: (None, WAIT),  # the server's write limit
    30033: (timedelta(hours=1), _("The thread has too many members; it is tried again.")),
    40004: (None, _TROUBLE),  # sending is disabled for the time being
    40006: (None, _TROUBLE),  # a feature is disabled for the time being
    40062: (None, _TROUBLE),  # a service behind the API is rate limited
    40333: (None, _TROUBLE),  # a network error inside Discord
    110001: (None, _TROUBLE),  # the application is not yet available
    130000: (None, _TROUBLE),  # the API is overloaded
    160006: (
        timedelta(hours=1),
        _("The server has too many active threads; it is tried again when some are archived."),
    ),
}


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """An error of Discord's API in its documented form: JSON with a code and a message."""

    status: int
    code: int = 0
    """Discord's own code; 0 where it has none."""
    message: str = ""
    retry_after: float | None = None
    """Seconds to wait, with status 429; None where the response does not say."""
    is_global: bool = False
    """Whether the rate limit that was hit is the one over all routes."""

    @property
    def is_account_refused(self) -> bool:
        """Tell whether Discord refuses the bot's token rather than this request."""
        return self.status == HTTPStatus.UNAUTHORIZED and self.code != INVALID_WEBHOOK_TOKEN


@dataclass(frozen=True, slots=True)
class ForeignResponse:
    """A response that is not Discord's: a proxy, a portal or a firewall refused the request."""

    status: int
    retry_after: float | None = None
    """Seconds to wait, as a `Retry-After` header says; None without one."""


class NotSent(Exception):
    """No connection was established, so nothing was sent."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        """A sentence, where more is known than that Discord is not reached."""


class ResponseLost(Exception):
    """The request was sent and its outcome is unknown: no response, a server error, no JSON."""

    def __init__(self, status: int = 0) -> None:
        super().__init__(f"HTTP {status}" if status else "no response")
        self.status = status
        """The HTTP status of the response; 0 where none arrived."""


Failure = ErrorResponse | ForeignResponse | NotSent | ResponseLost


def parse_error(status: int, body: object, retry_after: str | None) -> Failure:
    """Return what a response other than a success means.

    `body` is the decoded JSON, None for anything else; `retry_after` the header of that name.
    Only Discord's documented form, an integer `code` and a `message` (or `retry_after` with
    status 429), counts as its word. A server error leaves the outcome unknown.
    """
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ResponseLost(status)
    wait = _parse_seconds(retry_after)
    if not isinstance(body, Mapping):
        return ForeignResponse(status, wait)
    code, message = body.get("code"), body.get("message")
    told = _parse_seconds(body.get("retry_after"))
    wait = wait if told is None else told
    is_limit = status == HTTPStatus.TOO_MANY_REQUESTS and told is not None
    is_code = isinstance(code, int) and (code == 0 or code >= _FIRST_CODE)
    if not is_limit and not (is_code and isinstance(message, str)):
        return ForeignResponse(status, wait)
    return ErrorResponse(
        status,
        code if isinstance(code, int) else 0,
        str(message or ""),
        wait,
        is_global=body.get("global") is True,
    )


def to_exception(outcome: Failure, *, is_repeatable: bool, in_thread: bool = False) -> Exception:
    """Return the error to raise: TryLater, Refused or Unknown.

    `is_repeatable` tells whether sending the request twice has the effect of sending it once,
    `in_thread` whether it concerned a thread, whose refusal does not concern its channel.
    """
    match outcome:
        case NotSent():
            return TryLater(None, outcome.reason or _UNREACHABLE)
        case ForeignResponse(status, wait):
            return TryLater(_span(wait), _NOT_DISCORD.format(status=status))
        case ErrorResponse(status=HTTPStatus.TOO_MANY_REQUESTS):
            pause = _span(outcome.retry_after)
            return TryLater(pause, WAIT, everywhere=outcome.is_global)
        case ErrorResponse():
            return _refusal(outcome, in_thread=in_thread)
        case ResponseLost():
            if is_repeatable:
                return TryLater(None, _NO_ANSWER)
            return Unknown(ANSWER_LOST)


def _refusal(response: ErrorResponse, *, in_thread: bool) -> Exception:
    if response.is_account_refused:
        return Refused(TOKEN_REFUSED, RefusalScope.ACCOUNT)
    if response.code in _LATER:
        delay, reason = _LATER[response.code]
        return TryLater(delay, reason)
    if response.code == UNKNOWN_CHANNEL:
        return TargetDeleted(_CHANNEL_IS_GONE)
    if response.code in _CHANNEL and not in_thread:
        return Refused(_CHANNEL[response.code], RefusalScope.CHANNEL)
    if response.code in _THREAD:
        return Refused(_THREAD[response.code], RefusalScope.PART)
    said = response.message or str(response.status)
    reason = _REFUSED_BY_CODE.format(message=said, code=response.code)
    is_of_channel = response.status == HTTPStatus.FORBIDDEN and not in_thread
    return Refused(reason, RefusalScope.CHANNEL if is_of_channel else RefusalScope.PART)


def _parse_seconds(value: object) -> float | None:
    """Return a number of seconds; None for anything else, such as a date."""
    try:
        seconds = float(str(value))
    except ValueError:
        return None
    return seconds if isfinite(seconds) and seconds >= 0 else None


def _span(seconds: float | None) -> timedelta | None:
    # Without a span the caller backs off; a span of 0 would let it repeat at once, for ever.
    return timedelta(seconds=seconds) if seconds else None
