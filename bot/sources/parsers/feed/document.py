"""Reads the posts of a feed, RSS or Atom, well-formed or not."""

import html
import io
import re
from calendar import timegm
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import struct_time
from typing import Any

import feedparser

from bot.lib.clean import one_line
from bot.sources.parsers.errors import UnreadableSource
from bot.sources.parsers.html_tree import MAX_DEPTH, nesting

_ENTITY = re.compile(rb"<!ENTITY|<!DOCTYPE[^<>]{0,300}\[", re.IGNORECASE)
_CDATA, _CDATA_END = "<![CDATA[", "]]>"
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_WIDE = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Post:
    """An item of a feed."""

    id: str
    """Its own id, or its address; unique in the feed."""
    title: str
    url: str
    html: str
    date: str
    """When it was published or else updated, in ISO 8601; empty if the feed does not say."""
    subtitle: str = ""
    """Its description in plain text, where its content is another."""


@dataclass(frozen=True, slots=True)
class Feed:
    """The posts of a feed."""

    posts: tuple[Post, ...]
    warning: str = ""
    """Why it is not well-formed; empty if it is."""


def parse(body: bytes) -> Feed:
    """Return the posts of a feed in its order; of a damaged one, those that can be read.

    Raises UnreadableSource if it is no feed, declares entities, which unfold without bounds, or is
    nested deeper than any feed.
    """
    body = body.lstrip()
    if _ENTITY.search(body[:10_000]) or b"<!ENTITY" in body.upper():
        raise UnreadableSource("its document type declares entities, which no feed needs.")
    if not body.startswith(_WIDE):
        body = _CONTROLS.sub(b"", body)
    if nesting(_without_cdata(body.decode("latin-1"))) > MAX_DEPTH:
        raise UnreadableSource("it is nested too deep to be a feed.")
    # A stream, as a text is also taken for an address or the name of a file.
    found = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    if not found.get("version") and not found.entries:
        reason = "damaged or incomplete XML, and " if found.bozo else ""
        raise UnreadableSource(f"it is {reason}no feed of RSS or Atom.")
    warning = one_line(str(found.get("bozo_exception", ""))) if found.bozo else ""
    return Feed(tuple(map(_post, found.entries)), warning)


def _without_cdata(text: str) -> str:
    """Return the text without its CDATA sections, which have markup of their own."""
    parts = []
    place = 0
    while (start := text.find(_CDATA, place)) >= 0:
        parts.append(text[place:start])
        end = text.find(_CDATA_END, start)
        if end < 0:
            return "".join(parts)
        place = end + len(_CDATA_END)
    return "".join([*parts, text[place:]])


def _post(entry: Mapping[str, Any]) -> Post:
    url = str(entry.get("link", ""))
    contents = entry.get("content") or [{}]
    content, summary = str(contents[0].get("value", "")), str(entry.get("summary", ""))
    # Blogs write it as HTML, also where only plain text is meant.
    title = html.unescape(str(entry.get("title", "")))
    return Post(
        id=str(entry.get("id", "")) or url or title,
        title=title,
        url=url if url.startswith(("http://", "https://")) else "",
        html=content or summary,
        date=_date(entry),
        subtitle=html.unescape(summary) if summary != content else "",
    )


def _date(entry: Mapping[str, Any]) -> str:
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    if not isinstance(moment, struct_time):
        return ""
    try:
        return datetime.fromtimestamp(timegm(moment), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return ""
