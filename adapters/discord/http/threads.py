"""Threads: opens, archives and revives them, and counts what is written; texts are not kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.discord import limits
from adapters.discord.http.client import RestClient
from adapters.discord.http.errors import THREAD_EXISTS, ErrorResponse, to_exception
from adapters.discord.http.route import Route
from adapters.discord.http.snowflakes import snowflake_time
from bot.cards.fit import truncate
from bot.lib.clean import clean
from bot.model.channels import MessageRef
from bot.model.discussions import ThreadCounts, ThreadState
from bot.ports.errors import Refused, TargetDeleted

KEPT_MINUTES = 10080
"""A thread is archived after a week without a message."""

_PAGE, _MOST_PAGES = 100, 5
"""Messages of a page, and pages of one reading: the newest 500 messages."""
_WRITTEN = frozenset({0, 19})
"""The types of messages that people write: default and reply."""


@dataclass(slots=True)
class _Tally:
    """What was read of a thread so far."""

    people: set[str] = field(default_factory=set)
    replies: int = 0
    others: int = 0
    """Messages of bots and of Discord itself."""
    newest: str = ""
    """The newest message that a person wrote."""

    def add(self, message: Mapping[str, Any]) -> None:
        author = message.get("author") or {}
        is_of_person = not author.get("bot") and not message.get("webhook_id")
        if is_of_person and message.get("type", 0) in _WRITTEN:
            self.replies += 1
            self.people.add(str(author.get("id")))
            self.newest = max(self.newest, str(message["id"]), key=lambda number: int(number or 0))
        else:
            self.others += 1


async def open_thread(rest: RestClient, ref: MessageRef, title: str) -> MessageRef:
    """Return the thread of a message, opened where there is none."""
    if ref.thread:
        return ref
    body = {"name": thread_name(title), "auto_archive_duration": KEPT_MINUTES}
    path = f"/{ref.id}/threads"
    route = Route("POST", "/channels/{main}/messages", ref.target.channel, path)
    found = await rest.try_write(route, body, is_repeatable=True)
    if isinstance(found, ErrorResponse) and found.code != THREAD_EXISTS:
        raise to_exception(found, is_repeatable=True, in_thread=True)
    # A thread has the id of the message that it was opened from.
    return MessageRef(ref.target, ref.id, ref.id, ref.url)


def thread_name(title: str) -> str:
    """Return a name that fits; the post itself has the whole title."""
    return truncate(" ".join(clean(title).split()) or "…", limits.THREAD_NAME)


async def read_thread(rest: RestClient, thread: MessageRef, own_messages: int) -> ThreadState:
    """Return what Discord says of a thread; see `bot.ports.platform.SupportsThreads`.

    Of a thread with more messages than are read, the people are those of the newest ones.
    """
    channel = await rest.read(Route("GET", "/channels/{main}", thread.thread), "id")
    metadata = channel.get("thread_metadata") or {}
    is_locked, is_archived = bool(metadata.get("locked")), bool(metadata.get("archived"))
    total = int(channel.get("message_count") or 0)
    if not total:
        return ThreadState(ThreadCounts(), is_locked, is_archived)
    try:
        tally, is_whole = await _read_messages(rest, thread.thread)
    except TargetDeleted:
        raise
    except Refused:
        # The bot may not read the history here: Discord's own numbers are all that there is.
        counts = _counts_of_channel(channel, total - own_messages)
        return ThreadState(counts, is_locked, is_archived)
    replies = tally.replies if is_whole else max(total - max(tally.others, own_messages), 0)
    last = snowflake_time(tally.newest) if tally.newest else None
    return ThreadState(ThreadCounts(replies, len(tally.people), last), is_locked, is_archived)


async def revive_thread(rest: RestClient, thread: MessageRef) -> None:
    """Bring back an archived thread; a moderator's lock is left alone."""
    channel = await rest.read(Route("GET", "/channels/{main}", thread.thread), "id")
    state = channel.get("thread_metadata") or {}
    if state.get("archived") and not state.get("locked"):
        route = Route("PATCH", "/channels/{main}", thread.thread)
        await rest.write(route, {"archived": False}, is_repeatable=True)


async def set_archived(rest: RestClient, ref: MessageRef, *, archived: bool) -> bool:
    """Archive the thread of a message or not, which moves nothing and notifies no one.

    Nothing in an archived thread can be edited. False where Discord refuses it.
    """
    route = Route("PATCH", "/channels/{main}", ref.thread, is_thread=True)
    found = await rest.try_write(route, {"archived": archived}, is_repeatable=True)
    return not isinstance(found, ErrorResponse)


async def _read_messages(rest: RestClient, thread: str) -> tuple[_Tally, bool]:
    """Return the tally of the newest messages, and whether these are all."""
    tally, before = _Tally(), ""
    for _ in range(_MOST_PAGES):
        route = Route("GET", "/channels/{main}/messages", thread, f"?limit={_PAGE}{before}")
        found = await rest.read_list(route)
        for message in found:
            # In a forum the post itself has the id of its thread, and is no reply.
            if message["id"] != thread:
                tally.add(message)
        if len(found) < _PAGE:
            return tally, True
        before = f"&before={min((message['id'] for message in found), key=int)}"
    return tally, False


def _counts_of_channel(channel: Mapping[str, Any], replies: int) -> ThreadCounts:
    if replies <= 0:
        return ThreadCounts()
    # Who writes in a thread becomes its member, the bot as well.
    people = max(int(channel.get("member_count") or 0) - 1, 1)
    newest = channel.get("last_message_id")
    return ThreadCounts(replies, people, snowflake_time(newest) if newest else None)
