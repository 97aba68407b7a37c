"""Finds a message of the bot by its key in a channel and its threads."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from adapters.slack.api.client import ApiClient
from adapters.slack.api.errors import MissingScope
from adapters.slack.api.workspaces import Workspace
from adapters.slack.render.envelope import has_key
from bot.model.channels import Target
from bot.ports.platform import MessageAbsent, MessageUnknown

_PAGE_SIZE = 200
_RESTRICTED_PAGE_SIZE = 15
"""Messages of a page for an app that is distributed outside the Marketplace.

Such an app may read one page a minute, too few to search a channel. Source:
https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps.
"""
_MAX_ROOT_AGE = timedelta(days=3)
"""How much older than a part the root message of its thread can be."""

Message = Mapping[str, Any]


class _HistoryTruncated(Exception):
    """Slack returned only a part of the history."""


class History:
    """Reads the messages of channels."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    async def find(
        self, target: Target, workspace: Workspace, key: str, since: datetime
    ) -> Message | MessageAbsent | MessageUnknown:
        """Return the message with a key, posted since then in the channel or one of its threads.

        Return UNKNOWN if the history cannot be read as a whole. Raises TryLater or Refused.
        """
        try:
            threads = []
            async for message in self._messages("history", target, since - _MAX_ROOT_AGE):
                if has_key(message, key):
                    return message
                if _is_ours(message, workspace) and _has_reply_since(message, since):
                    threads.append(message["ts"])
            for thread in threads:
                async for message in self._messages("replies", target, since, ts=thread):
                    if has_key(message, key):
                        return message
        except (_HistoryTruncated, MissingScope):
            return MessageUnknown.UNKNOWN
        return MessageAbsent.ABSENT

    async def _messages(
        self, method: str, target: Target, since: datetime, **arguments: str
    ) -> AsyncIterator[Message]:
        pages = self._api.pages(
            f"conversations.{method}",
            target.workspace,
            channel=target.channel,
            oldest=f"{since.timestamp():.6f}",
            limit=_PAGE_SIZE,
            include_all_metadata=True,
            **arguments,
        )
        async for page in pages:
            for message in page["messages"]:
                yield message
            if page.get("has_more") and len(page["messages"]) <= _RESTRICTED_PAGE_SIZE:
                raise _HistoryTruncated


def _is_ours(message: Message, workspace: Workspace) -> bool:
    return workspace.bot_id == message.get("bot_id") or workspace.user_id == message.get("user")


def _has_reply_since(message: Message, since: datetime) -> bool:
    return float(message.get("latest_reply") or 0) >= since.timestamp()
