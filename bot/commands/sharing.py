"""Lets whoever got an answer alone show it to everyone (pure)."""

from dataclasses import replace

from bot.cards.help import share_label
from bot.cards.locale import Locale
from bot.model.card import Action, Button, Card

SHARE_ACTION = "share"
"""The name of the action; its argument is what was asked for."""

_SHAREABLE = frozenset({"paper", "week", "tag", "find", "abstract", "tag_page", "find_page"})
"""What is worth to be seen by everyone."""


def share_action(action: Action) -> Action | None:
    """Return what shows to everyone what was asked for; None for what is of no use to them."""
    if action.name not in _SHAREABLE:
        return None
    return Action(SHARE_ACTION, f"{action.name} {action.argument}")


def parse_share_argument(argument: str) -> Action:
    """Return what was asked for, of which `argument` is that of the action that shares it."""
    name, _, rest = argument.partition(" ")
    return Action(name, rest)


def add_share_button(locale: Locale, card: Card, action: Action) -> Card:
    """Return a card with the button that shares it."""
    return replace(card, controls=(*card.controls, Button(share_label(locale), action)))
