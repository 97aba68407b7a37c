"""Turns what Discord refuses, or fails to say, into what the core does about it (pure).

The codes are those of
https://docs.discord.com/developers/topics/opcodes-and-status-codes#json-json-error-codes.
"""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from bot.lib.marker import _
from bot.ports.errors import RefusalScope, Refused, TargetDeleted, TryLater, Unknown

THREAD_EXISTS = 160004
INVALID_WEBHOOK_TOKEN = 50027
"""Fifteen minutes after a question no more can be said to it; that says nothing of ours."""

TOKEN_REFUSED = (
    "Discord does not know the token; set PAPERBOY_DISCORD_TOKEN to the one of the page Bot at "
    "https://discord.com/developers/applications."
)

_UNREACHABLE = (
    "Discord cannot be reached; look at the network, and at the setting PAPERBOY_DISCORD_API_URL."
)
_NO_API = (
    "Discord's API is not at this address; leave PAPERBOY_DISCORD_API_URL out, or set it right."
)


_UNKNOWN_CHANNEL = 10003
THREAD_IS_GONE = _("The thread is gone; somebody deleted it.")
_CHANNEL_IS_GONE = _("The channel is gone; choose another one with /digest.")
_CHANNEL = {
    50001: _("Paperboy cannot see the channel; give it the permission View Channel there."),
    50013: _("Paperboy lacks permissions in the channel; `paperboy doctor` says which."),
    40067: _("The forum wants a tag on every post and has none that fits; let it be optional."),
    40058: _("The channel is a forum; choose the layout forum for it."),
    160005: _("The thread is locked; unlock it."),
}
_LATER = {
    160006: timedelta(hours=1),  # too many threads are active: they archive by themselves
    30033: timedelta(hours=1),  # too many people in a thread
}


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """An answer of Discord that is no success."""

    status: int
    code: int = 0
    """Discord's own code of what is wrong."""
    message: str = ""
    retry_after: float = 0
    """Seconds, where it is too early."""
    is_global: bool = False
    """Whether it is too early for every route."""

    @property
    def is_account_refused(self) -> bool:
        """Tell whether Discord refuses us, and not the question alone."""
        return self.status == HTTPStatus.UNAUTHORIZED and self.code != INVALID_WEBHOOK_TOKEN


class NotSent(Exception):
    """No connection came about, so nothing was asked."""


class ResponseLost(Exception):
    """The connection broke after the question was sent; the answer is not known."""


def to_exception(
    outcome: ErrorResponse | NotSent | ResponseLost, *, is_repeatable: bool
) -> Exception:
    """Return what to raise: TryLater, Refused or Unknown.

    `is_repeatable` tells whether asking twice is the same as asking once.
    """
    match outcome:
        case NotSent():
            return TryLater(None, _UNREACHABLE)
        case ErrorResponse(status=HTTPStatus.TOO_MANY_REQUESTS):
            wait = timedelta(seconds=outcome.retry_after)
            return TryLater(wait, "Discord asks to wait.", everywhere=outcome.is_global)
        case ErrorResponse(status=status) if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return _refusal(outcome)
        case ResponseLost() | ErrorResponse():
            if is_repeatable:
                return TryLater(None, "Discord did not answer.")
            return Unknown("Discord took the message or not: its answer got lost.")


def _refusal(what: ErrorResponse) -> Exception:
    if what.is_account_refused:
        return Refused(TOKEN_REFUSED, RefusalScope.ACCOUNT)
    if what.code == _UNKNOWN_CHANNEL:
        return TargetDeleted(_CHANNEL_IS_GONE)
    if what.code in _LATER:
        return TryLater(_LATER[what.code], what.message)
    if what.code in _CHANNEL:
        return Refused(_CHANNEL[what.code], RefusalScope.CHANNEL)
    if what.status == HTTPStatus.NOT_FOUND and not what.code:
        return Refused(_NO_API, RefusalScope.PART)
    reason = f"Discord refuses it: {what.message or what.status} ({what.code})."
    is_of_channel = what.status == HTTPStatus.FORBIDDEN
    return Refused(reason, RefusalScope.CHANNEL if is_of_channel else RefusalScope.PART)
