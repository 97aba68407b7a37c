"""Cards of papers that are like another one, and what a paper's card says of them."""

from collections.abc import Sequence
from dataclasses import replace

from bot.cards.blocks import SEPARATOR, note
from bot.cards.locale import Locale
from bot.cards.papers import paper_list, paper_selector
from bot.cards.references import format_reference
from bot.model.card import Action, Button, Card, Paragraph, Run
from bot.model.papers import Paper


def similar_card(
    locale: Locale, paper: Paper, similar: Sequence[Paper], *, is_by_meaning: bool
) -> Card:
    """Return the papers that are like a paper, the most similar first."""
    title = locale.translate("Papers like {title}", title=_title(locale, paper))
    if not similar:
        advice = locale.translate("No paper is much like it; /tag lists the papers of a subject.")
        return Card(title, blocks=(Paragraph((Run(advice),)),), controls=(_back(locale, paper),))
    reason = (
        locale.translate("By what their titles and summaries are about")
        if is_by_meaning
        else locale.translate("By the words and tags that they share")
    )
    return Card(
        title,
        blocks=(note(reason), paper_list(locale, similar, first=1)),
        controls=(paper_selector(locale, similar), _back(locale, paper)),
    )


def add_related(locale: Locale, card: Card, paper: Paper, related: Sequence[Paper]) -> Card:
    """Return the card of a paper with the names of related ones, and a button to more."""
    titles = SEPARATOR.join(_title(locale, each) for each in related)
    names = (note(locale.translate("Related: {titles}", titles=titles)),) if related else ()
    more = Button(
        locale.translate("Similar papers"),
        Action("similar", format_reference(paper, locale.language_choice)),
    )
    return replace(card, blocks=(*card.blocks, *names), controls=(*card.controls, more))


def _back(locale: Locale, paper: Paper) -> Button:
    return Button(
        locale.translate("Summary"),
        Action("paper", format_reference(paper, locale.language_choice)),
    )


def _title(locale: Locale, paper: Paper) -> str:
    return locale.first_text(paper.titles) or paper.key
