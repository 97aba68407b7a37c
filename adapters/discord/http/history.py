"""Looks through a channel, its threads and its posts for a message of ours."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from adapters.discord.http.channels import Channel
from adapters.discord.http.client import RestClient
from adapters.discord.http.route import Route
from adapters.discord.http.snowflakes import time_snowflake
from adapters.discord.render.envelope import has_key

_PAGE = 100


class History:
    """What stands in channels."""

    def __init__(self, rest: RestClient) -> None:
        self._rest = rest

    async def find(self, place: Channel, key: str, since: datetime) -> dict[str, Any] | None:
        """Return the message with a key, posted since then in the channel or a thread of it.

        The channel is read first: most messages stand there. Raises TryLater or Refused.
        """
        after = time_snowflake(since)
        if not place.is_forum:
            async for message in self._messages(place.id, after):
                if has_key(message, key):
                    return message
        async for thread in self._threads(place, after):
            async for message in self._messages(thread, str(int(after) - 1)):
                if has_key(message, key):
                    return message
        return None

    async def _messages(self, channel: str, after: str) -> AsyncIterator[dict[str, Any]]:
        while True:
            rest = f"?after={after}&limit={_PAGE}"
            found = await self._rest.read(Route("GET", "/channels/{main}/messages", channel, rest))
            for message in found:
                yield message
            if len(found) < _PAGE:
                return
            after = max((message["id"] for message in found), key=int)

    async def _threads(self, place: Channel, after: str) -> AsyncIterator[str]:
        """Yield the threads that may hold something said since: active ones, then archived."""
        active = await self._rest.read(Route("GET", "/guilds/{main}/threads/active", place.guild))
        for thread in active["threads"]:
            if thread.get("parent_id") == place.id and _newest(thread) >= int(after):
                yield thread["id"]
        before = ""
        while True:
            rest = f"?limit={_PAGE}{before}"
            route = Route("GET", "/channels/{main}/threads/archived/public", place.id, rest)
            archived = await self._rest.read(route)
            threads = archived["threads"]
            for thread in threads:
                if _newest(thread) >= int(after):
                    yield thread["id"]
            # The newest archived come first: once all of a page are older, so are the others.
            is_over = all(_newest(thread) < int(after) for thread in threads)
            if is_over or not archived.get("has_more"):
                return
            before = f"&before={threads[-1]['thread_metadata']['archive_timestamp']}"


def _newest(thread: dict[str, Any]) -> int:
    return int(thread.get("last_message_id") or thread["id"])
