"""Finds out what keeps Paperboy from its work on Slack, and how it is mended."""

from datetime import timedelta
from typing import Any

from adapters.slack.api import Api
from bot.models import Target
from bot.ports import Refused, TryLater

NEEDED = (
    ("chat:write", "post"),
    ("channels:read", "see public channels"),
    ("groups:read", "see private channels it is in"),
    ("channels:history", "find what it posted in public channels again"),
    ("groups:history", "find what it posted in private channels again"),
    ("im:write", "tell whoever subscribed what went wrong"),
)
"""The scopes that delivery needs, and what Paperboy cannot do without each."""

_SWAPPED = (
    "PAPERBOY_SLACK_BOT_TOKEN holds an app token (xapp-); it wants the one that begins with "
    "xoxb-. Perhaps the two tokens are swapped."
)
_WRONG_CLOCK = timedelta(minutes=1)


class Examination:
    """Asks Slack about tokens and about channels."""

    def __init__(self, api: Api, bot_token: str) -> None:
        self._api = api
        self._bot_token = bot_token

    async def account(self) -> tuple[str, ...]:
        """Return what is wrong with the token of the bot, its scopes or the clock."""
        if self._bot_token.startswith("xapp-"):
            return (_SWAPPED,)
        try:
            await self._api.write("auth.test", "", {}, is_repeatable=True)
        except (Refused, TryLater) as error:
            return (str(error),)
        return (*self._missing(), *self._clock())

    async def channel(self, target: Target) -> tuple[str, ...]:
        """Return what is missing in a channel."""
        try:
            me = await self._api.write("auth.test", target.workspace, {}, is_repeatable=True)
            if target.workspace not in ("", me["team_id"]):
                other = f"The token is of the workspace {me['team_id']}, not {target.workspace}."
                return (other,)
            found = await self._api.read(
                "conversations.info", target.workspace, channel=target.channel
            )
        except (Refused, TryLater) as error:
            return (str(error),)
        return _of_channel(found["channel"])

    def _missing(self) -> tuple[str, ...]:
        return tuple(
            f"The scope {scope} is missing: Paperboy cannot {ability}. Add it on the page "
            "OAuth & Permissions of the app, and install the app again."
            for scope, ability in NEEDED
            if scope not in self._api.scopes
        )

    def _clock(self) -> tuple[str, ...]:
        skew = self._api.skew
        if abs(skew) < _WRONG_CLOCK:
            return ()
        direction = "ahead of" if skew > timedelta() else "behind"
        off = f"{abs(skew).total_seconds():.0f} s {direction}"
        return (f"This machine's clock is {off} Slack's; let the network set it (NTP).",)


def _of_channel(channel: dict[str, Any]) -> tuple[str, ...]:
    if channel.get("is_archived"):
        return ("The channel is archived; choose another one, or unarchive it.",)
    if not channel.get("is_member") and not channel.get("is_im"):
        return ("Paperboy is not in the channel; say /invite @paperboy there.",)
    return ()
