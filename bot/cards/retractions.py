"""What cards say of papers and weeks that curators retracted (pure)."""

from bot.cards.blocks import first_sentence, heading, text_blocks
from bot.cards.locale import Locale
from bot.model.card import Block, Card, Run, Style
from bot.model.papers import Paper, Retraction
from bot.model.weeks import Week

_MAX_REASON = 160
"""Characters of the reason in a list."""


def retraction_blocks(locale: Locale, retraction: Retraction | None) -> tuple[Block, ...]:
    """Return since when something is retracted, and the whole reason; nothing where it stands."""
    if retraction is None:
        return ()
    return (heading(retraction_heading(locale, retraction)), *text_blocks(retraction.reason))


def retraction_heading(locale: Locale, retraction: Retraction) -> str:
    """Return since when something is retracted."""
    day = locale.format_date(retraction.on)
    return locale.translate("Retracted by the curators on {day}", day=day)


def retraction_line(locale: Locale, paper: Paper) -> str:
    """Return that a paper is retracted, with the beginning of the reason; empty if it stands."""
    if paper.retraction is None:
        return ""
    reason = first_sentence(paper.retraction.reason, _MAX_REASON)
    return locale.translate("Retracted: {reason}", reason=reason)


def retraction_runs(locale: Locale, paper: Paper) -> tuple[Run, ...]:
    """Return the line that says of a paper in a list that it is retracted."""
    line = retraction_line(locale, paper)
    return (Run("\n" + line, Style.SMALL),) if line else ()


def withdrawn_issue_card(locale: Locale, week: Week, retraction: Retraction) -> Card:
    """Return that an issue is not posted, as it was withdrawn."""
    title = locale.translate("{week} was withdrawn, so nothing was posted", week=week)
    return Card(title, blocks=retraction_blocks(locale, retraction))
