"""Parses a plain list of arXiv ids, DOIs or addresses, one paper a line."""

import re

from bot.model.papers import Problem
from bot.papers.links import links_in
from bot.sources.parsers.lists.listed import ListedPaper, PaperList

FORMS = ("2310.01889", "https://arxiv.org/abs/2310.01889", "10.1038/s41586-023-06415-8 A title")
"""Lines that are understood."""

_MARK = re.compile(r"^\s*(?:[-*+•●]\s+|\d{1,3}[.)]\s+)?")
_NAMED = re.compile(
    r"<?https?://\S+|\barxiv:\s*\S+|\bdoi:\s*\S+|\b10\.\d{4,9}/\S+|"
    # a particle of Korean may follow an id
    r"(?<![a-z0-9_])(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?(?![a-z0-9_])",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(r"\s*(?:[-*+]\s|\d{1,3}[.)]\s|\|)")
_SEPARATORS = " \t-–—:|,;()[]"  # noqa: RUF001 (dashes that people write)
_CATEGORY = re.compile(r"\[[a-z-]{2,10}\.[A-Za-z-]{2,10}\]")
"""A category as arXiv writes it after an id."""

_LETTER = re.compile(r"[^\W_]")
_MIN_LETTERS = 2
"""A particle or a sign after an id is no title."""

_SHOWN = 60
_MAX_LINE = 2000


def looks_like(text: str) -> bool:
    """Return whether most lines name a paper by an id or an address."""
    lines = [line for line in text.splitlines() if line.strip() and not _is_comment(line)]
    named = [line for line in lines if _NAMED.search(line[:_MAX_LINE])]
    is_plain = any(not _MARKDOWN.match(line) for line in named)  # else it is read as Markdown
    return is_plain and len(named) * 2 >= len(lines)


def strip_names(text: str) -> str:
    """Return a text without ids and addresses."""
    return _NAMED.sub(" ", text)


def parse(text: str) -> PaperList:
    """Return the papers; a line without an id or address is a problem. Lines with # are notes."""
    papers, problems = [], []
    lines = (line[:_MAX_LINE] for line in text.splitlines())
    for number, line in enumerate(lines, start=1):
        if not line.strip() or _is_comment(line):
            continue
        links = links_in(_NAMED_ID.sub(r"\1 ", line))
        if not links:
            forms = " | ".join(FORMS)
            message = f"“{line.strip()[:_SHOWN]}” names no paper; lines look like: {forms}"
            problems.append(Problem(number, message, lost=True))
            continue
        title = _title(line)
        if title:
            papers.append(ListedPaper(number, title, links))
        else:  # several papers may stand in a line
            papers += [ListedPaper(number, "", (link,)) for link in links]
    return PaperList(tuple(papers), tuple(problems))


_NAMED_ID = re.compile(r"\b(?:arxiv|doi):\s*(\S+)", re.IGNORECASE)


def _title(line: str) -> str:
    """Return what a line says beside ids and addresses, unless that is no title."""
    text = _CATEGORY.sub(" ", _NAMED.sub(" ", _MARK.sub("", line)))
    title = " ".join(text.strip(_SEPARATORS).split())
    return title if len(_LETTER.findall(title)) >= _MIN_LETTERS else ""


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")
