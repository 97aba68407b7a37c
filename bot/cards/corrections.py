"""What edited messages say of their edit, and of papers that are not there any more (pure)."""

from dataclasses import replace
from datetime import date

from bot.cards.blocks import note
from bot.cards.locale import Locale
from bot.model.card import Card, Paragraph, Run


def with_edit_note(locale: Locale, card: Card, day: date) -> Card:
    """Return a card that says since when it shows what it shows."""
    said = locale.translate("Edited on {day}", day=locale.format_date(day))
    return replace(card, blocks=(*card.blocks, note(said)))


def removed_paper_card(locale: Locale) -> Card:
    """Return what the message of a paper says that its week does not list any more."""
    said = locale.translate("A curator took the paper that stood here out of this week.")
    title = locale.translate("This paper was removed")
    return Card(title, blocks=(Paragraph((Run(said),)),), thread_name=title)


def removed_week_card(locale: Locale) -> Card:
    """Return what the messages of a week say that the archive does not have any more."""
    said = locale.translate("A curator took this week out of the archive.")
    title = locale.translate("This week was removed")
    return Card(title, blocks=(Paragraph((Run(said),)),), thread_name=title)


def spare_message_card(locale: Locale) -> Card:
    """Return what a message says whose text has found room in the messages before it."""
    said = locale.translate("The message above says everything now.")
    return Card("", blocks=(Paragraph((Run(said),)),))
