"""Parses Markdown lists and tables of papers, under headings that may name a week."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.lib.urls import is_safe_url
from bot.model.papers import Link, Problem
from bot.model.weeks import Week, thursday_of
from bot.papers.links import links_in, make_link
from bot.sources.parsers.dair import weeks
from bot.sources.parsers.dair.links import repair_url
from bot.sources.parsers.link_labels import strip_link_labels
from bot.sources.parsers.lists import table
from bot.sources.parsers.lists.identifiers import strip_names
from bot.sources.parsers.lists.listed import ListedPaper, PaperList, monday

FORMS = (
    "- [A title](https://arxiv.org/abs/2310.01889): why it matters",
    "- **A title** - why it matters [Paper](https://arxiv.org/abs/2310.01889)",
    "| Title | Why | Link |",
)
"""Lines that are understood."""

_ISO_WEEK = re.compile(r"\b(20\d\d)[- ]?W(\d{1,2})\b", re.IGNORECASE)
_ISO_DAY = re.compile(r"\b(20\d\d)[-./년]\s*(\d{1,2})[-./월]\s*(\d{1,2})")
_LABEL = re.compile(
    r"^(?:paper|pdf|arxiv|abs|link|code|github|project|page|blog|post|tweet|x|site|논문|링크|코드)$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^\d{1,3}[.)]\s+")
_DIVIDER = re.compile(r"\s[-–—|]\s|:\s")  # noqa: RUF001 (dashes that people write)
_EDGES = " \t\n-–—:|,;()[]"  # noqa: RUF001
_MAX_DEPTH = 50
_LONGEST_TITLE = 300
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class _Inline:
    """The words of a line, and its links."""

    text: str
    strong: str = ""
    """Its first words in bold."""
    links: tuple[Link, ...] = ()
    first_label: str = ""
    """The label of its first link, unless it only says what it leads to."""


def looks_like(text: str) -> bool:
    """Return whether a text has a Markdown list or table with links."""
    return bool(re.search(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+\S|^\s*\|.*\|", text, re.MULTILINE)) and (
        "](" in text or "://" in text or "arxiv" in text.casefold()
    )


def parse(text: str, name: str) -> PaperList:
    """Return the papers of all lists and tables; an item that names none is a problem.

    A heading with the days of a week, or its ISO week, dates what follows; the year may be in the
    file's `name`.
    """
    tokens = MarkdownIt("commonmark", {"maxNesting": _MAX_DEPTH}).enable("table").parse(text)
    reader = _Reader(weeks.year_in_filename(name))
    for node in SyntaxTreeNode(tokens).children:
        reader.read(node)
    return PaperList(tuple(reader.papers), tuple(reader.problems), reader.titles)


class _Reader:
    """Collects the papers of a document, and the problems with them."""

    def __init__(self, year: int | None) -> None:
        self.papers: list[ListedPaper] = []
        self.problems: list[Problem] = []
        self.titles: dict[Week, str] = {}
        self._year = year
        self._day: date | None = None

    def read(self, node: SyntaxTreeNode) -> None:
        """Read a block of the document."""
        if node.type == "heading":
            self._read_heading(_inlines(node)[0].text)
        elif node.type in {"bullet_list", "ordered_list"}:
            for item in node.children:
                self._read_item(_line(item), _inlines(item))
        elif node.type == "table":
            self._read_table(node)
        elif node.type == "blockquote":
            for child in node.children:
                self.read(child)

    def _read_heading(self, title: str) -> None:
        day = _heading_day(title, self._year)
        if day:
            self._day = day
            self.titles[Week.of(monday(day))] = " ".join(title.split())

    def _read_item(self, line: int, inlines: Sequence[_Inline]) -> None:
        """Read an item of a list; its inner items and paragraphs belong to it."""
        paper = _item_paper(line, inlines) if inlines else ListedPaper(line)
        if paper.links:
            self.papers.append(replace(paper, day=self._day))
        else:
            forms = "   ".join(FORMS)
            message = f"“{paper.title[:_SHOWN]}” names no paper; lines look like: {forms}"
            self.problems.append(Problem(line, message, lost=True))

    def _read_table(self, node: SyntaxTreeNode) -> None:
        head, *rows = [row for part in node.children for row in part.children]
        columns = [_cell(cell).text for cell in head.children]
        self.problems += table.unknown_columns(_line(head), columns)
        for row in rows:
            cells = [_cell(cell) for cell in row.children]
            links = [link for cell in cells for link in cell.links]
            texts = [cell.text for cell in cells]
            paper, wrong = table.parse_row(_line(row), columns, texts, links)
            self.papers += [replace(paper, day=paper.day or self._day)] if paper else []
            self.problems += [Problem(_line(row), wrong, lost=True)] if wrong else []


def _line(node: SyntaxTreeNode) -> int:
    return node.map[0] + 1 if node.map else 0


def _cell(node: SyntaxTreeNode) -> _Inline:
    return next(iter(_inlines(node)), _Inline(""))


def _inlines(node: SyntaxTreeNode) -> list[_Inline]:
    """Return the lines of words inside a block, those of inner blocks included."""
    return [_inline(each) for each in node.walk() if each.type == "inline"]


def _inline(node: SyntaxTreeNode) -> _Inline:
    text = _words(node)
    links: list[Link] = []
    for each in node.walk():
        url = repair_url(str(each.attrs.get("href", ""))) if each.type == "link" else ""
        if is_safe_url(url):
            links.append(make_link(url, " ".join(_words(each).split())))
    known = {link.url for link in links}
    links += [link for link in links_in(text) if link.url not in known]
    strong = next((_words(each) for each in node.walk() if each.type == "strong"), "")
    names = [link.label for link in links if not _LABEL.match(link.label)]
    is_named = bool(names) and names[0] in text
    return _Inline(text, strong, tuple(links), names[0] if is_named else "")


def _words(node: SyntaxTreeNode) -> str:
    if node.type in {"softbreak", "hardbreak"}:
        return "\n"
    if node.type == "image":
        return ""
    if node.children:
        return "".join(map(_words, node.children))
    return "" if node.is_root or node.nester_tokens else node.content


def _item_paper(line: int, inlines: Sequence[_Inline]) -> ListedPaper:
    first, *more = inlines
    text = _NUMBER.sub("", first.text.strip())
    title = first.strong or first.first_label
    if title:
        summary = text.replace(title, "", 1)
    else:
        title, *rest = _DIVIDER.split(text.split("\n", 1)[0], maxsplit=1)
        summary = text[len(title) :] if rest else text.partition("\n")[2]
    links = {link.url: link for inline in (first, *more) for link in inline.links}
    for link in links.values():
        summary = summary.replace(link.url, "")
    labels = [link.label for link in links.values() if _LABEL.match(link.label)]
    summary = strip_link_labels(summary, labels)
    parts = [summary.strip(_EDGES), *(_strip_labels(inline) for inline in more)]
    title = " ".join(strip_names(title).strip(_EDGES).split())[:_LONGEST_TITLE]
    return ListedPaper(line, title, tuple(links.values()), "\n\n".join(filter(None, parts)))


def _strip_labels(inline: _Inline) -> str:
    """Return the words of an inner paragraph; nothing if it has links alone."""
    rest = inline.text
    for link in inline.links:
        rest = rest.replace(link.label, "", 1).replace(link.url, "", 1)
    return inline.text.strip() if any(char.isalpha() for char in rest) else ""


def _heading_day(title: str, year: int | None) -> date | None:
    """Return a day of the week that a heading names; None if it names none."""
    if match := _ISO_WEEK.search(title):
        try:
            return thursday_of(Week(int(match[1]), int(match[2])))
        except ValueError:
            return None
    try:
        if match := _ISO_DAY.search(title):
            return date(int(match[1]), int(match[2]), int(match[3]))
        span = weeks.parse_span(title)
        if span and (span.year or year):
            first_year = (span.year or year or 0) - (span.first > span.last)
            return date(first_year, *span.first)
    except ValueError:
        return None
    return None
