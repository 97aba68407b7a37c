"""What Discord tells of a channel: its kind, its server, its forum tags."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.discord import limits
from adapters.discord.rest import Rest, Route

_FORUM, _MEDIA = 15, 16
"""Types of channels in which only posts can be made."""
_FRESH_SECONDS = 300.0
"""How long what was told of a channel serves; admins change it seldom."""


@dataclass(frozen=True, slots=True)
class Place:
    """A channel."""

    id: str
    guild: str
    """Empty in a direct message."""
    is_forum: bool
    tags: tuple[tuple[str, str], ...]
    """Names and ids of the tags that a forum's posts may have."""

    def applied(self, wanted: Iterable[str]) -> list[str]:
        """Return the ids of the forum's tags with these names, as many as a post may have."""
        known = {_plain(name): number for name, number in self.tags}
        found = [known[_plain(tag)] for tag in wanted if _plain(tag) in known]
        return list(dict.fromkeys(found))[: limits.APPLIED_TAGS]


class Places:
    """Asks for each channel once in a while."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._known: dict[str, tuple[float, Place]] = {}

    async def get(self, channel: str) -> Place:
        """Return a channel. Raises TryLater or Refused."""
        now = asyncio.get_running_loop().time()
        until, place = self._known.get(channel, (0.0, None))
        if place is None or until < now:
            told = await self._rest.read(Route("GET", "/channels/{main}", channel))
            tags: Sequence[dict[str, str]] = told.get("available_tags") or ()
            place = Place(
                channel,
                told.get("guild_id") or "",
                is_forum(told),
                tuple((tag["name"], tag["id"]) for tag in tags),
            )
            self._known[channel] = (now + _FRESH_SECONDS, place)
        return place


def is_forum(channel: Mapping[str, Any]) -> bool:
    """Tell whether only posts can be made in a channel, as Discord describes it."""
    return channel.get("type") in {_FORUM, _MEDIA}


def _plain(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
