"""Checks of the account and of channels: what is missing on Discord, and how to mend it."""

from contextlib import suppress
from typing import Any

from adapters.discord.http import permissions
from adapters.discord.http.channels import is_forum
from adapters.discord.http.client import RestClient
from adapters.discord.http.route import Route
from bot.lib import clock
from bot.lib.marker import _
from bot.model.channels import Target
from bot.ports.errors import Refused, TryLater

_NEEDS_TAG = 1 << 4
"""A flag of a forum channel: every post needs a tag."""

_FORUM_NEEDS_TAG = _(
    "The forum wants a tag on every post; a paper with none of its tags is refused. Let the tag "
    "be optional."
)
_FORUM_HAS_NO_TAGS = _(
    "The forum has no tags; add some, such as llm or agents, and posts bear them."
)
_LACKS_PERMISSION = _("Paperboy lacks the permission {names}; allow it in the channel's settings.")
_LACKS_PERMISSIONS = _(
    "Paperboy lacks the permissions {names}; allow them in the channel's settings."
)
_NO_SERVER = _("The channel is no channel of a server; choose one that is.")
_OTHER_SERVER = _("The channel is one of the server {guild}, not of {wanted}.")
_LINKS_NOT_TOLD = (
    "discord.link_channels needs mode = gateway: of messages Discord tells nothing by requests."
)
_NO_ENDPOINT = (
    "Discord does not know where Paperboy awaits interactions; on the application's page set the "
    "Interactions Endpoint URL to https://… followed by /discord/interactions."
)
_ENDPOINT_SET = (
    "Discord sends interactions to {url}, and none over the gateway; remove the Interactions "
    "Endpoint URL on the application's page, or set mode = http in [discord]."
)
_COMMANDS_NOT_ALLOWED = _(
    "The server did not allow commands; let Paperboy in again: paperboy invite."
)
_CONTENT_NOT_ALLOWED = _(
    "discord.link_channels needs the Message Content Intent, which is off: allow it on the page "
    "Bot of https://discord.com/developers/applications and start Paperboy again, or empty the "
    "setting."
)
_MESSAGE_CONTENT = (1 << 18) | (1 << 19)
"""Flags of an application that may read messages: granted by Discord, or in up to 100 servers.

Source: https://docs.discord.com/developers/resources/application#application-object.
"""
_USER_INSTALL = "1"
"""The installation for people among those that the application has, by its number."""


