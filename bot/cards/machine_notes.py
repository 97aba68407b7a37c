"""Marks texts that a language model made, with the model and the day (pure)."""

from collections.abc import Collection, Sequence

from bot.cards.blocks import note
from bot.cards.locale import Locale
from bot.model.card import Block
from bot.model.papers import MachineText, Paper


def machine_note(locale: Locale, papers: Sequence[Paper], fields: Collection[str]) -> list[Block]:
    """Return a note where one of these fields is shown as a machine made it; else nothing."""
    shown = [text for paper in papers for text in machine_texts(locale, paper, fields)]
    if not shown:
        return []
    models = ", ".join(sorted({text.model for text in shown}))
    newest = max(text.made_on for text in shown)
    sentence = locale.translate(
        "A machine translated texts of this message ({model}, {day}) and may be wrong; tell the "
        "people who run this bot.",
        model=models,
        day=newest.isoformat(),
    )
    return [note(sentence)]


def machine_texts(
    locale: Locale, paper: Paper, fields: Collection[str]
) -> tuple[MachineText, ...]:
    """Return the texts of a paper in the shown languages that a machine made."""
    return tuple(
        text
        for text in paper.machine_texts
        if text.field in fields and text.language in locale.languages
    )
