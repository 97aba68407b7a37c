"""Channels as Discord describes them: kind, guild and forum tags."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.discord import limits
from adapters.discord.http.client import RestClient
from adapters.discord.http.errors import UNKNOWN_TAG, ErrorResponse, to_exception
from adapters.discord.http.route import Route
from bot.cards.fit import utf16_length
from bot.model.subscriptions import Layout
from bot.ports.errors import RefusalScope, Refused, TryLater

_FORUM, _MEDIA = 15, 16
"""Types of channels that take posts only."""
_TEXT, _ANNOUNCEMENT = 0, 5
_TEXT_CHANNELS = frozenset({_TEXT, _ANNOUNCEMENT})
"""Types of text and announcement channels."""
_TTL_SECONDS = 300.0
"""How long a channel's description is cached; admins change it seldom."""
_DENIED_TTL_SECONDS = 3600.0
"""For how long a forum that does not let the bot create tags is not asked again."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel."""

    id: str
    guild: str
    """Empty in a direct message."""
    is_forum: bool
    is_announcement: bool = False
    """Whether channels of other servers can follow it."""
    tags: tuple[Mapping[str, Any], ...] = ()
    """The tags of a forum, as Discord describes them: id, name, emoji, `moderated`."""

    def tag_ids(self, wanted: Iterable[str]) -> list[str]:
        """Return the ids of the forum's tags with these names, at most 5 as a post may have."""
        known = {_fold(tag["name"]): tag["id"] for tag in self.tags}
        found = [known[_fold(tag)] for tag in wanted if _fold(tag) in known]
        return list(dict.fromkeys(found))[: limits.APPLIED_TAGS]

    def missing_tags(self, wanted: Iterable[str]) -> list[str]:
        """Return the tags to create: those that are missing, in at most half of the free places.

        The other half stays free for the tags of the forum's admins.
        """
        known = {_fold(tag["name"]) for tag in self.tags}
        lacking = {_fold(tag): tag for tag in wanted if _fold(tag) not in known}
        names = [tag for tag in lacking.values() if utf16_length(tag) <= limits.TAG_NAME]
        return names[: max(limits.AVAILABLE_TAGS - len(self.tags), 0) // 2]


class ChannelCache:
    """The descriptions of channels, each requested once in five minutes."""

    def __init__(self, rest: RestClient) -> None:
        self._rest = rest
        self._cached: dict[str, tuple[float, Channel]] = {}
        self._denied: dict[str, float] = {}
        """The forums in which the bot may not create tags, and until when that is assumed."""

    async def get(self, channel_id: str) -> Channel:
        """Return a channel. Raises TryLater or Refused."""
        until, channel = self._cached.get(channel_id, (0.0, None))
        if channel is None or until < _now():
            channel = await self._fetch(channel_id)
        return channel

    def discard(self, channel_id: str) -> None:
        """Request a channel anew when it is needed next."""
        self._cached.pop(channel_id, None)

    async def ensure_tags(self, channel: Channel, creatable: Iterable[str]) -> Channel:
        """Return a forum with those of these tags that are missing created, as far as allowed.

        Raises TryLater, and Refused where Discord refuses the account.
        """
        wanted = tuple(creatable)
        if not channel.missing_tags(wanted) or self._denied.get(channel.id, 0.0) > _now():
            return channel
        # The list is replaced as a whole: what an admin changed meanwhile has to be in it.
        channel = await self._fetch(channel.id)
        new = channel.missing_tags(wanted)
        if not new:
            return channel
        body = {"available_tags": [*channel.tags, *({"name": name} for name in new)]}
        route = Route("PATCH", "/channels/{main}", channel.id)
        found = await self._rest.try_write(route, body, is_repeatable=True)
        if not isinstance(found, ErrorResponse):
            return self._store(channel.id, found)
        error = to_exception(found, is_repeatable=True)
        is_of_account = isinstance(error, Refused) and error.scope is RefusalScope.ACCOUNT
        if isinstance(error, TryLater) or is_of_account:
            raise error
        fields = {"channel": channel.id, "error": str(error)}
        _LOG.info("Forum tags not created", extra={"fields": fields})
        if found.code == UNKNOWN_TAG:
            return await self._fetch(channel.id)  # one was deleted this moment; the next post asks
        self._denied[channel.id] = _now() + _DENIED_TTL_SECONDS
        return channel

    async def _fetch(self, channel_id: str) -> Channel:
        route = Route("GET", "/channels/{main}", channel_id)
        return self._store(channel_id, await self._rest.read(route, "id", "type"))

    def _store(self, channel_id: str, described: Mapping[str, Any]) -> Channel:
        channel = _parse_channel(channel_id, described)
        self._cached[channel_id] = (_now() + _TTL_SECONDS, channel)
        return channel


def is_forum(described: Mapping[str, Any]) -> bool:
    """Tell whether a channel, as Discord describes it, takes posts only."""
    return described.get("type") in {_FORUM, _MEDIA}


def channel_layouts(kind: int | None) -> tuple[Layout, ...]:
    """Return the layouts that a channel of a type can have; none for one that is not known."""
    if kind in _TEXT_CHANNELS:
        return (Layout.OVERVIEW, Layout.THREADS)
    return (Layout.FORUM,) if kind in {_FORUM, _MEDIA} else ()


def _parse_channel(channel_id: str, described: Mapping[str, Any]) -> Channel:
    tags: Sequence[Mapping[str, Any]] = described.get("available_tags") or ()
    return Channel(
        channel_id,
        described.get("guild_id") or "",
        is_forum(described),
        described.get("type") == _ANNOUNCEMENT,
        tuple(tags),
    )


def _fold(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def _now() -> float:
    return asyncio.get_running_loop().time()
