"""What Slack tells of people: their language, and whether they may manage a channel."""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from adapters.slack.api.cache import TtlCache
from adapters.slack.api.client import ApiClient
from adapters.slack.options import NAME
from adapters.slack.places import Origin
from bot.model.channels import Person
from bot.ports.errors import Refused, TryLater

_FRESH_SECONDS = 600.0
_MOST = 5000
_PATIENCE = 2.0
"""Seconds that an answer waits to know more about who asks."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _UserInfo:
    language: str = ""
    is_admin: bool = False


class UserDirectory:
    """Asks for each person and each channel once in a while."""

    def __init__(self, api: ApiClient, managers: tuple[str, ...]) -> None:
        self._api = api
        self._managers = managers
        self._people: TtlCache[_UserInfo] = TtlCache(_MOST, _FRESH_SECONDS)
        self._channels: TtlCache[dict[str, Any]] = TtlCache(_MOST, _FRESH_SECONDS)

    async def person(self, place: Origin) -> Person:
        """Return who did something; what cannot be found out in time is left open."""
        known = await self._with_timeout(self._user_info(place)) or _UserInfo()
        may_manage = known.is_admin or place.person in self._managers or place.is_direct
        if not may_manage and place.channel:
            found = await self._with_timeout(self._channel(place)) or {}
            may_manage = found.get("creator") == place.person
        return Person(NAME, place.person, known.language, may_manage=may_manage)

    async def language(self, place: Origin) -> str:
        """Return a person's language; empty where that cannot be found out in time."""
        known = await self._with_timeout(self._user_info(place))
        return known.language if known else ""

    async def is_alone(self, place: Origin) -> bool:
        """Tell whether a person is alone with the bot; not so where that is not known in time.

        A command can be written between two people as well, whose messages the bot cannot see.
        """
        return place.is_direct and bool(await self._with_timeout(self._channel(place)))

    async def _user_info(self, place: Origin) -> _UserInfo:
        async def ask() -> _UserInfo:
            try:
                told = await self._api.read(
                    "users.info", place.workspace, user=place.person, include_locale="true"
                )
            except Refused as error:
                _LOG.warning("Slack does not tell who asks: %s", error)
                return _UserInfo()
            return _known(told["user"])

        return await self._people.get(f"{place.workspace} {place.person}", ask)

    async def _channel(self, place: Origin) -> dict[str, Any]:
        """Return what Slack tells of a channel; nothing where the bot may not know it."""

        async def ask() -> dict[str, Any]:
            try:
                told = await self._api.read(
                    "conversations.info", place.workspace, channel=place.channel
                )
            except Refused:  # a private one that the bot is not in
                return {}
            return {"creator": told["channel"].get("creator")}

        return await self._channels.get(f"{place.workspace} {place.channel}", ask)

    async def _with_timeout(self, asking: Awaitable[Any]) -> Any:
        try:
            return await asyncio.wait_for(asking, _PATIENCE)
        except (TimeoutError, TryLater) as error:
            _LOG.warning("Slack does not tell who asks: %s", str(error) or "it takes too long")
            return None


def _known(user: dict[str, Any]) -> _UserInfo:
    locale = str(user.get("locale") or "")
    language = "ko" if locale.startswith("ko") else "en" if locale else ""
    return _UserInfo(language, bool(user.get("is_admin") or user.get("is_owner")))
