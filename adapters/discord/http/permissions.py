"""The permissions of the bot in a channel, computed from roles and overwrites (pure).

Source: https://docs.discord.com/developers/topics/permissions#permission-overwrites.
"""

from collections.abc import Iterable, Mapping
from typing import Any

_ADMINISTRATOR = 1 << 3

REQUIRED_PERMISSIONS = {
    1 << 10: "View Channel",
    1 << 11: "Send Messages",
    1 << 14: "Embed Links",
    1 << 16: "Read Message History",
    1 << 35: "Create Public Threads",
    1 << 38: "Send Messages in Threads",
}
"""What digests and threads need: the permission bit, and its name in Discord's English client."""

_THREADS = (1 << 10) | (1 << 11) | (1 << 35) | (1 << 38)
"""What it takes to post a message, open a thread under it and write there."""

Overwrite = Mapping[str, Any]


def may_open_threads(permissions: int) -> bool:
    """Tell whether a bit set of permissions suffices to open a thread and to write in it."""
    return bool(permissions & _ADMINISTRATOR) or permissions & _THREADS == _THREADS


def missing_permissions(
    guild: str,
    bot: str,
    bot_roles: Iterable[str],
    roles: Iterable[Mapping[str, Any]],
    overwrites: Iterable[Overwrite],
) -> tuple[str, ...]:
    """Return the names of the permissions that are needed and not granted in a channel."""
    mine = {guild, *bot_roles}
    allowed = 0
    for role in roles:
        if role["id"] in mine:
            allowed |= int(role["permissions"])
    if allowed & _ADMINISTRATOR:
        return ()
    by_id = {each["id"]: each for each in overwrites}
    # The order that Discord documents: @everyone, the roles together, the member.
    for group in ([guild], sorted(mine - {guild}), [bot]):
        chosen = [by_id[each] for each in group if each in by_id]
        for each in chosen:
            allowed &= ~int(each["deny"])
        for each in chosen:
            allowed |= int(each["allow"])
    return tuple(name for bit, name in REQUIRED_PERMISSIONS.items() if not allowed & bit)
