"""What Discord tells of a channel: its kind, its server, its forum tags."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.discord import limits
from adapters.discord.http.client import RestClient
from adapters.discord.http.route import Route
from bot.cards.fit import utf16_length
from bot.ports.errors import RefusalScope, Refused

_FORUM, _MEDIA = 15, 16
"""Types of channels in which only posts can be made."""
_FRESH_SECONDS = 300.0
"""How long what was told of a channel serves; admins change it seldom."""
_CLOSED_SECONDS = 3600.0
"""How long it serves that a forum's tags may not be made; a digest has many posts."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel."""

    id: str
    guild: str
    """Empty in a direct message."""
    is_forum: bool
    tags: tuple[tuple[str, str], ...]
    """Names and ids of the tags that a forum's posts may have."""

    def tag_ids(self, wanted: Iterable[str]) -> list[str]:
        """Return the ids of the forum's tags with these names, as many as a post may have."""
        known = {_plain(name): number for name, number in self.tags}
        found = [known[_plain(tag)] for tag in wanted if _plain(tag) in known]
        return list(dict.fromkeys(found))[: limits.APPLIED_TAGS]

    def missing(self, wanted: Iterable[str]) -> list[str]:
        """Return the tags that the forum lacks, as many as it has room for."""
        known = {_plain(name) for name, _ in self.tags}
        lacking = {_plain(tag): tag for tag in wanted if _plain(tag) not in known}
        names = [tag for tag in lacking.values() if utf16_length(tag) <= limits.TAG_NAME]
        return names[: max(limits.AVAILABLE_TAGS - len(self.tags), 0)]


class ChannelCache:
    """Asks for each channel once in a while."""

    def __init__(self, rest: RestClient) -> None:
        self._rest = rest
        self._known: dict[str, tuple[float, Channel]] = {}
        self._closed: dict[str, float] = {}
        """The forums whose tags are not ours to make, and until when that is believed."""

    async def get(self, channel: str) -> Channel:
        """Return a channel. Raises TryLater or Refused."""
        now = asyncio.get_running_loop().time()
        until, place = self._known.get(channel, (0.0, None))
        if place is None or until < now:
            told = await self._rest.read(Route("GET", "/channels/{main}", channel))
            place = _parse_channel(channel, told)
            self._known[channel] = (now + _FRESH_SECONDS, place)
        return place

    async def ensure_tags(self, place: Channel, wanted: Iterable[str]) -> Channel:
        """Return a forum with the tags that are wanted, made where there is room and leave.

        Raises TryLater.
        """
        missing = place.missing(wanted)
        now = asyncio.get_running_loop().time()
        if not missing or self._closed.get(place.id, 0.0) > now:
            return place
        kept = [{"id": number, "name": name} for name, number in place.tags]
        body = {"available_tags": [*kept, *({"name": name} for name in missing)]}
        try:
            told = await self._rest.write(
                Route("PATCH", "/channels/{main}", place.id), body, is_repeatable=True
            )
        except Refused as error:
            if error.scope is RefusalScope.ACCOUNT:
                raise
            _LOG.info("tags cannot be made in the forum %s: %s", place.id, error)
            self._closed[place.id] = now + _CLOSED_SECONDS
            return place
        made = _parse_channel(place.id, told)
        until, _ = self._known.get(place.id, (0.0, place))
        self._known[place.id] = (until, made)
        return made


def _parse_channel(channel: str, told: Mapping[str, Any]) -> Channel:
    tags: Sequence[dict[str, str]] = told.get("available_tags") or ()
    return Channel(
        channel,
        told.get("guild_id") or "",
        is_forum(told),
        tuple((tag["name"], tag["id"]) for tag in tags),
    )


def is_forum(channel: Mapping[str, Any]) -> bool:
    """Tell whether only posts can be made in a channel, as Discord describes it."""
    return channel.get("type") in {_FORUM, _MEDIA}


def _plain(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
