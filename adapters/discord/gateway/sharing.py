"""Adds what shows an answer to everyone, where it fits into a button (pure)."""

from collections.abc import Mapping, Sequence
from gettext import NullTranslations

from adapters.discord.gateway.payloads import Invocation
from adapters.discord.render import controls
from bot.cards.locale import Locale
from bot.commands.sharing import add_share_button, share_action
from bot.model.card import Action, Card


def with_share_button(
    catalogues: Mapping[str, NullTranslations],
    language: str,
    card: Card,
    invocations: Sequence[Invocation],
) -> Card:
    """Return a card with a button that shows it to everyone, where it can be asked for again."""
    if len(invocations) != 1:
        return card
    action = share_action(Action(invocations[0].name, invocations[0].argument))
    if action is None or controls.parse_action(controls.custom_id(action)) != action:
        return card  # of no use to others, or too long to be kept in a button
    return add_share_button(Locale(catalogues, language), card, action)
