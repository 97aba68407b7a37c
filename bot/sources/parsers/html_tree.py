"""Parses HTML with bounds: the parser's time grows with the square of the nesting."""

import re

from selectolax.lexbor import LexborHTMLParser

from bot.sources.parsers.errors import UnreadableSource

MAX_DEPTH = 100
"""The deepest nesting of block elements that is parsed; real pages have about a dozen."""

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
_UNCOUNTED = frozenset(
    {
    # void elements, and those whose end tag may be left out: siblings, not nested elements
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
        "track", "wbr", "p", "li", "dt", "dd", "option", "optgroup", "tr", "td", "th", "thead",
        "tbody", "tfoot", "html", "head", "body",
    }
)  # fmt: skip
_FORMATTING = re.compile(
    r"</?(?:abbr|b|bdi|bdo|big|cite|del|dfn|em|font|i|ins|kbd|mark|nobr|q|s|samp|small|strike|"
    r"strong|sub|sup|tt|u|var)(?=[\s/>])[^<>]*>",
    re.IGNORECASE,
)
"""Elements without meaning here. The parser repeats unclosed ones in every paragraph."""
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)


def looks_like_page(body: bytes) -> bool:
    """Return whether a response is a whole web page."""
    return bool(_PAGE.match(body[:2000]))


def parse_html(text: str) -> LexborHTMLParser:
    """Parse HTML of any quality, without formatting elements.

    Raises UnreadableSource if it is nested deeper than `MAX_DEPTH` or cannot be parsed.
    """
    text = _FORMATTING.sub("", text)
    if nesting(text) > MAX_DEPTH:
        raise UnreadableSource("its HTML is nested too deep to be a post.")
    try:
        return LexborHTMLParser(text)
    except (RuntimeError, ValueError):
        raise UnreadableSource("its HTML cannot be parsed.") from None


def nesting(text: str) -> int:
    """Return an upper bound for the nesting of elements, in linear time.

    An end tag ends only an element of its own name, so that stray ones hide no nesting.
    """
    open_elements: dict[str, int] = {}
    depth = deepest = 0
    for match in _TAG.finditer(text):
        name = match[2].lower()
        if name in _UNCOUNTED:
            continue
        count = open_elements.get(name, 0)
        if not match[1]:
            open_elements[name] = count + 1
            depth += 1
            deepest = max(deepest, depth)
        elif count:
            open_elements[name] = count - 1
            depth -= 1
    return deepest
