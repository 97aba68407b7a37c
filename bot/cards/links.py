"""Cards about the addresses of papers that a message holds: one paper, several, or none."""

from collections.abc import Sequence

from bot.cards.blocks import (
    SEPARATOR,
    appearance_label,
    leading_sentences,
    note,
    paper_url,
    substitute_label,
    tag_line,
    unlisted_label,
)
from bot.cards.locale import Locale
from bot.cards.machine_notes import machine_note
from bot.cards.paper_facts import all_links, record_lines
from bot.cards.papers import paper_list, paper_selector
from bot.cards.references import format_reference
from bot.cards.retractions import retraction_blocks
from bot.model.card import Action, Block, Button, Card, LinkButton, Paragraph, Run
from bot.model.papers import Paper

_MAX_SENTENCES, _MAX_LENGTH = 2, 320
"""How much is said of a paper: sentences, and their characters together."""


def link_card(locale: Locale, paper: Paper) -> Card:
    """Return a paper in short, for those who see its address: two sentences, and its week."""
    week = appearance_label(locale, paper.appearances[0]) if paper.appearances else ""
    facts = SEPARATOR.join(filter(None, [week, tag_line(paper)]))
    summary = Action("paper", format_reference(paper, locale.language_choice))
    return Card(
        locale.first_text(paper.titles) or paper.key,
        paper_url(paper),
        (
            *_sentences(locale, paper),
            *([note(facts)] if facts else []),
            *machine_note(locale, [paper], ("title", "summary")),
        ),
        (Button(locale.translate("Summary"), summary),),
    )


def unlisted_card(locale: Locale, paper: Paper) -> Card:
    """Return a paper that the archive lacks, with what arXiv says of it."""
    pdfs = [link.url for link in all_links(paper) if link.kind == "pdf"]
    return Card(
        locale.first_text(paper.titles) or paper.key,
        paper_url(paper),
        (
            *_sentences(locale, paper),
            *record_lines(locale, paper),
            note(unlisted_label(locale)),
        ),
        tuple(LinkButton("PDF", url) for url in pdfs[:1]),
    )


def links_card(locale: Locale, papers: Sequence[Paper]) -> Card:
    """Return the papers of a message, with a menu of those that the archive has."""
    listed = [paper for paper in papers if paper.id]
    return Card(
        locale.translate("Papers in this message"),
        blocks=(paper_list(locale, papers, first=1),),
        controls=(paper_selector(locale, listed),) if listed else (),
    )


def no_links_card(locale: Locale, *, is_busy: bool) -> Card:
    """Return that a message holds no address of a paper, or that arXiv does not answer now."""
    if is_busy:
        said = locale.translate("arXiv does not answer now; try again in a minute.")
        return Card(
            locale.translate("This paper is in no weekly list"), "", (Paragraph((Run(said),)),)
        )
    said = locale.translate("Addresses of arXiv, Hugging Face papers and DOIs are looked for.")
    title = locale.translate("No paper was found behind this message's addresses")
    return Card(title, "", (Paragraph((Run(said),)),))


def _sentences(locale: Locale, paper: Paper) -> list[Block]:
    """Return the beginning of the summary, or else of arXiv's abstract; or the retraction."""
    if paper.retraction:
        return [*retraction_blocks(locale, paper.retraction)]
    texts = paper.summaries
    if not any(texts.values()) and paper.record and paper.record.abstract:
        texts = {"en": paper.record.abstract}
    shown = locale.localized_texts(texts)
    most = _MAX_SENTENCES if len(shown) == 1 else 1
    found: list[Block] = []
    for each in shown:
        if each.is_substitute:
            found.append(note(substitute_label(locale, each)))
        lead, _ = leading_sentences(each.text, _MAX_LENGTH, most)
        found.append(Paragraph((Run(lead),)))
    return found
