"""The introduction of an issue: its first lines in an overview, and the whole of it (pure)."""

import re
from collections.abc import Sequence
from unicodedata import east_asian_width

from bot.cards.blocks import BULLET, localized_blocks, note
from bot.cards.fit import truncate
from bot.cards.locale import Locale
from bot.cards.machine_notes import machine_note
from bot.cards.week_statistics import introduction
from bot.model.card import Action, Block, Button, Card, Paragraph, Run
from bot.model.papers import Issue, Localized, MachineText

_LINE_WIDTH = 42
"""Columns of a line on a phone 390 pixels wide; a Korean letter takes two."""
_MAX_LINES = 3
"""The maximal height of an introduction above the list of papers."""

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def introduction_teaser(locale: Locale, issue: Issue) -> tuple[Block, ...]:
    """Return the introduction as far as three lines of a phone go.

    All languages if they fit, or else the beginning of the first one.
    """
    texts = _plain_texts(locale, issue)
    if not _fit(texts):
        texts = [truncate(texts[0], _LINE_WIDTH * _MAX_LINES, _width)]
    return tuple(Paragraph((Run(text),)) for text in texts)


def introduction_buttons(locale: Locale, issue: Issue) -> tuple[Button, ...]:
    """Return the button that shows the whole introduction; none if the teaser is all of it."""
    texts = _plain_texts(locale, issue)
    if not texts or (_fit(texts) and not _is_counted(locale, issue)):
        return ()
    action = Action("introduction", f"{issue.week} {issue.series}")
    return (Button(locale.translate("Introduction"), action),)


def introduction_card(locale: Locale, issue: Issue, title: str) -> Card:
    """Return the whole introduction of an issue, in every language that is shown."""
    blocks = localized_blocks(locale, introduction_texts(locale, issue))
    if not blocks:
        blocks = (note(locale.translate("This week has no introduction.")),)
    elif _is_counted(locale, issue):
        said = locale.translate("Counted from the archive by Paperboy; nobody wrote it.")
        blocks = (*blocks, note(said))
    blocks = (*blocks, *machine_note(locale, (), (), machine_introductions(locale, issue)))
    return Card(title, issue.source_url, blocks)


def introduction_texts(locale: Locale, issue: Issue) -> Localized:
    """Return the introduction of the source, or of a machine, or else one from the statistics."""
    if _is_counted(locale, issue):
        return introduction(locale.catalogues, issue)
    return issue.intros


def machine_introductions(locale: Locale, issue: Issue) -> tuple[MachineText, ...]:
    """Return the introductions that are shown and that a machine made."""
    if _is_counted(locale, issue):
        return ()
    return tuple(text for text in issue.machine_texts if text.language in locale.languages)


def _is_counted(locale: Locale, issue: Issue) -> bool:
    """Tell whether the introduction is made of statistics.

    It is where the source gave none, and no machine one in every language that is shown.
    """
    if issue.counts is None:
        return False
    made = {text.language for text in issue.machine_texts}
    is_given = any(text for language, text in issue.intros.items() if language not in made)
    return not is_given and not all(issue.intros.get(each) for each in locale.languages)


def _plain_texts(locale: Locale, issue: Issue) -> list[str]:
    shown = locale.localized_texts(introduction_texts(locale, issue))
    return [_plain_text(each.text) for each in shown]


def _fit(texts: Sequence[str]) -> bool:
    """Tell whether texts, each from a new line, fit into the lines of a teaser."""
    return sum(-(-_width(text) // _LINE_WIDTH) for text in texts) <= _MAX_LINES


def _plain_text(text: str) -> str:
    """Return a text on one line, without the marks of lists."""
    return " ".join(text.replace(BULLET, " ").split())


def _width(text: str) -> int:
    """Return the number of columns that a text takes."""
    others = "".join(_NOT_ASCII.findall(text))
    return len(text) + sum(east_asian_width(char) in "WF" for char in others)
