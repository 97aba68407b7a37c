"""Buttons under the card of a paper that are for its reader alone."""

from bot.cards.locale import Locale
from bot.cards.references import format_reference
from bot.model.card import Action, Button
from bot.model.papers import Paper


def save_button(locale: Locale, paper: Paper) -> Button:
    """Return the button that keeps a paper for the person who presses it."""
    reference = format_reference(paper, locale.language_choice)
    return Button(locale.translate("Save"), Action("save", reference))
