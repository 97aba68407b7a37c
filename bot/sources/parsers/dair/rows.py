"""Parses a row of the DAIR list: a paper, and the slips in it."""

import re
from dataclasses import dataclass

from bot.model.papers import Link, Paper
from bot.papers.identifiers import paper_keys
from bot.sources.parsers.dair.links import (
    ExtractedLinks,
    extract_from_cell,
    extract_from_text,
    shorten,
)
from bot.sources.parsers.short_names import nickname_of

LANGUAGE = "en"

_NUMBERED = re.compile(r"\|?\s*(?:\*{1,4}\s*)?[0-9]{1,3}\s*[.)]+(?![0-9])")
_NUMBER = re.compile(r"(\*{0,4})\s*([0-9]{1,3})\s*[.)]+(?![0-9])\s*")
_SEPARATOR = re.compile(r"\s[-–—]+\s|\s{2,}|<br", re.IGNORECASE)  # noqa: RUF001 (real dashes)
_LEADING = " \t-–—:"  # noqa: RUF001
_BREAK = re.compile(r"<br\s*/?>|\s(?=\s●)", re.IGNORECASE)
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,2})(?![\s*])([^*\n]{1,200})(?<!\s)\1(?![\w*])")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_WORD = re.compile(r"[^\W_]{2}")
_OPENER = re.compile(r"\s(?=(?:This (?:paper|work|study)|Introduces|Presents|Proposes)\b)")
_LONGEST_TITLE = 140
"""The longest true title of the known history has 134 characters."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A slip in a row."""

    message: str
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A parsed row."""

    number: int | None
    """The position that is written in it, from 1."""
    paper: Paper | None
    """None if the row cannot be used; then a remark says why."""
    remarks: tuple[RowProblem, ...]


def is_numbered(line: str) -> bool:
    """Return whether a line is a row that begins with a paper's number."""
    line = line.lstrip()
    return bool(_NUMBERED.match(line)) and "|" in line


def is_row(line: str) -> bool:
    """Return whether a line of a week's table is a row: no header, delimiter or blank row."""
    if not line.lstrip().startswith("|"):
        return is_numbered(line)
    if not line.strip("|-:= \t"):
        return False
    first = line.lstrip("| \t").split("|", 1)[0]
    return first.strip(" \t*_").casefold() not in {"paper", "papers"}


def is_delimiter(line: str) -> bool:
    """Return whether a line divides the header of a table from its rows."""
    return line.count("-") > 1 and not line.strip("|-:= \t") and "|" in line


def header_cells(line: str) -> tuple[str, ...]:
    """Return the names of a table's columns."""
    return tuple(cell.strip(" \t*_") for cell in line.strip().strip("|").split("|"))


def parse_row(line: str) -> Row:
    """Parse a row.

    The last cell holds the links, so an unescaped `|` before it belongs to the summary. Texts
    come without markup: `<br>` is a line break, bullets keep their `●` and stand on lines of
    their own, runs of blanks become one, and other tags are text.
    """
    body, cell, is_closed = _cells(line)
    text, found = extract_from_text(body), extract_from_cell(cell)
    number, opened, rest = _number(text.text)
    if not is_closed and (not cell or found.is_unclosed):
        return Row(number, None, (RowProblem("this row breaks off before its end.", lost=True),))
    title, summary, is_divided = _split_title(opened + rest)
    if not title:
        return Row(number, None, (RowProblem("this row has no title.", lost=True),))
    remarks = list(_row_problems(text, found))
    if is_divided:
        remarks.append(RowProblem("the title held its summary; it was divided where that begins."))
    return Row(number, _paper(title, summary, found.links, text.links), tuple(remarks))


