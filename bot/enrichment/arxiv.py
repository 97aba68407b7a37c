"""Parses responses of the arXiv API: an Atom feed, or one of its error forms.

See https://info.arxiv.org/help/api/user-manual.html.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.lib.urls import find_urls, is_safe_url
from bot.model.papers import MetadataProvider, Record
from bot.papers.identifiers import link_kind

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_FEED = f"{_ATOM}feed"
_BUSY = "rate exceeded"
_ERRORS = "/api/errors"
"""Part of the id of an entry that is an error, which may come with status 200."""

_ID = re.compile(r"/abs/(.+?)(?:v\d+)?$")
_CLASS = re.compile(r"\.[A-Z]{2}(?=/)")
"""The subject class of an old id, `.GT` of `math.GT/0309136`, which responses leave out."""

_CATEGORY = re.compile(r"[a-z][a-z-]*(?:\.[A-Za-z][A-Za-z-]*)?")
"""Other terms are classes of other schemes, such as `I.2.7` of the ACM."""

_BRACE = re.compile(r"[{}\\]")
"""What ends an address in LaTeX."""

_PARAGRAPH = re.compile(r"\n[ \t]*\n|\n[ \t]+")
"""In an abstract a line that begins with blanks begins a paragraph."""


class RateExceeded(Exception):
    """ArXiv answered `Rate exceeded.`, with status 200."""


class InvalidResponse(ValueError):
    """The response is no Atom feed."""


@dataclass(frozen=True, slots=True)
class QueryResponse:
    """A response."""

    records: Mapping[str, Record]
    """By the ids of the query; ids that arXiv does not know are left out."""
    errors: tuple[str, ...] = ()
    """What arXiv says is wrong with the query; there are no records then."""


def query_id(number: str) -> str:
    """Return an id as arXiv writes it: an old one without its subject class."""
    return _CLASS.sub("", number)


def parse_response(body: bytes, asked: Iterable[str]) -> QueryResponse:
    """Return the records of these ids. Raises RateExceeded or InvalidResponse."""
    root = _feed(_text(body))
    wanted = {query_id(number): number for number in asked}
    records: dict[str, Record] = {}
    errors: list[str] = []
    for entry in root.iterfind(f"{_ATOM}entry"):
        address = _words(entry, f"{_ATOM}id")
        if _ERRORS in address:
            errors.append(_words(entry, f"{_ATOM}summary") or address)
        elif (match := _ID.search(address)) and query_id(match[1]) in wanted:
            number = query_id(match[1])
            records[wanted[number]] = _record(entry, number)
    return QueryResponse({} if errors else records, tuple(errors))


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidResponse("it is not UTF-8") from None
    if text.strip().lower().startswith(_BUSY):
        raise RateExceeded
    # Without a document type there are no entities of its own, and so none that grow.
    if "<!DOCTYPE" in text or "\x00" in text:
        raise InvalidResponse("it has a document type, which no feed needs")
    return text


def _feed(text: str) -> ET.Element:
    try:
        root = ET.fromstring(text)  # noqa: S314 - see `_text`
    except (ET.ParseError, ValueError):
        raise InvalidResponse("it is not XML") from None
    if root.tag != _FEED:
        raise InvalidResponse("it is no Atom feed")
    return root


def _record(entry: ET.Element, number: str) -> Record:
    abstract = _paragraphs(entry.findtext(f"{_ATOM}summary", ""))
    comment = _words(entry, f"{_ARXIV}comment")
    first = entry.find(f"{_ARXIV}primary_category")
    category = _categories([first])[:1] if first is not None else ()
    others = _categories(entry.iterfind(f"{_ATOM}category"))
    categories = tuple(dict.fromkeys((*category, *others)))
    return Record(
        origin=MetadataProvider.ARXIV,
        title=_words(entry, f"{_ATOM}title"),
        abstract=abstract,
        authors=_authors(entry),
        published=_day(_words(entry, f"{_ATOM}published")),
        updated=_day(_words(entry, f"{_ATOM}updated")),
        category=next(iter(categories), ""),
        categories=categories,
        doi=_words(entry, f"{_ARXIV}doi").split(" ")[0],
        journal=_words(entry, f"{_ARXIV}journal_ref"),
        comment=comment,
        pdf=f"https://arxiv.org/pdf/{number}" if _has_pdf(entry) else "",
        repository=find_repository_url([comment, abstract]),
    )


def find_repository_url(texts: Sequence[str]) -> str:
    """Return the first URL of a code repository in these texts, or an empty string."""
    found = (_BRACE.split(text[start:end])[0] for text in texts for start, end in find_urls(text))
    return next((url for url in found if is_repository_url(url)), "")


def is_repository_url(url: str) -> bool:
    """Return whether a URL is that of a code repository, not only of its host."""
    return is_safe_url(url) and link_kind("", url) == "code" and url.rstrip("/").count("/") > 3  # noqa: PLR2004 - https://host/owner/name


def _authors(entry: ET.Element) -> tuple[str, ...]:
    names = (_words(author, f"{_ATOM}name") for author in entry.iterfind(f"{_ATOM}author"))
    # Lists of collaborations have punctuation among their authors: "DeepSeek-AI", ":", ...
    return tuple(name for name in names if any(char.isalpha() for char in name))


def _categories(found: Iterable[ET.Element]) -> tuple[str, ...]:
    terms = (each.get("term", "") for each in found)
    return tuple(term for term in terms if _CATEGORY.fullmatch(term))


def _has_pdf(entry: ET.Element) -> bool:
    return any(link.get("title") == "pdf" for link in entry.iterfind(f"{_ATOM}link"))


def _words(parent: ET.Element, name: str) -> str:
    """Return the text of a child on one line; responses are wrapped at 80 columns."""
    return " ".join(parent.findtext(name, "").split())


def _paragraphs(text: str) -> str:
    parts = (" ".join(part.split()) for part in _PARAGRAPH.split(text.strip()))
    return "\n\n".join(filter(None, parts))


def _day(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
