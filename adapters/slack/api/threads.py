"""Reads how much is written in a thread, and by how many people; texts are not kept."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.slack.api.client import ApiClient
from adapters.slack.api.errors import ThreadDeleted
from bot.model.channels import MessageRef
from bot.model.discussions import ThreadCounts, ThreadState
from bot.ports.errors import TargetDeleted

_PAGE = 200
"""Messages that are read of a thread; of a longer one Slack's own numbers count."""
_WRITTEN = frozenset({None, "file_share", "thread_broadcast"})
"""Subtypes of messages that people write."""


async def read_thread(api: ApiClient, thread: MessageRef, own_messages: int) -> ThreadState:
    """Return what Slack says of a thread; see `bot.ports.platform.SupportsThreads`."""
    try:
        response = await api.read(
            "conversations.replies",
            thread.target.workspace,
            channel=thread.target.channel,
            ts=thread.thread,
            limit=_PAGE,
        )
    except ThreadDeleted as error:
        raise TargetDeleted(error.reason) from error
    root, *replies = response["messages"]
    written = [each for each in replies if _is_of_person(each)]
    if not response.get("has_more"):
        people = {each["user"] for each in written}
        return ThreadState(ThreadCounts(len(written), len(people), _newest(written)))
    # The replies that were read come first: they are the oldest, the bot's openings among them.
    others = max(len(replies) - len(written), own_messages)
    total = max(int(root.get("reply_count") or 0) - others, 0)
    people_count = int(root.get("reply_users_count") or 0) - bool(others)
    last = root.get("latest_reply")
    return ThreadState(ThreadCounts(total, max(people_count, 0), _moment(last) if last else None))


def _is_of_person(message: Mapping[str, Any]) -> bool:
    is_of_bot = bool(message.get("bot_id")) or not message.get("user")
    return not is_of_bot and message.get("subtype") in _WRITTEN


def _newest(messages: list[dict[str, Any]]) -> datetime | None:
    return max((_moment(each["ts"]) for each in messages), default=None)


def _moment(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)
