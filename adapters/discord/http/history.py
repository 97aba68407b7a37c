"""Searches a channel, its threads and its forum posts for a message of the bot."""

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
    """The messages in channels."""

    def __init__(self, rest: RestClient) -> None:
        self._rest = rest

    async def find(self, channel: Channel, key: str, since: datetime) -> dict[str, Any] | None:
        """Return the message with a key, posted since then in the channel or a thread of it.

        The channel is read first, as most messages are there. Raises TryLater or Refused.
        """
        after = time_snowflake(since)
        if not channel.is_forum:
            async for message in self._messages(channel.id, after):
                if has_key(message, key):
                    return message
        async for thread in self._threads(channel, after):
            async for message in self._messages(thread, str(int(after) - 1)):
                if has_key(message, key):
                    return message
        return None

    async def find_direct(self, channel: str, key: str, since: datetime) -> dict[str, Any] | None:
        """Return the direct message with a key, posted since then. Raises TryLater or Refused."""
        async for message in self._messages(channel, time_snowflake(since)):
            if has_key(message, key):
                return message
        return None

    async def _messages(self, channel: str, after: str) -> AsyncIterator[dict[str, Any]]:
        while True:
            query = f"?after={after}&limit={_PAGE}"
            route = Route("GET", "/channels/{main}/messages", channel, query)
            found = await self._rest.read_list(route)
            for message in found:
                yield message
            if len(found) < _PAGE:
                return
            after = max((message["id"] for message in found), key=int)

    async def _threads(self, channel: Channel, after: str) -> AsyncIterator[str]:
        """Yield the threads with a message sent since: active ones first, then archived."""
        route = Route("GET", "/guilds/{main}/threads/active", channel.guild)
        active = await self._rest.read(route, "threads")
        for thread in active["threads"]:
            if thread.get("parent_id") == channel.id and _last_message_id(thread) >= int(after):
                yield thread["id"]
        before = ""
        while True:
            query = f"?limit={_PAGE}{before}"
            route = Route("GET", "/channels/{main}/threads/archived/public", channel.id, query)
            archived = await self._rest.read(route, "threads")
            threads = archived["threads"]
            for thread in threads:
                if _last_message_id(thread) >= int(after):
                    yield thread["id"]
            # The newest archived come first: once a whole page is older, so are all others.
            is_over = all(_last_message_id(thread) < int(after) for thread in threads)
            if is_over or not archived.get("has_more"):
                return
            before = f"&before={threads[-1]['thread_metadata']['archive_timestamp']}"


def _last_message_id(thread: dict[str, Any]) -> int:
    return int(thread.get("last_message_id") or thread["id"])
