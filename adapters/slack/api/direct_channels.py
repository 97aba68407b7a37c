"""The channels of direct messages with people."""

from adapters.slack.api.client import ApiClient
from adapters.slack.api.errors import ErrorResponse
from bot.ports.errors import DIRECT_MESSAGES_REFUSED, RefusalScope, Refused

_MOST_KNOWN = 10_000
_REFUSALS = frozenset({
    "cannot_dm_bot", "messages_tab_disabled", "user_disabled", "user_not_found",
    "user_not_visible",
})  # fmt: skip
"""Error codes of people to whom nothing can be sent."""


class DirectChannels:
    """The ids of channels by workspace and person; each is asked for once, as it never changes."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api
        self._known: dict[tuple[str, str], str] = {}

    async def get(self, workspace: str, person: str) -> str:
        """Return the channel of a person, opened where there is none.

        Raises TryLater or Refused.
        """
        if (workspace, person) not in self._known:
            found = await self._api.try_write(
                "conversations.open", workspace, {"users": person}, is_repeatable=True
            )
            if isinstance(found, ErrorResponse):
                if found.code in _REFUSALS:
                    raise Refused(DIRECT_MESSAGES_REFUSED, RefusalScope.PART)
                raise self._api.to_exception(found, is_repeatable=True)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[workspace, person] = found["channel"]["id"]
        return self._known[workspace, person]
