"""Turns what Slack refuses, or fails to say, into what the core does about it (pure).

The codes are the errors of https://docs.slack.dev/reference/methods/chat.postMessage and its like.
"""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from bot.ports.errors import RefusalScope, Refused, TryLater, Unknown

BOT_TOKEN_REFUSED = (
    "Slack does not take the token; set PAPERBOY_SLACK_BOT_TOKEN to the one of the page "
    "OAuth & Permissions at https://api.slack.com/apps, which begins with xoxb-."
)


def _(sentence: str) -> str:
    """Mark a sentence for the catalogues; it is said when the language is known."""
    return sentence


NOT_INSTALLED = _("Paperboy is not installed in the workspace any more; install it again.")

_TOKEN = frozenset({
    "account_inactive", "invalid_auth", "not_allowed_token_type", "not_authed", "token_expired",
    "token_revoked",
})  # fmt: skip
_GONE = _("The channel is gone, or Paperboy is not in it; say /invite @paperboy there.")
_MAY_NOT = _("Not everybody may post in the channel; let Paperboy, or choose another channel.")
_CHANNEL = {
    "channel_not_found": _GONE,
    "not_in_channel": _("Paperboy is not in the channel; say /invite @paperboy there."),
    "is_archived": _("The channel is archived; choose another one with /digest."),
    "ekm_access_denied": _MAY_NOT,
    "no_permission": _MAY_NOT,
    "restricted_action": _MAY_NOT,
    "restricted_action_non_threadable_channel": _(
        "The channel takes no threads; choose the layout overview."
    ),
    "restricted_action_read_only_channel": _MAY_NOT,
    "restricted_action_thread_only_channel": _MAY_NOT,
    "restricted_action_thread_locked": _("The thread is locked; unlock it."),
    "team_access_not_granted": NOT_INSTALLED,
}
_LATER = {
    "message_limit_exceeded": timedelta(minutes=5),
    "org_login_required": timedelta(minutes=5),
    "ratelimited": None,
    "rate_limited": None,
    "request_timeout": None,
    "rollup_error": None,
    "service_unavailable": None,
    "team_added_to_org": timedelta(minutes=5),
}
_MISSING_SCOPE = "missing_scope"
_LACKING = _("Paperboy lacks rights in the workspace; `paperboy doctor` says which.")
_DOUBTFUL = frozenset({"fatal_error", "internal_error"})
"""Something may have been done before Slack failed."""


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """An answer of Slack that is no success."""

    status: int
    code: str = ""
    """Slack's own word for what is wrong."""
    retry_after: float = 0
    """Seconds, where it is too early; 0 where that is not told."""

    @property
    def is_token_refused(self) -> bool:
        """Tell whether Slack refuses the token, and not the question alone."""
        return self.code in _TOKEN

    @property
    def is_too_early(self) -> bool:
        """Tell whether Slack wants to be asked later."""
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or self.code in _LATER


class MissingScope(Refused):
    """The app may not do that, as things are."""


class NotSent(Exception):
    """No connection came about, so nothing was asked."""


class ResponseLost(Exception):
    """The connection broke after the question was sent; the answer is not known."""


def to_exception(
    outcome: ErrorResponse | NotSent | ResponseLost,
    *,
    is_repeatable: bool,
    has_single_token: bool = True,
) -> Exception:
    """Return what to raise: TryLater, Refused or Unknown.

    `is_repeatable` tells whether asking twice is the same as asking once, and `is_only_token`
    whether there is one token for everything, so that it concerns all if it is refused.
    """
    match outcome:
        case NotSent():
            return TryLater(None, "Slack cannot be reached.")
        case ErrorResponse() if outcome.is_too_early:
            told = timedelta(seconds=outcome.retry_after) if outcome.retry_after else None
            return TryLater(told or _LATER.get(outcome.code), "Slack asks to wait.")
        case ErrorResponse(status=status, code=code) if (
            status < HTTPStatus.INTERNAL_SERVER_ERROR and code and code not in _DOUBTFUL
        ):
            return _refusal(outcome, is_only_token=has_single_token)
        case ResponseLost() | ErrorResponse():
            if is_repeatable:
                return TryLater(None, "Slack did not answer.")
            return Unknown("Slack took the message or not: its answer got lost.")


def _refusal(what: ErrorResponse, *, is_only_token: bool) -> Refused:
    if what.is_token_refused:
        if is_only_token:
            return Refused(BOT_TOKEN_REFUSED, RefusalScope.ACCOUNT)
        return Refused(NOT_INSTALLED, RefusalScope.CHANNEL)
    if what.code == _MISSING_SCOPE:
        return MissingScope(_LACKING, RefusalScope.CHANNEL)
    if what.code in _CHANNEL:
        return Refused(_CHANNEL[what.code], RefusalScope.CHANNEL)
    return Refused(f"Slack refuses it: {what.code}.", RefusalScope.PART)
