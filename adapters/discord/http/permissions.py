"""What the bot may do in a channel, from roles and overwrites (pure).

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
"""What digests and threads need, by its name in Discord's English client."""

Overwrite = Mapping[str, Any]


def missing_permissions(
    guild: str,
    bot: str,
    bot_roles: Iterable[str],
    roles: Iterable[Mapping[str, Any]],
    overwrites: Iterable[Overwrite],
) -> tuple[str, ...]:
    """Return the names of what is needed and not allowed in a channel."""
    mine = {guild, *bot_roles}
    allowed = 0
    for role in roles:
        if role["id"] in mine:
            allowed |= int(role["permissions"])
    if allowed & _ADMINISTRATOR:
        return ()
    by_id = {each["id"]: each for each in overwrites}
    # Everyone's overwrite first, then those of the roles together, then the bot's own.
    for group in ([guild], sorted(mine - {guild}), [bot]):
        chosen = [by_id[each] for each in group if each in by_id]
        for each in chosen:
            allowed &= ~int(each["deny"])
        for each in chosen:
            allowed |= int(each["allow"])
    return tuple(name for bit, name in REQUIRED_PERMISSIONS.items() if not allowed & bit)
