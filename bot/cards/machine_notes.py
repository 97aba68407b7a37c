"""Marks texts that a language model made, with the model and the day (pure)."""

from collections.abc import Collection, Sequence

from bot.cards.blocks import note
from bot.cards.locale import Locale
from bot.model.card import Block
from bot.model.papers import MachineText, Paper


def machine_note(
    locale: Locale,
    papers: Sequence[Paper],
    fields: Collection[str],
    introductions: Sequence[MachineText] = (),
) -> list[Block]:
    """Return a note where one of these fields is shown as a machine made it; else nothing.

    `introductions` are those that are shown and that a machine made.
    """
    translated = [text for paper in papers for text in machine_texts(locale, paper, fields)]
    return machine_text_note(locale, translated, introductions)


def machine_text_note(
    locale: Locale, translated: Sequence[MachineText], introductions: Sequence[MachineText] = ()
) -> list[Block]:
    """Return a note about machine-made texts that are shown; nothing where there are none."""
    shown = [*translated, *introductions]
    if not shown:
        return []
    facts = {
        "model": ", ".join(sorted({text.model for text in shown})),
        "day": max(text.made_on for text in shown).isoformat(),
    }
    if not introductions:
        said = locale.translate(
            "A machine translated some of these texts ({model}, {day}) and may be wrong; mistakes "
            "are reported in chat with “Report a mistake” or /report.",
            **facts,
        )
    elif not translated:
        said = locale.translate(
            "A machine wrote this introduction ({model}, {day}) and may be wrong; mistakes are "
            "reported in chat with “Report a mistake” or /report.",
            **facts,
        )
    else:
        said = locale.translate(
            "A machine wrote the introduction and translated some of these texts ({model}, {day}) "
            "and may be wrong; mistakes are reported in chat with “Report a mistake” or /report.",
            **facts,
        )
    return [note(said)]


def machine_texts(
    locale: Locale, paper: Paper, fields: Collection[str]
) -> tuple[MachineText, ...]:
    """Return the texts of a paper in the shown languages that a machine made."""
    if not paper.machine_texts:
        return ()
    return tuple(
        text
        for text in paper.machine_texts
        if text.field in fields and text.language in locale.languages
    )
