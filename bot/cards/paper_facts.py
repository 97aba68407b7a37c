"""Blocks and buttons from the record of a paper: authors, dates, links, abstract, citation."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.cards.blocks import SEPARATOR, note, paper_url, substitute_label, text_blocks
from bot.cards.locale import Locale
from bot.cards.references import format_reference
from bot.cards.retractions import retraction_blocks
from bot.lib.deferred import DeferredModule
from bot.model.card import Action, Block, Button, Card, Code, Control
from bot.model.papers import Link, Paper

if TYPE_CHECKING:
    from bot.papers import bibtex
else:
    # Its parser takes a while to import, and few cards have a citation.
    bibtex = DeferredModule("bot.papers.bibtex")

_MAX_AUTHORS = 3
"""How many authors are named if there are at least two more."""


def record_lines(locale: Locale, paper: Paper) -> tuple[Block, ...]:
    """Return the authors, date and place of publication as notes."""
    record = paper.record
    if record is None:
        return ()
    day = locale.format_date(record.published) if record.published else ""
    facts = [day, record.category, record.journal]
    place = SEPARATOR.join(["arXiv", *filter(None, facts)]) if record.origin else ""
    return tuple(note(line) for line in (_authors(locale, record.authors), place) if line)


def all_links(paper: Paper) -> tuple[Link, ...]:
    """Return the links of a paper, and those of its record whose kind it lacks."""
    record = paper.record
    if record is None:
        return paper.links
    kinds = {link.kind for link in paper.links}
    more = (Link("pdf", "", record.pdf), Link("code", "", record.repository))
    return (*paper.links, *(link for link in more if link.url and link.kind not in kinds))


def has_abstract(paper: Paper) -> bool:
    """Tell whether a paper has an abstract, from a source or from its record."""
    return bool(any(paper.abstracts.values()) or (paper.record and paper.record.abstract))


def has_inline_abstract(locale: Locale, paper: Paper) -> bool:
    """Tell whether arXiv's abstract is part of the card, and not behind a button.

    It is if the source gave no abstract and either English is shown or there is no summary.
    """
    if not _is_arxiv_abstract(paper):
        return False
    return "en" in locale.languages or not any(paper.summaries.values())


def abstract_blocks(locale: Locale, paper: Paper) -> tuple[Block, ...]:
    """Return the abstract in each language, labelled if it is arXiv's."""
    texts = dict(paper.abstracts)
    if _is_arxiv_abstract(paper) and paper.record:
        texts["en"] = paper.record.abstract
    found: list[Block] = []
    for shown in locale.localized_texts(texts):
        if shown.is_substitute:
            found.append(note(substitute_label(locale, shown)))
        if shown.language == "en" and _is_arxiv_abstract(paper):
            found.append(note(locale.translate("The abstract on arXiv:")))
        found += text_blocks(shown.text)
    return tuple(found)


def citation_buttons(locale: Locale, paper: Paper) -> tuple[Control, ...]:
    """Return the button for the citation of a paper; none if its authors are unknown."""
    if not (paper.record and paper.record.authors):
        return ()
    return (
        Button(
            locale.translate("Cite"),
            Action("cite", format_reference(paper, locale.language_choice)),
        ),
    )


def citation_card(locale: Locale, paper: Paper) -> Card:
    """Return the BibTeX entry of a paper."""
    blocks: list[Block] = [
        *retraction_blocks(locale, paper.retraction),
        Code(bibtex.format_entry(paper, paper_url(paper)), "bibtex"),
    ]
    if not (paper.record and paper.record.authors):
        blocks.append(note(locale.translate("Its authors are not known yet.")))
    back = Button(
        locale.translate("Summary"),
        Action("paper", format_reference(paper, locale.language_choice)),
    )
    return Card(
        locale.first_text(paper.titles) or paper.key,
        paper_url(paper),
        tuple(blocks),
        controls=(back,),
    )


def _is_arxiv_abstract(paper: Paper) -> bool:
    return bool(paper.record and paper.record.abstract and not paper.abstracts.get("en"))


def _authors(locale: Locale, names: Sequence[str]) -> str:
    rest = len(names) - _MAX_AUTHORS
    if rest <= 1:
        return ", ".join(names)
    others = locale.translate_plural("and {number} other", "and {number} others", rest)
    return f"{', '.join(names[:_MAX_AUTHORS])} {others}"