class Diagnostics:
    """Checks the account and channels; each problem is a sentence for an operator."""

    def __init__(
        self, rest: RestClient, *, reads_content: bool = False, awaits_requests: bool = False
    ) -> None:
        self._rest = rest
        self._reads_content = reads_content
        """Whether the settings want the texts of messages."""
        self._awaits_requests = awaits_requests
        """Whether interactions come as requests, and not over the gateway."""

    async def application_id(self) -> str:
        """Return the id of the token's application. Raises TryLater or Refused."""
        return str((await self._application("id"))["id"])

    async def may_be_installed_for_people(self) -> bool:
        """Return whether the application has the user install switched on.

        Raises TryLater or Refused.
        """
        found = await self._application("id")
        return _USER_INSTALL in (found.get("integration_types_config") or {})

    async def public_key(self) -> str:
        """Return the key with which interactions are signed. Raises TryLater or Refused."""
        return str((await self._application("verify_key"))["verify_key"])

    async def _application(self, *needed: str) -> dict[str, Any]:
        return await self._rest.read(Route("GET", "/applications/@me"), *needed)

    async def check_account(self) -> tuple[str, ...]:
        """Return what is wrong with the token, the connection or the clock."""
        try:
            application = await self._application("id")
        except (Refused, TryLater) as error:
            return (str(error),)
        endpoint = application.get("interactions_endpoint_url") or ""
        may_read = int(application.get("flags") or 0) & _MESSAGE_CONTENT
        problems = {
            _CONTENT_NOT_ALLOWED: self._reads_content and not may_read,
            _LINKS_NOT_TOLD: self._reads_content and self._awaits_requests,
            _NO_ENDPOINT: self._awaits_requests and not endpoint,
            _ENDPOINT_SET.format(url=endpoint): bool(endpoint) and not self._awaits_requests,
        }
        if found := tuple(sentence for sentence, is_so in problems.items() if is_so):
            return found
        return clock.clock_skew_problems(self._rest.clock_skew, "Discord")

    async def check_channel(self, target: Target) -> tuple[str, ...]:
        """Return what is missing in a channel: its guild, permissions, forum tags, commands."""
        try:
            route = Route("GET", "/channels/{main}", target.channel)
            channel = await self._rest.read(route, "id", "type")
            guild = channel.get("guild_id") or ""
            if not guild:
                return (_NO_SERVER,)
            if target.workspace not in ("", guild):
                return (_OTHER_SERVER.format(guild=guild, wanted=target.workspace),)
            problems = await self._permission_problems(guild, channel)
            application = await self.application_id()
        except (Refused, TryLater) as error:
            return (str(error),)
        return (
            *problems,
            *_forum_problems(channel),
            *await self._command_problems(application, guild),
        )

    async def missing_permissions(self, target: Target) -> str:
        """Return which permissions the bot lacks in a channel; empty if none, or if unknown."""
        with suppress(Refused, TryLater):
            route = Route("GET", "/channels/{main}", target.channel)
            channel = await self._rest.read(route, "id", "type")
            if guild := channel.get("guild_id"):
                return " ".join(await self._permission_problems(guild, channel))
        return ""

    async def may_manage(self, target: Target, person: str, manager_role: str) -> bool:
        """Tell whether a person manages a channel of the guild, in which the bot can post.

        Raises TryLater, and Refused where the bot cannot see the channel.
        """
        route = Route("GET", "/channels/{main}", target.channel)
        channel = await self._rest.read(route, "id", "type")
        guild = channel.get("guild_id")
        if not guild or guild != target.workspace:
            return False
        me = await self._rest.read(Route("GET", "/users/@me"), "id")
        if not permissions.can_post(await self._permissions(guild, me["id"], channel)):
            return False
        member = await self._member(guild, person)
        if manager_role and manager_role in member["roles"]:
            return True
        described = await self._rest.read(Route("GET", "/guilds/{main}", guild), "owner_id")
        if described["owner_id"] == person:
            return True
        return permissions.can_manage(await self._permissions(guild, person, channel))

    async def invite_url(self) -> str:
        """Return the address that installs the bot in a guild. Raises TryLater or Refused."""
        application = await self.application_id()
        return (
            f"https://discord.com/oauth2/authorize?client_id={application}"
            f"&permissions={sum(permissions.REQUIRED_PERMISSIONS)}&scope=bot+applications.commands"
        )

    async def _permission_problems(self, guild: str, channel: dict[str, Any]) -> list[str]:
        me = await self._rest.read(Route("GET", "/users/@me"), "id")
        allowed = await self._permissions(guild, me["id"], channel)
        missing = permissions.missing_permissions(allowed)
        if not missing:
            return []
        names = " and ".join(filter(None, [", ".join(missing[:-1]), missing[-1]]))
        return [(_LACKS_PERMISSIONS if missing[1:] else _LACKS_PERMISSION).format(names=names)]

    async def _permissions(self, guild: str, user: str, channel: dict[str, Any]) -> int:
        member = await self._member(guild, user)
        roles = await self._rest.read_list(Route("GET", "/guilds/{main}/roles", guild))
        overwrites = channel.get("permission_overwrites") or ()
        return permissions.channel_permissions(guild, member, roles, overwrites)

    async def _member(self, guild: str, user: str) -> dict[str, Any]:
        route = Route("GET", "/guilds/{main}/members", guild, f"/{user}")
        return {"user": {"id": user}, **await self._rest.read(route, "roles")}

    async def _command_problems(self, application: str, guild: str) -> tuple[str, ...]:
        """Return the problem of a guild that installed the bot without its commands."""
        route = Route("GET", "/applications/{main}/guilds", application, f"/{guild}/commands")
        try:
            await self._rest.read_list(route)
        except TryLater as error:
            return (str(error),)
        except Refused:
            return (_COMMANDS_NOT_ALLOWED,)
        return ()


def _forum_problems(channel: dict[str, Any]) -> tuple[str, ...]:
    if not is_forum(channel):
        return ()
    if channel.get("flags", 0) & _NEEDS_TAG:
        return (_FORUM_NEEDS_TAG,)
    if not channel.get("available_tags"):
        return (_FORUM_HAS_NO_TAGS,)
    return ()
