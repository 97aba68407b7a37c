"""The bot's identity in each workspace, and the workspace's address."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass

from adapters.slack.api.client import ApiClient


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace in which the app is installed."""

    id: str
    url: str
    """Base URL of its pages; ends with a slash."""
    user_id: str
    """The bot's id as a member."""
    bot_id: str
    """The bot's id as an app, which its messages carry."""

    def permalink(self, channel: str, message: str, thread: str) -> str:
        """Return the permalink of a message, in the form of `chat.getPermalink`."""
        url = f"{self.url}archives/{channel}/p{message.replace('.', '')}"
        if not thread or thread == message:
            return url
        return f"{url}?thread_ts={thread}&cid={channel}"


class WorkspaceCache:
    """Calls `auth.test` once for each workspace."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api
        self._workspaces: dict[str, Workspace] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, workspace: str) -> Workspace:
        """Return a workspace. Raises TryLater or Refused."""
        async with self._locks[workspace]:
            if workspace not in self._workspaces:
                response = await self._api.write("auth.test", workspace, {}, is_repeatable=True)
                self._workspaces[workspace] = Workspace(
                    response["team_id"],
                    response["url"],
                    response["user_id"],
                    response.get("bot_id", ""),
                )
        return self._workspaces[workspace]
