"""Blocks and labels that several cards use."""

import re

from bot.cards.fit import truncate
from bot.cards.locale import Locale, LocalizedText
from bot.lib.marker import _
from bot.model.card import Block, Bullets, LinkButton, Paragraph, Run, Style, Tone
from bot.model.papers import Appearance, Link, Localized, Paper

BULLET = "●"
"""Marks an item of a list inside a text; see `bot.sources`."""

SEPARATOR = " · "

PLACEHOLDER = "\ufffc"
"""Stands in a sentence for the run that `insert_run` puts there."""

_MAX_QUOTED = 100
"""Characters; a longer query is quoted by its beginning."""

_LINK_LABELS = {
    "paper": _("Paper"), "pdf": "PDF", "code": _("Code"), "post": _("Post"),
    "project": _("Project page"), "blog": _("Blog"), "book": _("Book"),
}  # fmt: skip
_LINK_ORDER = {"paper": 0, "pdf": 1, "project": 2, "blog": 3, "book": 3, "code": 4, "post": 5}
"""The kinds of links, the best address of a paper first."""

_SENTENCE = re.compile(r"(?<=[.!?。])\s+(?=\S)")


def localized_blocks(locale: Locale, localized: Localized) -> tuple[Block, ...]:
    """Return a text in each language; a substitute has a label before it."""
    found: list[Block] = []
    for shown in locale.localized_texts(localized):
        if shown.is_substitute:
            found.append(note(substitute_label(locale, shown)))
        found += text_blocks(shown.text)
    return tuple(found)


def text_blocks(text: str) -> tuple[Block, ...]:
    """Return a text as paragraphs and lists."""
    found: list[Block] = []
    for paragraph in re.split(r"\n{2,}", text.strip()):
        items: list[tuple[Run, ...]] = []
        for line in filter(None, (line.strip() for line in paragraph.split("\n"))):
            if line.startswith(BULLET):
                items.append((Run(line.removeprefix(BULLET).strip()),))
                continue
            if items:
                found.append(Bullets(tuple(items)))
                items = []
            found.append(Paragraph((Run(line),)))
        if items:
            found.append(Bullets(tuple(items)))
    return tuple(found)


def substitute_label(locale: Locale, shown: LocalizedText) -> str:
    """Return the label of a text that replaces one in the requested language."""
    if shown.language == "ko":
        return locale.translate("Only in Korean so far:")
    return locale.translate("Only in English so far:")


def quote_query(asked: str) -> str:
    """Return the beginning of what a person wrote, for a reply that quotes it."""
    return truncate(asked, _MAX_QUOTED)


def note(text: str) -> Paragraph:
    """Return a paragraph in small print."""
    return Paragraph((Run(text),), Tone.NOTE)


def insert_run(sentence: str, run: Run) -> tuple[Run, ...]:
    """Return a sentence as runs, with `run` in each place that holds `PLACEHOLDER`."""
    first, *others = sentence.split(PLACEHOLDER)
    found = [Run(first)]
    for text in others:
        found += [run, Run(text)]
    return tuple(each for each in found if each.text)


def heading(text: str) -> Paragraph:
    """Return the heading of a part of a card."""
    return Paragraph((Run(text, Style.STRONG),), Tone.HEADING)


def appearance_label(locale: Locale, appearance: Appearance) -> str:
    """Return the week and position of an appearance."""
    return locale.translate(
        "{week}, no. {position}", week=appearance.week, position=appearance.position
    )


def unlisted_label(locale: Locale) -> str:
    """Return the label of a paper that the archive lacks."""
    return locale.translate("Not in a weekly list")


def tag_line(paper: Paper) -> str:
    """Return the tags of a paper as a line, inferred tags last."""
    return " ".join(f"#{tag}" for tag in paper.all_tags)


def paper_url(paper: Paper) -> str:
    """Return the best address of a paper, or an empty string."""
    best = min(paper.links, key=lambda link: _LINK_ORDER.get(link.kind, 4), default=None)
    return best.url if best else ""


def page_links(locale: Locale, address: str) -> tuple[LinkButton, ...]:
    """Return the link to a web page, by its address after the language; none without pages."""
    if not locale.public_url:
        return ()
    url = f"{locale.public_url}{locale.words[0]}/{address}"
    return (LinkButton(locale.translate("Read on the web"), url),)


def link_label(locale: Locale, link: Link) -> str:
    """Return the label of a link."""
    if known := _LINK_LABELS.get(link.kind):
        return locale.translate(known)
    return link.label or locale.translate("Link")


def leading_sentences(text: str, limit: int, most: int = 2) -> tuple[str, str]:
    """Return the first sentences of a text, within so many characters, and the rest of it.

    The first sentence is cut at a word where it alone is longer; then the rest is all of it.
    """
    line, _, after = text.strip().partition("\n")
    if line.startswith(BULLET):
        return first_sentence(text, limit), text.strip()
    sentences = _SENTENCE.split(line)
    if len(sentences[0]) > limit:
        return first_sentence(text, limit), text.strip()
    count = most
    while count > 1 and len(" ".join(sentences[:count])) > limit:
        count -= 1
    rest = "\n".join(filter(None, [" ".join(sentences[count:]), after.strip()]))
    return " ".join(sentences[:count]), rest


def first_sentence(text: str, limit: int) -> str:
    """Return the first sentence of a text, at most so many characters, shortened at a word."""
    line = text.strip().split("\n", 1)[0].removeprefix(BULLET).strip()
    sentence = _SENTENCE.split(line, maxsplit=1)[0]
    if len(sentence) <= limit:
        return sentence
    head = sentence[:limit].rsplit(" ", 1)[0] or sentence[: limit - 1]
    return head.rstrip(" ,;:.") + "…"