def _cells(line: str) -> tuple[str, str, bool]:
    """Return the text and the links of a row, and whether a `|` closes it."""
    whole = line.strip().lstrip("| \t")
    bare = whole.rstrip("| \t")
    is_closed = bare != whole
    if is_closed and bare.endswith("\\"):
        bare += "|"
    bar = bare.rfind("|")
    while bar > 0 and bare[bar - 1] == "\\":
        bar = bare.rfind("|", 0, bar)
    cell = bare[bar + 1 :]
    if bar < 0 or not cell.lstrip(" \t*_(,-").startswith(("[", "http", "<http")):
        return bare, "", is_closed
    return bare[:bar], cell, is_closed


def _number(text: str) -> tuple[int | None, str, str]:
    """Return the number of a row, the marks that were opened before it, and the rest."""
    text = text.strip()
    match = _NUMBER.match(text)
    if match is None:
        return None, "", text
    opened, rest = match[1], text[match.end() :]
    if opened and rest.startswith(opened):  # the number alone is set in stars
        opened, rest = "", rest[len(opened) :].lstrip()
    return int(match[2]) or None, opened, rest


def _split_title(text: str) -> tuple[str, str, bool]:
    """Return title, summary, and whether the division between them was guessed."""
    title, summary = _split_at_bold(text) or _split_at_separator(text)
    opener = _OPENER.search(title) if len(title) > _LONGEST_TITLE else None
    if opener:
        summary = f"{title[opener.start() :]} {summary.lstrip(_LEADING)}"
        title = title[: opener.start()]
    return _line(title).strip(_LEADING), _lines(summary.lstrip(_LEADING)), opener is not None


def _split_at_bold(text: str) -> tuple[str, str] | None:
    """Divide where the title is set in stars; they may differ in number before and after it."""
    bare = text.lstrip("*")
    stars = len(text) - len(bare)
    first = _BREAK.split(bare, maxsplit=1)[0]
    closing = re.search(r"\*+" if stars == 1 else r"\*{2,}", first) if stars else None
    if closing is None or not first[: closing.start()].strip():
        return None
    return first[: closing.start()], bare[closing.end() :]


def _split_at_separator(text: str) -> tuple[str, str]:
    """Divide at the first dash between blanks, double blank or line break."""
    text = text.lstrip("*" + _LEADING)
    separator = _SEPARATOR.search(text)
    if separator is None:
        return text, ""
    title = text[: separator.start()]
    if len(title) > _LONGEST_TITLE and (opener := _OPENER.search(title)):
        return text[: opener.start()], text[opener.start() :]
    return title, text[separator.start() :]


def _line(text: str) -> str:
    plain = _EMPHASIS.sub(r"\2", " ".join(text.split()))
    return _ESCAPE.sub(r"\1", plain).strip()


def _lines(text: str) -> str:
    lines = (_line(part) for part in _BREAK.split(text))
    return "\n".join(line for line in lines if line)


def _row_problems(text: ExtractedLinks, cell: ExtractedLinks) -> list[RowProblem]:
    remarks = [
        RowProblem(f"the link '{url}' is no plain web address; it was left out.", lost=True)
        for url in (*cell.rejected, *text.rejected)
    ]
    if _WORD.search(cell.text):
        remarks.append(
            RowProblem(f"'{shorten(cell.text)}' beside the links was left out.", lost=True),
        )
    if cell.is_unclosed:
        remarks.append(RowProblem("the last link is not closed; it may have been cut."))
    if not cell.links and not text.links:
        remarks.append(RowProblem("the row has no link; the paper is known by its title alone."))
    return remarks


def _paper(title: str, summary: str, links: tuple[Link, ...], inside: tuple[Link, ...]) -> Paper:
    """Make the paper; links inside its summary name it only where its own cell names nothing."""
    known = {link.url for link in links}
    together = (*links, *(link for link in inside if link.url not in known))
    is_named = any(link.kind != "post" for link in links)
    key, *aliases = paper_keys(links if is_named else together, title)
    return Paper(
        key=key,
        aliases=tuple(aliases),
        titles={LANGUAGE: title},
        nickname=nickname_of(title),
        summaries={LANGUAGE: summary} if summary else {},
        links=together,
    )
