"""Parses a weekly forum post that was copied as plain text, or its Markdown source."""

import re
from collections.abc import Iterator

from bot.model.papers import ParseResult
from bot.sources.parsers.discourse.posts import (
    Piece,
    PieceKind,
    build_issue,
    is_section,
    is_summary_section,
)
from bot.sources.parsers.discourse.titles import has_dates

_BULLET = re.compile(r"^(?:[•●▪◦‣*-])\s+(.*)$")
_URL = re.compile(r"^<?(https?://[^\s<>]+|[a-z][a-z0-9+.-]*:[^\s<>]+)>?$", re.IGNORECASE)
_MARKED_LINK = re.compile(r"\[([^\]\n]{0,200})\]\(([^()\s]{1,2000})\)")
_MARKED_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_RULE = re.compile(r"^(?:-{3,}|\*{3,}|_{3,})$")
_END = re.compile(r"^원문$")
_PAPER_LEVEL = 2
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u2060\ufeff"))


def looks_like(text: str) -> bool:
    """Return whether this is a weekly post: with days in brackets, or named parts."""
    head = text[:2000]
    return has_dates(head) or any(is_summary_section(line) for line in text.splitlines())


def parse(text: str, title: str = "", source_url: str = "") -> ParseResult:
    """Parse the week of a plain copy; its title is the first line unless it is given."""
    lines = list(enumerate(text.translate(_INVISIBLE).splitlines(), start=1))
    if not title:
        head = next((place for place, (_, line) in enumerate(lines) if has_dates(line)), None)
        if head is None:
            return build_issue("", ())
        title = lines[head][1]
        lines = lines[head + 1 :]
    filled = [(number, line.strip()) for number, line in lines if line.strip()]
    return build_issue(title, _pieces(filled), source_url)


def _pieces(lines: list[tuple[int, str]]) -> Iterator[Piece]:
    for place, (number, line) in enumerate(lines):
        after = lines[place + 1][1] if place + 1 < len(lines) else ""
        if _END.match(line):
            return
        yield from _piece(number, line, after)


def _piece(number: int, line: str, after: str) -> Iterator[Piece]:
    marked = _MARKED_HEADING.match(line)
    words = marked[2].strip() if marked else line
    if is_section(words):
        yield Piece(PieceKind.SECTION, words, number)
    elif (marked and len(marked[1]) <= _PAPER_LEVEL) or is_summary_section(_unmarked(after)):
        # A plain copy has no marks: a title is what stands before a paper's first part.
        yield Piece(PieceKind.HEADING, words, number)
    elif marked:
        yield Piece(PieceKind.SECTION, words, number)
    elif _RULE.match(line):
        yield Piece(PieceKind.RULE, "", number)
    else:
        yield from _words(number, line)


def _words(number: int, line: str) -> Iterator[Piece]:
    url = _URL.match(line)
    if url:
        yield Piece(PieceKind.LINK, url[1], number)
        return
    # A search for links that there are none of would look far ahead at each of countless brackets.
    for label, address in _MARKED_LINK.findall(line) if "](" in line else ():
        yield Piece(PieceKind.LINK, address, number, label)
    if line.startswith(">"):
        yield Piece(PieceKind.QUOTE, line.lstrip("> "), number)
        return
    bullet = _BULLET.match(line)
    yield Piece(PieceKind.TEXT, bullet[1] if bullet else line, number)


def _unmarked(line: str) -> str:
    marked = _MARKED_HEADING.match(line)
    return marked[2] if marked else line
