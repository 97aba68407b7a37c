"""Reads the HTML that a Discourse forum makes of a post, as pieces in the order of reading."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.sources.parsers.discourse.posts import Piece, PieceKind

_PAPER_LEVELS = frozenset({"h1", "h2"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_FURNITURE = "script, style, svg, a.anchor, .lightbox-wrapper, .meta, iframe"
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u2060\ufeff"))
_BLANKS = re.compile(r"[ \t\r\f\v\u00a0]+")
_DEEPEST = 200
"""Real posts nest a handful of elements; what is deeper is an attack, and is read as text."""


def iter_pieces(html: str) -> Iterator[Piece]:
    """Yield the pieces of a post; its HTML may be damaged in any way."""
    tree = LexborHTMLParser(html)
    if tree.body is None:
        return
    _remove_furniture(tree)
    yield from _children(tree.body, 0)


def _remove_furniture(tree: LexborHTMLParser) -> None:
    """Take the furniture out, and put words in place of pictures."""
    for node in tree.css(_FURNITURE):
        node.decompose()
    for node in tree.css("img"):
        node.replace_with(node.attributes.get("alt") or "" if _is_emoji(node) else "")
    for node in tree.css("br"):
        node.replace_with("\n")


def _is_emoji(node: LexborNode) -> bool:
    return "emoji" in (node.attributes.get("class") or "").split()


def _children(parent: LexborNode, depth: int) -> Iterator[Piece]:
    for node in parent.iter(include_text=True):
        yield from _piece(node, depth)


def _piece(node: LexborNode, depth: int) -> Iterator[Piece]:
    tag = node.tag or ""
    if tag in _HEADINGS:
        kind = PieceKind.HEADING if tag in _PAPER_LEVELS else PieceKind.SECTION
        yield Piece(kind, _words(node))
    elif tag == "hr":
        yield Piece(PieceKind.RULE)
    elif tag == "aside":
        yield from _onebox(node)
    elif tag == "blockquote":
        yield from _paragraphs(node, PieceKind.QUOTE)
    elif tag in {"ul", "ol"}:
        for item in node.css("li"):
            yield from _extract_links_and_tags(item)
            yield Piece(PieceKind.TEXT, "● " + _words(item))
    elif tag in {"div", "section", "article", "details", "main"} and depth < _DEEPEST:
        yield from _children(node, depth + 1)
    else:
        yield from _extract_links_and_tags(node)
        yield from _paragraphs(node, PieceKind.TEXT)


def _onebox(node: LexborNode) -> Iterator[Piece]:
    url = node.attributes.get("data-onebox-src")
    if url:
        yield Piece(PieceKind.LINK, url.strip())
    elif node.css_first("blockquote"):
        yield from _paragraphs(node, PieceKind.QUOTE)


def _extract_links_and_tags(node: LexborNode) -> Iterator[Piece]:
    """Yield the links and tags that stand inside a text, and take the tags out of it."""
    for link in node.css("a"):
        classes = (link.attributes.get("class") or "").split()
        slug = link.attributes.get("data-slug")
        if "hashtag-cooked" in classes or "hashtag" in classes:
            yield Piece(PieceKind.TAG, (slug or link.text().lstrip("#")).strip())
            link.decompose()
            continue
        if not link.attributes.get("href"):
            continue
        label = "" if "inline-onebox" in classes else _words(link)
        url = (link.attributes.get("href") or "").strip()
        yield Piece(PieceKind.LINK, url, label="" if label == url else label)


def _paragraphs(node: LexborNode, kind: PieceKind) -> Iterator[Piece]:
    inner = node.css("p, li") if kind is PieceKind.QUOTE else []
    for each in inner or [node]:
        text = _words(each)
        if text:
            mark = "● " if each.tag == "li" else ""
            yield Piece(kind, mark + text)


def _words(node: LexborNode) -> str:
    text = (node.text(deep=True) or "").translate(_INVISIBLE)
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
