"""Extracts the links of the DAIR list, damaged ones included, in linear time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it.common.utils import unescapeAll

from bot.lib.urls import is_safe_url
from bot.model.papers import Link
from bot.papers.identifiers import link_kind

_OPENING = re.compile(r"\[([^\[\]]*)\]\s?\(")
_STOP = re.compile(r"[()\[\s]")
_TAIL = re.compile(r"\s+(?:\"[^\"]*\"\s*)?\)")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_SCHEMELESS = re.compile(r"(?://)?(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}/[^\s:]", re.IGNORECASE)
_BARE = re.compile(r"https?://[^\s<>\[\]|]+", re.IGNORECASE)
_STRAY = " \t*_`(),;&"
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class ExtractedLinks:
    """The links of a text, and the rest of it."""

    text: str
    links: tuple[Link, ...]
    rejected: tuple[str, ...]
    """Destinations that are no plain web address, shortened for messages."""
    is_unclosed: bool = False
    """Whether the last link has no end, as if the text had been truncated."""


@dataclass(frozen=True, slots=True)
class _Match:
    start: int
    end: int
    label: str
    url: str
    is_closed: bool


def extract_from_cell(cell: str) -> ExtractedLinks:
    """Return the links of a cell of links, bare addresses also; `text` is what is left of it."""
    links: list[Link] = []
    rejected: list[str] = []
    rest: list[str] = []
    place, is_unclosed = 0, False
    for match in _matches(cell):
        rest.append(cell[place : match.start])
        place, is_unclosed = match.end, not match.is_closed
        _add_link(match, links, rejected)
    tail = cell[place:]
    is_unclosed = "[" in tail or (is_unclosed and not tail.strip(_STRAY))
    rest.append(tail)
    left = " ".join(rest)
    for bare in _BARE.finditer(left):
        _add_link(_Match(0, 0, "", bare[0].rstrip(".:" + _STRAY), is_closed=True), links, rejected)
    left = _BARE.sub(" ", left)
    return ExtractedLinks(left, tuple(links), tuple(rejected), is_unclosed)


def extract_from_text(text: str) -> ExtractedLinks:
    """Return the links inside a text; `text` keeps their words.

    Brackets whose destination has no scheme, such as `f[i](x)`, are text and stay.
    """
    links: list[Link] = []
    rejected: list[str] = []
    kept: list[str] = []
    place = 0
    for match in _matches(text):
        if _SCHEME.match(match.url):
            kept += text[place : match.start], match.label
            place = match.end
            _add_link(match, links, rejected)
    kept.append(text[place:])
    return ExtractedLinks("".join(kept), tuple(links), tuple(rejected))


def repair_url(url: str) -> str:
    """Return an address without Markdown's escapes, with its scheme, and without a full stop."""
    url = unescapeAll(url.strip()).rstrip(".,;:")
    if _SCHEMELESS.match(url):
        return "https://" + url.lstrip("/")
    return url


def shorten(text: str) -> str:
    """Return a text as a message shows it: one line of at most 80 characters."""
    line = " ".join(text[: 2 * _SHOWN].split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def _matches(text: str) -> Iterator[_Match]:
    place = 0
    while opening := _OPENING.search(text, place):
        end, url, is_closed = _destination(text, opening.end())
        yield _Match(opening.start(), end, opening[1], url.strip("<>"), is_closed)
        place = end


def _destination(text: str, begin: int) -> tuple[int, str, bool]:
    """Read what stands between the parentheses: where it ends, the address, whether it is closed.

    An address may hold parentheses in pairs. One that is never closed ends at the first blank or
    bracket, so that the links after it survive.
    """
    # A second parenthesis is a slip: no address begins with one.
    while begin < len(text) and (text[begin].isspace() or text[begin] == "("):
        begin += 1
    depth = 0
    for stop in _STOP.finditer(text, begin):
        if stop[0] == "(":
            depth += 1
        elif stop[0] == ")" and depth:
            depth -= 1
        elif stop[0] == ")":
            return stop.end(), text[begin : stop.start()], True
        elif tail := _TAIL.match(text, stop.start()):
            return tail.end(), text[begin : stop.start()], True
        else:
            return stop.start(), text[begin : stop.start()].rstrip(",;"), False
    return len(text), text[begin:], False


def _add_link(match: _Match, links: list[Link], rejected: list[str]) -> None:
    label = " ".join(match.label.split()).strip(_STRAY)
    url = repair_url(match.url)
    if is_safe_url(url):
        links.append(Link(link_kind(label, url), label, url))
    elif match.url:
        rejected.append(shorten(match.url))
