"""Looks up people and channels: language, and the right to manage a digest."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from adapters.slack.api.client import ApiClient
from adapters.slack.options import NAME
from adapters.slack.places import Origin
from bot.lib.cache import CallCache
from bot.model.channels import Person
from bot.ports.errors import RefusalScope, Refused, TryLater

_TTL_SECONDS = 600.0
_CACHE_SIZE = 5000
_TIMEOUT_SECONDS = 2.0
"""Seconds that a reply waits for a look-up."""

_LOG = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _UserInfo:
    language: str = ""
    is_guest: bool = True
    """Whether the person belongs to another workspace, by a channel that is shared with it."""
    is_admin: bool = False
    """Whether the person is an admin or owner of the workspace that the bot serves."""


@dataclass(frozen=True, slots=True)
class _ChannelInfo:
    creator: str = ""
    direct_with: str = ""
    """The person of the bot's direct messages; empty for any other channel."""


class UserDirectory:
    """Cached results of `users.info`, `conversations.info` and `usergroups.users.list`."""

    def __init__(
        self,
        api: ApiClient,
        managers: tuple[str, ...],
        curators: tuple[str, ...] = (),
        curator_groups: tuple[str, ...] = (),
    ) -> None:
        self._api = api
        self._managers = managers
        self._curators = curators
        self._curator_groups = curator_groups
        self._groups: CallCache[frozenset[str]] = CallCache(_CACHE_SIZE, _TTL_SECONDS)
        self._users: CallCache[_UserInfo] = CallCache(_CACHE_SIZE, _TTL_SECONDS)
        self._channels: CallCache[_ChannelInfo] = CallCache(_CACHE_SIZE, _TTL_SECONDS)

    async def person(self, origin: Origin) -> Person:
        """Return a person with language and rights.

        Admins of the bot's workspace, the channel's creator and the configured managers may manage
        a digest, and everyone in the direct messages with the bot. Guests of a shared channel may
        not, whatever they are at home. `is_identified` is False if Slack did not answer in time,
        so that the rights are not known.
        """
        person, may_curate = await asyncio.gather(self._person(origin), self._may_curate(origin))
        return replace(person, may_curate=may_curate)

    async def _may_curate(self, origin: Origin) -> bool:
        """Return whether a person is a curator; False if Slack does not answer in time."""
        if origin.person in self._curators:
            return True
        groups = [self._with_timeout(self._members(origin, each)) for each in self._curator_groups]
        found = await asyncio.gather(*groups)
        return any(origin.person in members for members in found if members)

    async def _person(self, origin: Origin) -> Person:
        user, channel = await asyncio.gather(
            self._with_timeout(self._user_info(origin)),
            self._with_timeout(self._channel_info(origin)),
        )
        language = user.language if user else ""
        if origin.person in self._managers or (channel and channel.direct_with == origin.person):
            return Person(NAME, origin.person, language, may_manage=True)
        if user is None:
            return Person(NAME, origin.person, is_identified=False)
        is_creator = channel is not None and channel.creator == origin.person
        return Person(
            NAME,
            origin.person,
            language,
            may_manage=not user.is_guest and (user.is_admin or is_creator),
            is_identified=user.is_guest or user.is_admin or channel is not None,
        )

    async def language(self, origin: Origin) -> str:
        """Return a person's language; empty if it cannot be looked up in time."""
        user = await self._with_timeout(self._user_info(origin))
        return user.language if user else ""

    async def is_direct_with_bot(self, origin: Origin) -> bool:
        """Return whether the channel is the person's direct messages with the bot.

        A slash command can also be used in the direct messages of two people, which the bot cannot
        read. False if that cannot be looked up in time.
        """
        if not origin.is_direct:
            return False
        channel = await self._with_timeout(self._channel_info(origin))
        return channel is not None and channel.direct_with == origin.person

    async def _user_info(self, origin: Origin) -> _UserInfo:
        """Return facts about a person. Raises TryLater or Refused, which are not cached."""

        async def fetch() -> _UserInfo:
            try:
                response = await self._api.read(
                    "users.info", origin.workspace, user=origin.person, include_locale="true"
                )
            except Refused as error:
                if error.scope is not RefusalScope.PART:
                    raise
                return _UserInfo()  # Slack does not know the person here
            return _parse_user(response["user"], origin.workspace)

        return await self._users.get(f"{origin.workspace} {origin.person}", fetch)

    async def _members(self, origin: Origin, group: str) -> frozenset[str]:
        """Return who is in a user group now, or some minutes ago. Raises TryLater or Refused."""

        async def fetch() -> frozenset[str]:
            response = await self._api.read(
                "usergroups.users.list", origin.workspace, usergroup=group
            )
            return frozenset(map(str, response["users"]))

        return await self._groups.get(f"{origin.workspace} {group}", fetch)

    async def _channel_info(self, origin: Origin) -> _ChannelInfo:
        """Return facts about a channel; empty if the bot has no access to it."""

        async def fetch() -> _ChannelInfo:
            try:
                response = await self._api.read(
                    "conversations.info", origin.workspace, channel=origin.channel
                )
            except Refused:  # a private one that the bot is not in
                return _ChannelInfo()
            return _parse_channel(response["channel"])

        if not origin.channel:
            return _ChannelInfo()
        return await self._channels.get(f"{origin.workspace} {origin.channel}", fetch)

    async def _with_timeout(self, request: Awaitable[T]) -> T | None:
        try:
            return await asyncio.wait_for(request, _TIMEOUT_SECONDS)
        except (TimeoutError, TryLater, Refused) as error:
            _LOG.warning("Look-up failed", extra={"fields": {"error": str(error) or "timeout"}})
            return None


def _parse_user(user: Mapping[str, Any], workspace: str) -> _UserInfo:
    """Return the facts of a user object, https://docs.slack.dev/reference/objects/user-object."""
    locale = str(user.get("locale") or "")
    language = "ko" if locale.startswith("ko") else "en" if locale else ""
    # In an organisation a person belongs to several workspaces.
    home = {user.get("team_id"), *((user.get("enterprise_user") or {}).get("teams") or ())}
    is_guest = workspace not in home or bool(user.get("is_stranger"))
    is_admin = not is_guest and bool(user.get("is_admin") or user.get("is_owner"))
    return _UserInfo(language, is_guest, is_admin)


def _parse_channel(channel: Mapping[str, Any]) -> _ChannelInfo:
    direct_with = str(channel.get("user") or "") if channel.get("is_im") else ""
    return _ChannelInfo(str(channel.get("creator") or ""), direct_with)
