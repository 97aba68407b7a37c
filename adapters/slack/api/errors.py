"""Maps Slack's error codes to the exceptions of `bot.ports.errors` (pure).

The codes are those of https://docs.slack.dev/reference/methods/chat.postMessage and other methods.
"""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from bot.lib.marker import _
from bot.ports.errors import RefusalScope, Refused, TryLater, Unknown

BOT_TOKEN_REFUSED = _(
    "Slack does not take the token; set PAPERBOY_SLACK_BOT_TOKEN to the one of the page "
    "OAuth & Permissions at https://api.slack.com/apps, which begins with xoxb-."
)


_UNREACHABLE = _("Slack cannot be reached.")
_WAIT = _("Slack asks to wait.")
_NO_ANSWER = _("Slack did not answer.")
_ANSWER_LOST = _("Slack took the message or not: its answer got lost.")
_REFUSED_BY_CODE = _("Slack refuses it: {code}.")
NOT_INSTALLED = _("Paperboy is not installed in the workspace any more; install it again.")

_TOKEN_CODES = frozenset({
    "account_inactive", "invalid_auth", "not_allowed_token_type", "not_authed", "token_expired",
    "token_revoked",
})  # fmt: skip
_NOT_FOUND = _("The channel is gone, or Paperboy is not in it; say /invite @paperboy there.")
_NOT_ALLOWED = _("Not everybody may post in the channel; let Paperboy, or choose another channel.")
_CHECKABLE_CODES = ("channel_not_found", "is_archived", "not_in_channel")
_CHANNEL_CODES = {
    "channel_not_found": _NOT_FOUND,
    "not_in_channel": _("Paperboy is not in the channel; say /invite @paperboy there."),
    "is_archived": _("The channel is archived; choose another one with /digest."),
    "ekm_access_denied": _NOT_ALLOWED,
    "no_permission": _NOT_ALLOWED,
    "restricted_action": _NOT_ALLOWED,
    "restricted_action_non_threadable_channel": _(
        "The channel takes no threads; choose the layout overview."
    ),
    "restricted_action_read_only_channel": _NOT_ALLOWED,
    "restricted_action_thread_only_channel": _NOT_ALLOWED,
}
RECOVERABLE = frozenset({
    NOT_INSTALLED, *(_CHANNEL_CODES[code] for code in _CHECKABLE_CODES),
})  # fmt: skip
"""Reasons of refusals that a check of the channel finds gone."""
_THREAD_CODES = {
    "restricted_action_thread_locked": _("The thread is locked; unlock it."),
}
"""Codes that concern one thread, and no other message of the channel."""
_THREAD_DELETED_CODES = frozenset({"message_not_found", "thread_not_found"})
_THREAD_DELETED = _("The message that it belongs under was deleted.")
BLOCKS_CODES = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
"""Codes that refuse the blocks of a message, and not its text."""
_RETRYABLE_CODES = {
    "access_denied": timedelta(minutes=5),
    "accesslimited": timedelta(minutes=5),
    "external_channel_migrating": timedelta(minutes=5),
    "message_limit_exceeded": timedelta(minutes=5),
    "org_login_required": timedelta(minutes=5),
    "ratelimited": None,
    "rate_limited": None,
    "request_timeout": None,
    "rollup_error": None,
    "service_unavailable": None,
    "team_added_to_org": timedelta(minutes=5),
}
_ACCESS_NOT_GRANTED = "team_access_not_granted"
_MISSING_SCOPE = "missing_scope"
SCOPE_MISSING = _("Paperboy lacks rights in the workspace; install it there again.")
_AMBIGUOUS_CODES = frozenset({"fatal_error", "internal_error"})
"""Codes after which the request may have been carried out all the same."""


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """A response of Slack that is no success."""

    status: int
    code: str = ""
    """Slack's error code; empty if the body had none."""
    retry_after: float = 0
    """Seconds of the `Retry-After` header; 0 if there is none."""

    @property
    def is_token_refused(self) -> bool:
        """Return whether Slack refuses the token itself."""
        return self.code in _TOKEN_CODES

    @property
    def is_about_blocks(self) -> bool:
        """Return whether Slack refuses the blocks of a message, which its text alone has not."""
        return self.code in BLOCKS_CODES

    @property
    def is_retryable(self) -> bool:
        """Return whether Slack asks to be called later."""
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or self.code in _RETRYABLE_CODES


class ThreadDeleted(Refused):
    """The root message of a thread does not exist any more."""

    def __init__(self) -> None:
        super().__init__(_THREAD_DELETED, RefusalScope.PART)


class MissingScope(Refused):
    """The app lacks an OAuth scope for this method."""


class NotSent(Exception):
    """No connection was established, so nothing was sent."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        """A sentence, where more is known than that Slack is not reached."""


class ResponseLost(Exception):
    """The connection broke after the request was sent; its outcome is not known."""


def to_exception(
    outcome: ErrorResponse | NotSent | ResponseLost,
    *,
    is_repeatable: bool,
    has_single_token: bool = True,
) -> Exception:
    """Return the exception to raise: TryLater, Refused or Unknown.

    `is_repeatable` tells whether the method is idempotent; `has_single_token` whether one token
    serves all workspaces, so that its refusal concerns the account.
    """
    match outcome:
        case NotSent():
            return TryLater(None, outcome.reason or _UNREACHABLE)
        case ErrorResponse() if outcome.is_retryable:
            wait = timedelta(seconds=outcome.retry_after) if outcome.retry_after else None
            return TryLater(wait or _RETRYABLE_CODES.get(outcome.code), _WAIT)
        case ErrorResponse(status=status, code=code) if (
            status < HTTPStatus.INTERNAL_SERVER_ERROR and code and code not in _AMBIGUOUS_CODES
        ):
            return _refusal(outcome, has_single_token=has_single_token)
        case ResponseLost() | ErrorResponse():
            if is_repeatable:
                return TryLater(None, _NO_ANSWER)
            return Unknown(_ANSWER_LOST)


def _refusal(response: ErrorResponse, *, has_single_token: bool) -> Refused:
    code = response.code
    if response.is_token_refused and has_single_token:
        return Refused(BOT_TOKEN_REFUSED, RefusalScope.ACCOUNT)
    if code == _MISSING_SCOPE:
        return MissingScope(SCOPE_MISSING, RefusalScope.WORKSPACE)
    if code in _THREAD_DELETED_CODES:
        return ThreadDeleted()
    if response.is_token_refused or code == _ACCESS_NOT_GRANTED:
        reason, scope = NOT_INSTALLED, RefusalScope.WORKSPACE
    elif code in _THREAD_CODES:
        reason, scope = _THREAD_CODES[code], RefusalScope.PART
    elif code in _CHANNEL_CODES:
        reason, scope = _CHANNEL_CODES[code], RefusalScope.CHANNEL
    else:
        reason, scope = _REFUSED_BY_CODE.format(code=code), RefusalScope.PART
    return Refused(reason, scope)
