"""Looks through a channel and its threads for a message of ours."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from adapters.slack.api.client import ApiClient
from adapters.slack.api.errors import MissingScope
from adapters.slack.api.workspaces import Workspace
from adapters.slack.render.envelope import has_key
from bot.model.channels import Target
from bot.ports.platform import MessageAbsent, MessageUnknown

_PAGE = 200
_SHORT_PAGE = 15
"""The most messages that Slack shows at once to an app that is distributed without a review.

It may read a page a minute, too little to look through a channel. Source:
https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps.
"""
_ROOTS = timedelta(days=3)
"""How much older than a part the message can be that it hangs under."""

Message = Mapping[str, Any]


class _HistoryTruncated(Exception):
    """What Slack shows is not all that there is, and more is out of reach."""


class History:
    """What stands in channels."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    async def find(
        self, target: Target, here: Workspace, key: str, since: datetime
    ) -> Message | MessageAbsent | MessageUnknown:
        """Return the message with a key, posted since then in the channel or a thread of it.

        The channel is read first: most messages stand there. Raises TryLater or Refused.
        """
        try:
            threads = []
            async for message in self._messages("history", target, since - _ROOTS):
                if has_key(message, key):
                    return message
                if _is_ours(message, here) and _has_reply_since(message, since):
                    threads.append(message["ts"])
            for thread in threads:
                async for message in self._messages("replies", target, since, ts=thread):
                    if has_key(message, key):
                        return message
        except (_HistoryTruncated, MissingScope):
            return MessageUnknown.UNKNOWN
        return MessageAbsent.ABSENT

    async def _messages(
        self, what: str, target: Target, since: datetime, **more: str
    ) -> AsyncIterator[Message]:
        pages = self._api.pages(
            f"conversations.{what}",
            target.workspace,
            channel=target.channel,
            oldest=f"{since.timestamp():.6f}",
            limit=_PAGE,
            include_all_metadata=True,
            **more,
        )
        async for page in pages:
            for message in page["messages"]:
                yield message
            if page.get("has_more") and len(page["messages"]) <= _SHORT_PAGE:
                raise _HistoryTruncated


def _is_ours(message: Message, here: Workspace) -> bool:
    return here.bot == message.get("bot_id") or here.user == message.get("user")


def _has_reply_since(message: Message, since: datetime) -> bool:
    return float(message.get("latest_reply") or 0) >= since.timestamp()
