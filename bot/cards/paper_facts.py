"""What a record adds to the cards of its paper: authors, dates, links, abstract, citation."""

from collections.abc import Sequence

from bot.cards.blocks import SEPARATOR, note, paper_url, substitute_label, text_blocks
from bot.cards.locale import Locale
from bot.cards.references import format_reference
from bot.model.card import Action, Block, Button, Card, Code, Control
from bot.model.papers import Link, Paper
from bot.papers import bibtex

_MAX_AUTHORS = 3
"""How many authors are named where there are more than one more."""


def record_lines(locale: Locale, paper: Paper) -> tuple[Block, ...]:
    """Return who wrote a paper, and when and where it came out, in small print."""
    record = paper.record
    if record is None:
        return ()
    day = locale.format_date(record.published) if record.published else ""
    facts = [day, record.category, record.journal]
    place = SEPARATOR.join(["arXiv", *filter(None, facts)]) if record.origin else ""
    return tuple(note(line) for line in (_authors(locale, record.authors), place) if line)


def all_links(paper: Paper) -> tuple[Link, ...]:
    """Return the links of a paper, and those of its record to what they do not lead to."""
    record = paper.record
    if record is None:
        return paper.links
    kinds = {link.kind for link in paper.links}
    more = (Link("pdf", "", record.pdf), Link("code", "", record.repository))
    return (*paper.links, *(link for link in more if link.url and link.kind not in kinds))


def has_abstract(paper: Paper) -> bool:
    """Tell whether there is an abstract of a paper, whoever has it."""
    return bool(any(paper.abstracts.values()) or (paper.record and paper.record.abstract))


def has_inline_abstract(locale: Locale, paper: Paper) -> bool:
    """Tell whether arXiv's abstract stands in the answer itself, and not behind a button.

    It does for whoever reads English where the source gave none, and where there is no summary.
    """
    if not _is_arxiv_abstract(paper):
        return False
    return "en" in locale.languages or not any(paper.summaries.values())


def abstract_blocks(locale: Locale, paper: Paper) -> tuple[Block, ...]:
    """Return the abstract in each language that is read; where it is arXiv's, it says so."""
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
    """Return the way to the citation of a paper, where it would name authors."""
    if not (paper.record and paper.record.authors):
        return ()
    return (
        Button(
            locale.translate("Cite"),
            Action("cite", format_reference(paper, locale.language_choice)),
        ),
    )


def citation_card(locale: Locale, paper: Paper) -> Card:
    """Return a paper as an entry of BibTeX."""
    blocks: list[Block] = [Code(bibtex.format_entry(paper, paper_url(paper)), "bibtex")]
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
