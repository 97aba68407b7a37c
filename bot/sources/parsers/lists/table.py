"""Parses tables of papers: CSV and TSV, and the rows of other tables by their columns' names."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date

from bot.model.papers import Link, Problem
from bot.model.weeks import Week, thursday_of
from bot.model.weeks import parse as parse_week
from bot.papers.links import links_in
from bot.sources.parsers.lists.listed import ListedPaper, PaperList

COLUMNS = {
    "title": ("title", "paper", "papers", "paper title", "name", "제목", "논문", "논문 제목"),
    "link": (
        "link", "links", "url", "urls", "address", "arxiv", "arxiv id", "arxiv_id", "doi", "id",
        "pdf", "code", "paper link", "paper url", "링크", "주소",
    ),
    "summary": (
        "summary", "why", "note", "notes", "comment", "comments", "description", "tldr", "tl;dr",
        "요약", "설명", "이유", "메모", "한줄 요약",
    ),
    "abstract": ("abstract", "초록"),
    "tags": ("tags", "tag", "topics", "topic", "keywords", "category", "태그", "분류", "주제"),
    "day": ("week", "date", "day", "주", "주차", "날짜"),
}  # fmt: skip
"""The names of columns, in small letters, by what they hold."""

_ROLE = {name: role for role, names in COLUMNS.items() for name in names}
_TAG_SEPARATOR = re.compile(r"[;,/|]\s*")
_MAX_FIELD = 200_000


_MARKDOWN_LINK = re.compile(r"\[([^\[\]]+)\]\((\S+)\)")


def looks_like(text: str) -> bool:
    """Return whether the first line names columns, of which a title or a link is one."""
    head = text.lstrip("\ufeff").split("\n", 1)[0].rstrip("\r")
    if "," not in head and "\t" not in head and ";" not in head:
        return False
    try:
        roles = column_roles(next(csv.reader([head], delimiter=_delimiter(head)), []))
    except csv.Error:
        return False
    return bool({"title", "link"} & set(roles)) and len(roles) > 1


def parse(text: str) -> PaperList:
    """Return the papers of a CSV or TSV file whose first line names the columns."""
    text = text.lstrip("\ufeff")
    head = text.split("\n", 1)[0]
    csv.field_size_limit(_MAX_FIELD)
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=_delimiter(head))
    papers: list[ListedPaper] = []
    problems: list[Problem] = []
    try:
        names = next(reader, [])
        problems += unknown_columns(1, names)
        line = reader.line_num
        for row in reader:
            number, line = line + 1, reader.line_num
            if not any(cell.strip() for cell in row):
                continue
            paper, wrong = parse_row(number, names, row)
            papers += [paper] if paper else []
            problems += [Problem(number, wrong, lost=True)] if wrong else []
    except csv.Error as error:
        problems.append(Problem(reader.line_num, f"the table is damaged: {error}.", lost=True))
    return PaperList(tuple(papers), tuple(problems))


def column_roles(names: Sequence[str]) -> dict[str, list[int]]:
    """Return the places of the columns that hold a title, links and so on."""
    found: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        role = _ROLE.get(" ".join(name.strip(" *_`#:").casefold().split()))
        if role:
            found.setdefault(role, []).append(place)
    return found


def unknown_columns(line: int, names: Sequence[str]) -> list[Problem]:
    """Return a problem that names the columns that are not read."""
    roles = column_roles(names)
    known = {place for places in roles.values() for place in places}
    unread = [name.strip() for place, name in enumerate(names) if place not in known]
    unread = [name for name in unread if name.strip("#.") and name.casefold() not in _NUMBERS]
    if not unread:
        return []
    return [Problem(line, f"columns that are not read: {', '.join(unread)[:80]}.")]


def parse_row(
    line: int, names: Sequence[str], cells: Sequence[str], links: Sequence[Link] = ()
) -> tuple[ListedPaper | None, str]:
    """Return the paper of a row and what is wrong with it; `links` are those found in it."""
    roles = column_roles(names)
    values = {
        role: [cells[place].strip() for place in places if place < len(cells)]
        for role, places in roles.items()
    }
    title = " ".join(" ".join(values.get("title", [])).split())
    if match := _MARKDOWN_LINK.fullmatch(title):
        title, links = match[1], (*links, *links_in(match[2]))
    found = (*links, *(link for text in values.get("link", []) for link in links_in(text)))
    found = found or links_in(title)
    if not title and not found:
        return None, "this row has no title and no address."
    day, is_understood = _day(values)
    paper = ListedPaper(
        line,
        title,
        tuple({link.url: link for link in found}.values()),
        "\n\n".join(filter(None, values.get("summary", []))),
        "\n\n".join(filter(None, values.get("abstract", []))),
        _tags(values.get("tags", [])),
        day,
    )
    if is_understood:
        return paper, ""
    return paper, f"“{values['day'][0][:40]}” is no day or week such as 2026-06-21 or 2026-W26."


_NUMBERS = frozenset({"no", "nr", "number", "rank", "position", "번호", "순위"})


def _tags(texts: Sequence[str]) -> tuple[str, ...]:
    words = [word for text in texts for word in _TAG_SEPARATOR.split(text)]
    slugs = ("-".join(word.strip(" #").casefold().split()) for word in words)
    return tuple(dict.fromkeys(filter(None, slugs)))


def _day(values: Mapping[str, Sequence[str]]) -> tuple[date | None, bool]:
    """Return the day of a row, and whether what it has for one was understood."""
    text = next(filter(None, values.get("day", [])), "")
    if not text:
        return None, True
    found = parse_week(text[:40])
    if isinstance(found, Week):
        return thursday_of(found), True
    return (found, True) if isinstance(found, date) else (None, False)


def _delimiter(head: str) -> str:
    return max("\t,;", key=head.count)
