"""Looks up people and channels: language, and the right to manage a digest."""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from adapters.slack.api.client import ApiClient
from adapters.slack.options import NAME
from adapters.slack.places import Origin
from bot.lib.cache import CallCache
from bot.model.channels import Person
from bot.ports.errors import Refused, TryLater

_TTL_SECONDS = 600.0
_CACHE_SIZE = 5000
_TIMEOUT_SECONDS = 2.0
"""Seconds that a reply waits for a look-up."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _UserInfo:
    language: str = ""
    is_admin: bool = False


class UserDirectory:
    """Cached results of `users.info` and `conversations.info`."""

    def __init__(self, api: ApiClient, managers: tuple[str, ...]) -> None:
        self._api = api
        self._managers = managers
        self._users: CallCache[_UserInfo] = CallCache(_CACHE_SIZE, _TTL_SECONDS)
        self._channels: CallCache[dict[str, Any]] = CallCache(_CACHE_SIZE, _TTL_SECONDS)

    async def person(self, origin: Origin) -> Person:
        """Return a person with language and rights; what cannot be looked up in time is empty."""
        user = await self._with_timeout(self._user_info(origin)) or _UserInfo()
        may_manage = user.is_admin or origin.person in self._managers or origin.is_direct
        if not may_manage and origin.channel:
            channel = await self._with_timeout(self._channel(origin)) or {}
            may_manage = channel.get("creator") == origin.person
        return Person(NAME, origin.person, user.language, may_manage=may_manage)

    async def language(self, origin: Origin) -> str:
        """Return a person's language; empty if it cannot be looked up in time."""
        user = await self._with_timeout(self._user_info(origin))
        return user.language if user else ""

    async def is_direct_with_bot(self, origin: Origin) -> bool:
        """Return whether the channel is the person's direct messages with the bot.

        A slash command can also be used in the direct messages of two people, which the bot cannot
        read. False if that cannot be looked up in time.
        """
        return origin.is_direct and bool(await self._with_timeout(self._channel(origin)))

    async def _user_info(self, origin: Origin) -> _UserInfo:
        async def fetch() -> _UserInfo:
            try:
                response = await self._api.read(
                    "users.info", origin.workspace, user=origin.person, include_locale="true"
                )
            except Refused as error:
                _LOG.warning("Failed to look up user", extra={"fields": {"error": str(error)}})
                return _UserInfo()
            return _parse_user(response["user"])

        return await self._users.get(f"{origin.workspace} {origin.person}", fetch)

    async def _channel(self, origin: Origin) -> dict[str, Any]:
        """Return facts about a channel; empty if the bot has no access to it."""

        async def fetch() -> dict[str, Any]:
            try:
                response = await self._api.read(
                    "conversations.info", origin.workspace, channel=origin.channel
                )
            except Refused:  # a private one that the bot is not in
                return {}
            return {"creator": response["channel"].get("creator")}

        return await self._channels.get(f"{origin.workspace} {origin.channel}", fetch)

    async def _with_timeout(self, request: Awaitable[Any]) -> Any:
        try:
            return await asyncio.wait_for(request, _TIMEOUT_SECONDS)
        except (TimeoutError, TryLater) as error:
            _LOG.warning("Look-up skipped", extra={"fields": {"error": str(error) or "timeout"}})
            return None


def _parse_user(user: dict[str, Any]) -> _UserInfo:
    locale = str(user.get("locale") or "")
    language = "ko" if locale.startswith("ko") else "en" if locale else ""
    return _UserInfo(language, bool(user.get("is_admin") or user.get("is_owner")))
