"""Reads the HTML of a forum post or newsletter as pieces, in the order of reading."""

import re
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborNode

from bot.sources.parsers.discourse.posts import Piece, PieceKind
from bot.sources.parsers.html_tree import parse_html
from bot.sources.parsers.languages import language_of

_PAPER_LEVELS = frozenset({"h1", "h2"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LISTS = frozenset({"ul", "ol", "menu"})
_BLOCKS = frozenset(
    {
        "address", "article", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset",
        "figcaption", "figure", "footer", "header", "main", "nav", "p", "pre", "section",
        "summary", "table", "tbody", "tfoot", "thead", "tr",
    }
)  # fmt: skip
_FURNITURE = frozenset(
    {
        "button", "form", "head", "iframe", "input", "noscript", "object", "script", "select",
        "style", "svg", "template", "textarea", "title", "video", "audio",
    }
)  # fmt: skip
_FURNITURE_CLASSES = frozenset(
    {
        "anchor", "lightbox-wrapper", "meta", "button", "button-wrapper", "share", "share-button",
        "subscribe-widget", "subscription-widget", "subscription-widget-wrap",
        "captioned-button-wrap", "image-link",
    }
)  # fmt: skip
_BUTTON_TEXT = re.compile(
    r"(?:Share|Subscribe|Subscribe now|Leave a comment|Read more)", re.IGNORECASE
)
_BOILERPLATE = re.compile(
    r"(?:Thanks for reading\b.*|.*\bis a reader-supported publication\b.*|"
    r".*\bTo receive new posts and support my work, consider becoming\b.*)",
    re.IGNORECASE,
)
_EMOJI_NAME = re.compile(r":[\w+-]+:")
_IMAGE_URL = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|avif)(?:[?#]|$)", re.IGNORECASE)
_IMAGE_HOSTS = ("https://substackcdn.com/image/", "https://cdn.substack.com/image/")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u2060\ufeff"))
_BLANKS = re.compile(r"[ \t\r\f\v\u00a0\u3000]+")
_BULLET = "● "


def iter_pieces(html: str) -> Iterator[Piece]:
    """Yield the pieces of a post, whose HTML may be damaged.

    The links and tags of a paragraph come before its words. Buttons, images, names of emoji and
    a newsletter's own advertisement are left out. Raises
    `bot.sources.parsers.errors.UnreadableSource` if it is nested too deep.
    """
    body = parse_html(html).body
    if body is None:
        return iter(())
    reader = _Reader()
    reader.read_children(body, PieceKind.TEXT)
    reader.end_paragraph(PieceKind.TEXT)
    return iter(reader.pieces)


class _Reader:
    """Collects pieces; the words of a paragraph are gathered until a block begins or ends."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self._words: list[str] = []
        self._bullet = ""

    def read_children(self, parent: LexborNode, kind: PieceKind) -> None:
        """Read the children of an element; `kind` is that of its paragraphs."""
        for node in parent.iter(include_text=True):
            self._read(node, kind)

    def end_paragraph(self, kind: PieceKind) -> None:
        """Add the paragraph that was gathered, if it has words."""
        if not self._words:
            return
        text = _normalise("".join(self._words))
        self._words.clear()
        if not text or _BUTTON_TEXT.fullmatch(text) or _BOILERPLATE.fullmatch(text):
            return
        self.pieces.append(Piece(kind, self._bullet + text))
        self._bullet = ""

    def _read(self, node: LexborNode, kind: PieceKind) -> None:
        tag = node.tag or ""
        if tag == "-text":
            self._words.append(node.text_content or "")
        elif tag in _FURNITURE or not _FURNITURE_CLASSES.isdisjoint(_classes(node)):
            return
        elif tag in _INLINE:
            self._read_inline(tag, node)
        elif tag in _HEADINGS or tag in _LISTS or tag in _BLOCKS or tag in _STRUCTURE:
            self.end_paragraph(kind)
            self._read_block(tag, node, kind)
            self.end_paragraph(kind)
        else:
            self.read_children(node, kind)

    def _read_inline(self, tag: str, node: LexborNode) -> None:
        if tag == "br":
            self._words.append("\n")
        elif tag == "img":
            alt = node.attributes.get("alt") or ""
            is_emoji = "emoji" in _classes(node) and not _EMOJI_NAME.fullmatch(alt)
            self._words.append(alt if is_emoji else "")
        else:
            self._read_link(node)

    def _read_block(self, tag: str, node: LexborNode, kind: PieceKind) -> None:
        if tag in _HEADINGS:
            level = PieceKind.HEADING if tag in _PAPER_LEVELS else PieceKind.SECTION
            self.pieces.append(Piece(level, _heading_text(node)))
        elif tag == "hr":
            self.pieces.append(Piece(PieceKind.RULE))
        elif tag == "aside":
            self._read_onebox(node)
        elif tag == "blockquote":
            self.read_children(node, PieceKind.QUOTE)
            self.end_paragraph(PieceKind.QUOTE)
        elif tag in {"li", "td", "th"}:
            self._read_item(node, kind)
        else:
            self.read_children(node, kind)

    def _read_item(self, node: LexborNode, kind: PieceKind) -> None:
        """Read an item of a list; its first paragraph has a bullet, its inner lists their own.

        A text in Korean and its English one share an item in posts of 2023. Such an item is
        layout, and has no bullet.
        """
        start = len(self.pieces)
        self._bullet = _BULLET if node.tag == "li" else ""
        self.read_children(node, kind)
        self.end_paragraph(kind)
        self._bullet = ""
        texts = [
            place
            for place, piece in enumerate(self.pieces[start:], start)
            if piece.kind in (PieceKind.TEXT, PieceKind.QUOTE)
        ]
        if kind is PieceKind.TEXT and _are_translations([self.pieces[place] for place in texts]):
            first = self.pieces[texts[0]]
            self.pieces[texts[0]] = Piece(first.kind, first.text.removeprefix(_BULLET))

    def _read_onebox(self, node: LexborNode) -> None:
        """Read a preview of a link: its address alone; of a quoted post, the quote."""
        url = node.attributes.get("data-onebox-src")
        if url:
            self.pieces.append(Piece(PieceKind.LINK, url.strip()))
        else:
            for quote in node.css("blockquote")[:1]:
                self.read_children(quote, PieceKind.QUOTE)
                self.end_paragraph(PieceKind.QUOTE)

    def _read_link(self, node: LexborNode) -> None:
        classes = _classes(node)
        words = _normalise(_text(node))
        if "hashtag-cooked" in classes or "hashtag" in classes:
            slug = node.attributes.get("data-slug") or words.lstrip("#")
            self.pieces.append(Piece(PieceKind.TAG, slug.strip()))
            return
        self._words.append(_text(node))
        url = (node.attributes.get("href") or "").strip()
        if not url or _BUTTON_TEXT.fullmatch(words) or is_image_url(url):
            return
        label = "" if "inline-onebox" in classes or words == url else words
        self.pieces.append(Piece(PieceKind.LINK, url, label=label))


_INLINE = frozenset({"a", "br", "img"})
_STRUCTURE = frozenset({"aside", "blockquote", "hr", "li", "td", "th"})


def is_image_url(url: str) -> bool:
    """Return whether an address is that of an image, which names no paper."""
    return url.startswith(_IMAGE_HOSTS) or bool(_IMAGE_URL.search(url))


def _are_translations(texts: Sequence[Piece]) -> bool:
    """Return whether an item is a Korean text, and after it the same in English."""
    others = texts[1:]
    if not others or any(piece.text.startswith(_BULLET) for piece in others):
        return False
    is_english = [
        piece.kind is PieceKind.QUOTE or language_of(piece.text) == "en" for piece in texts
    ]
    return is_english == sorted(is_english) and len(set(is_english)) == 2  # noqa: PLR2004 - both


def _classes(node: LexborNode) -> frozenset[str]:
    return frozenset((node.attributes.get("class") or "").split())


def _heading_text(node: LexborNode) -> str:
    inner = _Reader()
    inner.read_children(node, PieceKind.TEXT)
    inner.end_paragraph(PieceKind.TEXT)
    words = [piece.text for piece in inner.pieces if piece.kind is PieceKind.TEXT]
    return " ".join(" ".join(words).split())


def _text(node: LexborNode) -> str:
    return node.text(deep=True) or ""


def _normalise(text: str) -> str:
    lines = (_BLANKS.sub(" ", line).strip() for line in text.translate(_INVISIBLE).split("\n"))
    return "\n".join(line for line in lines if line)
