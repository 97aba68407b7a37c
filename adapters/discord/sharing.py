"""Lets whoever got an answer alone show it to everyone (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from gettext import NullTranslations

from adapters.discord import controls
from adapters.discord.asked import Asked
from bot.card import Action, Button, Card
from bot.wording.guidance import share_label
from bot.wording.voice import Voice

SHARE = "share"
"""The name of the action; its argument is what was asked for."""

_SHARED = frozenset({"paper", "week", "tag", "find", "abstract", "tag_page", "find_page"})
"""What is worth to be seen by everyone."""


def with_share(
    catalogues: Mapping[str, NullTranslations], language: str, card: Card, ways: Sequence[Asked]
) -> Card:
    """Return a card with a button that shows it to everyone, where it can be asked for again."""
    if len(ways) != 1 or ways[0].name not in _SHARED:
        return card
    action = Action(SHARE, f"{ways[0].name} {ways[0].argument}")
    if controls.action_of(controls.custom_id(action)) != action:
        return card  # too long to be kept in a button
    label = share_label(Voice(catalogues, language))
    return replace(card, controls=(*card.controls, Button(label, action)))
