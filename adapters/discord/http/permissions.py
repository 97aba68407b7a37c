"""Permissions in a channel, computed from roles and overwrites (pure).

Source: https://docs.discord.com/developers/topics/permissions#permission-overwrites.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.lib.marker import _

_ADMINISTRATOR = 1 << 3

REQUIRED_PERMISSIONS = {
    1 << 10: _("View Channel"),
    1 << 11: _("Send Messages"),
    1 << 14: _("Embed Links"),
    1 << 16: _("Read Message History"),
    1 << 35: _("Create Public Threads"),
    1 << 38: _("Send Messages in Threads"),
}
"""What digests and threads need: the permission bit, and its name in Discord's English client."""

_THREADS = (1 << 10) | (1 << 11) | (1 << 35) | (1 << 38)
"""What it takes to post a message, open a thread under it and write there."""
_POSTS = (1 << 10) | (1 << 11)
_MANAGES = _ADMINISTRATOR | (1 << 4) | (1 << 5)
"""Administrator, Manage Channels or Manage Server."""

Overwrite = Mapping[str, Any]


def may_open_threads(permissions: int) -> bool:
    """Tell whether a bit set of permissions suffices to open a thread and to write in it."""
    return bool(permissions & _ADMINISTRATOR) or permissions & _THREADS == _THREADS


def missing_permissions(permissions: int) -> tuple[str, ...]:
    """Return the names of what is needed and not granted by a bit set of permissions."""
    if permissions & _ADMINISTRATOR:
        return ()
    return tuple(name for bit, name in REQUIRED_PERMISSIONS.items() if not permissions & bit)


def can_manage(permissions: int) -> bool:
    """Tell whether a bit set of permissions lets a member manage a channel."""
    return bool(permissions & _MANAGES)


def can_post(permissions: int) -> bool:
    """Tell whether a bit set of permissions suffices to see a channel and to write in it."""
    return bool(permissions & _ADMINISTRATOR) or permissions & _POSTS == _POSTS


def channel_permissions(
    guild: str,
    member: Mapping[str, Any],
    roles: Iterable[Mapping[str, Any]],
    overwrites: Iterable[Overwrite],
) -> int:
    """Return the permissions of a member in a channel of a guild, as a bit set.

    `member` has the ids of its `user` and of its `roles`, as Discord describes them.
    """
    user, mine = member["user"]["id"], {guild, *member["roles"]}
    allowed = 0
    for role in roles:
        if role["id"] in mine:
            allowed |= int(role["permissions"])
    if allowed & _ADMINISTRATOR:
        return allowed
    by_id = {each["id"]: each for each in overwrites}
    # The order that Discord documents: @everyone, the roles together, the member.
    for group in ([guild], sorted(mine - {guild}), [user]):
        chosen = [by_id[each] for each in group if each in by_id]
        for each in chosen:
            allowed &= ~int(each["deny"])
        for each in chosen:
            allowed |= int(each["allow"])
    return allowed
