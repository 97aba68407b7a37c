"""What Slack tells of a workspace: its address, and who we are in it."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass

from adapters.slack.api.client import ApiClient


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace that let us in."""

    id: str
    url: str
    """Where its pages are; ends with a slash."""
    user: str
    """Our own id as a member."""
    bot: str
    """Our own id as a bot, as messages of ours carry it."""

    def link(self, channel: str, message: str, thread: str) -> str:
        """Return the address of a message, as Slack itself makes it."""
        url = f"{self.url}archives/{channel}/p{message.replace('.', '')}"
        if not thread or thread == message:
            return url
        return f"{url}?thread_ts={thread}&cid={channel}"


class WorkspaceCache:
    """Asks for each workspace once."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api
        self._known: dict[str, Workspace] = {}
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, workspace: str) -> Workspace:
        """Return a workspace. Raises TryLater or Refused."""
        async with self._asking[workspace]:
            if workspace not in self._known:
                told = await self._api.write("auth.test", workspace, {}, is_repeatable=True)
                self._known[workspace] = Workspace(
                    told["team_id"], told["url"], told["user_id"], told.get("bot_id", "")
                )
        return self._known[workspace]
