"""The channels of direct messages with people, and what their refusals mean."""

from adapters.discord.http.client import RestClient
from adapters.discord.http.errors import ANSWER_LOST, ErrorResponse, to_exception
from adapters.discord.http.route import Route
from bot.model.channels import MessageRef, Target
from bot.ports.errors import DIRECT_MESSAGES_REFUSED, RefusalScope, Refused, Unknown

_MOST_KNOWN = 10_000
_REFUSED_BY_PERSON = 50007


class DirectChannels:
    """The ids of channels by person; each is asked for once, as it never changes."""

    def __init__(self, rest: RestClient) -> None:
        self._rest = rest
        self._known: dict[str, str] = {}

    async def get(self, person: str) -> str:
        """Return the channel of a person, opened where there is none.

        Raises TryLater, Refused or Unknown.
        """
        if person not in self._known:
            body = {"recipient_id": person}
            route = Route("POST", "/users/@me/channels")
            found = await self._rest.try_write(route, body, is_repeatable=True)
            if isinstance(found, ErrorResponse):
                raise to_direct_exception(found, is_repeatable=True)
            if not isinstance(found, dict) or not isinstance(found.get("id"), str):
                raise Unknown(ANSWER_LOST)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[person] = found["id"]
        return self._known[person]


def to_direct_exception(found: ErrorResponse, *, is_repeatable: bool = False) -> Exception:
    """Return the exception of a direct message that was refused."""
    if found.code == _REFUSED_BY_PERSON:
        return Refused(DIRECT_MESSAGES_REFUSED, RefusalScope.PART)
    return to_exception(found, is_repeatable=is_repeatable)


def direct_ref(target: Target, channel: str, message: str) -> MessageRef:
    """Return a direct message that was posted in a channel."""
    return MessageRef(target, message, url=f"https://discord.com/channels/@me/{channel}/{message}")
