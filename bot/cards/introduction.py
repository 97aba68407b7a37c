"""The introduction of an issue: its first lines in an overview, and the whole of it (pure)."""

from collections.abc import Sequence
from unicodedata import east_asian_width

from bot.cards.blocks import BULLET, localized_blocks, note
from bot.cards.fit import truncate
from bot.cards.locale import Locale
from bot.cards.week_statistics import introduction
from bot.model.card import Action, Block, Button, Card, Paragraph, Run
from bot.model.papers import Issue, Localized

_LINE_WIDTH = 42
"""Columns of a line on a phone 390 pixels wide; a Korean letter takes two."""
_MAX_LINES = 3
"""The maximal height of an introduction above the list of papers."""


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
    if not texts or (_fit(texts) and not _is_counted(issue)):
        return ()
    action = Action("introduction", f"{issue.week} {issue.series}")
    return (Button(locale.translate("Introduction"), action),)


def introduction_card(locale: Locale, issue: Issue, title: str) -> Card:
    """Return the whole introduction of an issue, in every language that is shown."""
    blocks = localized_blocks(locale, introduction_texts(locale, issue))
    if not blocks:
        blocks = (note(locale.translate("This week has no introduction.")),)
    elif _is_counted(issue):
        said = locale.translate("Counted from the archive by Paperboy; nobody wrote it.")
        blocks = (*blocks, note(said))
    return Card(title, issue.source_url, blocks)


def _is_counted(issue: Issue) -> bool:
    """Tell whether the introduction is made of statistics, as the source gave none."""
    return not any(issue.intros.values()) and issue.counts is not None


def introduction_texts(locale: Locale, issue: Issue) -> Localized:
    """Return the introduction of the source, or else one from the statistics."""
    if _is_counted(issue):
        return introduction(locale.catalogues, issue)
    return issue.intros


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
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
