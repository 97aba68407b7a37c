"""Reads a feed of weekly posts, RSS or Atom, without what makes XML dangerous."""

import html
from dataclasses import dataclass, field
from typing import Never
from xml.parsers import expat

from bot.sources.parsers.errors import UnreadableSource

_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_XHTML = "http://www.w3.org/1999/xhtml"

_ITEMS = frozenset({"item", f"{_ATOM} entry"})
_FIELDS = {
    "title": "title",
    "link": "link",
    "guid": "id",
    "description": "summary",
    f"{_CONTENT} encoded": "content",
    f"{_ATOM} title": "title",
    f"{_ATOM} id": "id",
    f"{_ATOM} summary": "summary",
    f"{_ATOM} content": "content",
    "pubDate": "date",
    f"{_ATOM} published": "date",
}
_RSS_1 = ("http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/")
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Post:
    """An item of a feed."""

    id: str
    """What tells it from the others: its own id, or its address."""
    title: str
    url: str
    html: str
    date: str
    """When it was published, as the feed writes it."""


def parse(body: bytes) -> tuple[Post, ...]:
    """Return the posts of a feed, as they stand; raises Unreadable where it is damaged or none.

    A document type is refused, and entities with it: no feed needs them, and a few lines of them
    unfold without end, or name files of this machine.
    """
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _reject_doctype
    parser.EntityDeclHandler = _reject_doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat takes no names
    except expat.ExpatError as error:
        raise UnreadableSource(f"it is damaged or incomplete XML (line {error.lineno}).") from None
    if not reader.is_feed:
        raise UnreadableSource("it is XML, but no feed of RSS or Atom.")
    return tuple(reader.posts)


def _reject_doctype(*_: object) -> Never:
    raise UnreadableSource("it has a document type, which no feed needs.")


@dataclass(slots=True)
class _Reader:
    """Follows the elements of a feed."""

    posts: list[Post] = field(default_factory=list)
    is_feed: bool = False
    _path: list[str] = field(default_factory=list)
    _item: dict[str, list[str]] | None = None
    _field: str = ""
    _depth: int = 0
    """Of the field that is being read."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element."""
        name = _plain(name)
        if not self._path:
            self.is_feed = name in ("rss", f"{_ATOM} feed") or name.endswith(" RDF")
        self._path.append(name)
        if len(self._path) > _DEEPEST:
            raise UnreadableSource("it is nested too deep to be a feed.")
        if name in _ITEMS:
            self._item = {}
        elif self._item is not None and not self._field:
            self._open(name, attributes)
        elif self._field and name.startswith(f"{_XHTML} "):
            self._add(f"<{name.rpartition(' ')[2]}{_href(attributes)}>")

    def end(self, name: str) -> None:
        """End an element."""
        name = _plain(name)
        if self._field and len(self._path) == self._depth:
            self._field = ""
        elif self._field and name.startswith(f"{_XHTML} "):
            self._add(f"</{name.rpartition(' ')[2]}>")
        self._path.pop()
        if name in _ITEMS and self._item is not None:
            self.posts.append(_post(self._item))
            self._item = None

    def text(self, said: str) -> None:
        """Take words; among elements of XHTML they are made HTML again, as those are."""
        self._add(html.escape(said, quote=False) if len(self._path) > self._depth else said)

    def _add(self, said: str) -> None:
        if self._field and self._item is not None:
            self._item.setdefault(self._field, []).append(said)

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{_ATOM} link":
            if attributes.get("rel", "alternate") == "alternate" and self._item is not None:
                self._item.setdefault("link", []).append(attributes.get("href", ""))
        elif name in _FIELDS:
            self._field, self._depth = _FIELDS[name], len(self._path)


def _plain(name: str) -> str:
    """Return an element's name, those of RSS 1.0 as those of 2.0, which have no namespace."""
    space, _, local = name.rpartition(" ")
    return local if space in _RSS_1 else name


def _href(attributes: dict[str, str]) -> str:
    url = attributes.get("href", "").replace("&", "&amp;").replace('"', "&quot;")
    return f' href="{url}"' if url else ""


def _post(item: dict[str, list[str]]) -> Post:
    told = {name: "".join(parts).strip() for name, parts in item.items()}
    url = told.get("link", "") or (
        told["id"] if told.get("id", "").startswith(("http://", "https://")) else ""
    )
    return Post(
        id=told.get("id") or url or told.get("title", ""),
        # Blogs write it as HTML, also where only plain text is meant.
        title=html.unescape(told.get("title", "")),
        url=url,
        html=told.get("content") or told.get("summary", ""),
        date=told.get("date", ""),
    )
