"""Reads events about messages and reactions, and tells the core what they mean to it."""

from collections.abc import Mapping
from typing import Any

from adapters.discord.options import NAME
from bot.model.channels import Target
from bot.model.discussions import Reaction
from bot.ports.conversation import ReactionListener, ThreadListener

_FAVOURITES = frozenset("👍❤⭐🌟🔥🎉👏💯🚀😍")
"""The reactions that count as votes, as clients send them without their variants."""
_VARIANTS = "\ufe0f🏻🏼🏽🏾🏿"
"""What may follow an emoji: the sign for its coloured form, and skin tones."""


def note_message(listener: ThreadListener, event: Mapping[str, Any]) -> None:
    """Tell of a message in what may be a thread; Discord says neither whether nor of what."""
    guild, channel = event.get("guild_id"), event.get("channel_id")
    if guild and channel:
        listener(Target(NAME, str(guild), ""), str(channel))


def note_reaction(listener: ReactionListener, event: Mapping[str, Any], *, is_added: bool) -> None:
    """Tell of a reaction of a person that counts as a vote."""
    guild, emoji = event.get("guild_id"), str((event.get("emoji") or {}).get("name") or "")
    is_bot = bool(((event.get("member") or {}).get("user") or {}).get("bot"))
    if guild and not is_bot and emoji.rstrip(_VARIANTS) in _FAVOURITES:
        message, person = str(event.get("message_id")), str(event.get("user_id"))
        listener(Reaction(str(guild), message, person, is_added))
