"""A workspace as Slack keeps it: channels, people and messages."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.slack.auth import scopes
from tests import slack_rules

BOT_TOKEN, APP_TOKEN = "xoxb-1-loopback", "xapp-1-A1-loopback"
TEAM, APP, BOT_USER, BOT = "T0001", "A0001", "U0BOT", "B0001"
CHANNEL, OTHER, READER, ADMIN = "C0001", "C0002", "U0001", "U0002"

SCOPES = frozenset(scopes.SCOPES)
"""What the manifest asks for, so that whatever needs more fails."""

Args = Mapping[str, Any]


class ApiError(Exception):
    """The method answers with an error."""


@dataclass
class Workspace:
    """One workspace with two channels, a reader, an admin and the bot."""

    team: str = TEAM
    url: str = "https://readers.slack.example/"
    token: str = BOT_TOKEN
    scopes: frozenset[str] = SCOPES
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    """The members of user groups."""
    messages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By channel, oldest first; those in threads too."""
    ephemeral: list[dict[str, Any]] = field(default_factory=list)
    """What one person alone saw."""
    views: list[dict[str, Any]] = field(default_factory=list)
    """What was opened or updated, in order."""
    unfurls: list[dict[str, Any]] = field(default_factory=list)
    """What was shown under addresses, in order."""
    homes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The home of the app, by person."""
    pinned: set[tuple[str, str]] = field(default_factory=set)
    triggers: set[str] = field(default_factory=set)
    """What lets a view be opened; each works once."""
    upload_url: str = ""
    """Where files are sent; each has its id behind it."""
    uploads: dict[str, bytes | None] = field(default_factory=dict)
    """The files that were announced, with what was sent."""
    files: set[str] = field(default_factory=set)
    """The files of which the upload was completed."""
    wrong: list[str] = field(default_factory=list)
    """What was wrong with bodies."""
    page: int = 999
    """The most messages of a page; 15 for an app that is distributed without a review."""
    validates: bool = True
    """Whether blocks are judged, which takes longer than Slack does."""
    per_second: float = 1.0
    """Messages a second that a channel takes."""

    def __post_init__(self) -> None:
        for number, name in ((CHANNEL, "papers"), (OTHER, "general")):
            self.add_channel(number, name)
        for number, name, is_admin in (
            (READER, "reader", False), (ADMIN, "admin", True), (BOT_USER, "paperboy", False),
        ):  # fmt: skip
            self.users[number] = {
                "id": number, "team_id": self.team, "name": name, "is_admin": is_admin,
                "is_owner": False, "is_bot": number == BOT_USER, "deleted": False,
                "locale": "en-US", "tz": "Asia/Seoul",
            }  # fmt: skip
        self._last = 0
        self._posted_at: dict[str, float] = {}
        self.too_early: Counter[str] = Counter()

    def add_channel(self, number: str, name: str, **more: Any) -> None:
        """Make a channel that the bot is in."""
        self.channels[number] = {
            "id": number, "name": name, "is_channel": True, "is_group": False, "is_im": False,
            "is_private": False, "is_archived": False, "is_member": True, "creator": ADMIN,
            "context_team_id": self.team,
        } | more  # fmt: skip

    def ts(self) -> str:
        """Return the time of a new message, by which it is known in its channel."""
        self._last = max(self._last + 1, int(time.time() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06}"

    def say(self, channel: str, text: str, thread: str = "", **more: Any) -> str:
        """Let a member say something; return its time."""
        return str(self.keep(channel, {"text": text, "user": READER} | more, thread)["ts"])

    def keep(self, channel: str, said: Args, thread: str = "") -> dict[str, Any]:
        """Keep a message, and count it where it is a reply."""
        message = {"type": "message", "ts": self.ts(), "team": self.team, **said}
        if thread:
            message["thread_ts"] = thread
            root = self.find(channel, thread)
            root.setdefault("thread_ts", thread)
        self.messages.setdefault(channel, []).append(message)
        if thread:
            self._count(channel, thread)
        return message

    def delete(self, channel: str, ts: str) -> dict[str, Any]:
        """Let a member delete a message; return it."""
        gone = self.find(channel, ts)
        self.messages[channel].remove(gone)
        if gone.get("thread_ts", ts) != ts:
            self._count(channel, gone["thread_ts"])
        return gone

    def _count(self, channel: str, thread: str) -> None:
        """Count a thread, as its first message has it."""
        root, replies = self.find(channel, thread), self.replies(channel, thread)
        root["reply_count"] = len(replies)
        root["reply_users_count"] = len({each["user"] for each in replies})
        root["latest_reply"] = replies[-1]["ts"] if replies else ""

    def find(self, channel: str, ts: str) -> dict[str, Any]:
        """Return a message."""
        for message in self.messages.get(channel, []):
            if message["ts"] == ts:
                return message
        raise ApiError("message_not_found")

    def roots(self, channel: str) -> list[dict[str, Any]]:
        """Return what stands in a channel itself, oldest first."""
        return [m for m in self.messages.get(channel, []) if is_root(m)]

    def replies(self, channel: str, thread: str) -> list[dict[str, Any]]:
        """Return what stands in a thread under its first message."""
        every = self.messages.get(channel, [])
        return [m for m in every if m.get("thread_ts") == thread != m["ts"]]

    def text(self, channel: str) -> str:
        """Return all that a reader sees in a channel and its threads."""
        every = self.messages.get(channel, [])
        return "\n".join(text for each in every for text in slack_rules.visible_texts(each))

    def place(self, args: Args, *, is_post: bool = False) -> dict[str, Any]:
        """Return the channel of a call, where the bot may do something there."""
        channel = self.channels.get(args.get("channel", ""))
        if channel is None or (channel["is_private"] and not channel["is_member"]):
            raise ApiError("channel_not_found")
        if channel["is_archived"] and is_post:
            raise ApiError("is_archived")
        if not channel["is_member"]:
            raise ApiError("not_in_channel")
        return channel

    def rate_limit_wait(self, method: str, args: Args) -> float:
        """Return how many seconds too early a message comes; 0 where it does not."""
        if method != "chat.postMessage":
            return 0.0
        channel, now = str(args.get("channel", "")), time.monotonic()
        wait = self._posted_at.get(channel, -1e9) + 1 / self.per_second - now
        if wait > 0:
            self.too_early[channel] += 1
            return wait
        self._posted_at[channel] = now
        return 0.0


def is_root(message: Args) -> bool:
    """Tell whether a message stands in the channel itself."""
    return bool(message.get("thread_ts", message["ts"]) == message["ts"])
