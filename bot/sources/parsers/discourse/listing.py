"""Parses topic lists of a Discourse forum: those of a category or a tag, as JSON."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.sources.parsers.errors import UnreadableSource

_LARGEST_ID = 2**53
_PLACE = re.compile(r"(https?://[^/?#]+(?:/[^?#]*?)?)/(c|tag|tags)/([^?#]+?)/?(?:[?#].*)?$")


@dataclass(frozen=True, slots=True)
class TopicSummary:
    """A topic in a list."""

    id: int
    title: str
    bumped_at: str
    """The time of the last post, as the forum writes it; it orders the list."""
    tags: frozenset[str]
    """Their slugs and names."""
    is_pinned: bool
    """Whether it is pinned to the top of the list."""


@dataclass(frozen=True, slots=True)
class TopicPage:
    """A page of a list."""

    topics: tuple[TopicSummary, ...]
    next_page: str
    """The path and query of the next page; empty on the last one."""


@dataclass(frozen=True, slots=True)
class TopicList:
    """A category or a tag of a forum."""

    base_url: str
    """The forum's own address, without a slash at its end."""
    first_page_url: str
    """The first page of its list."""

    def topic_url(self, number: int) -> str:
        """Return the address of a topic's JSON."""
        return f"{self.base_url}/t/{number}.json"

    def page_url(self, next_page: str) -> str:
        """Return the address of a further page, on this forum even if another host is named."""
        parts = urlsplit(next_page)
        path = parts.path if parts.path.endswith(".json") else f"{parts.path}.json"
        root = urlsplit(self.base_url)
        return f"{root.scheme}://{root.netloc}{path}" + (f"?{parts.query}" if parts.query else "")


def parse_list_url(url: str) -> TopicList | None:
    """Return the category or tag of an address; None if it is that of neither.

    See https://docs.discourse.org: `/c/{slug}/{id}/l/latest.json`, `/tag/{name}.json`.
    """
    match = _PLACE.fullmatch(url)
    if match is None:
        return None
    home, kind, name = match.groups()
    name = name.removesuffix(".json").removesuffix("/l/latest")
    rest = "/l/latest.json" if kind == "c" else ".json"
    return TopicList(home, f"{home}/{kind}/{name}{rest}")


def parse(body: bytes) -> TopicPage:
    """Parse a page of a list; raises UnreadableSource if it is none."""
    try:
        value = json.loads(body)
        found = value["topic_list"]
        topics = tuple(filter(None, map(_topic_summary, found["topics"])))
    except (ValueError, TypeError, KeyError, RecursionError):
        raise UnreadableSource("it is no list of a forum's topics.") from None
    more = found.get("more_topics_url")
    return TopicPage(topics, more if isinstance(more, str) else "")


def _topic_summary(topic: Any) -> TopicSummary | None:
    """Return a topic; None if it lacks an id or a title."""
    if not isinstance(topic, dict):
        return None
    number, title, bumped = topic.get("id"), topic.get("title"), topic.get("bumped_at")
    if not isinstance(number, int) or not 0 <= number <= _LARGEST_ID or not isinstance(title, str):
        return None
    tags = topic.get("tags")
    is_pinned = bool(topic.get("pinned") or topic.get("pinned_globally"))
    found = tags if isinstance(tags, list) else ()
    names = frozenset(name for tag in found for name in _tag_names(tag))
    return TopicSummary(number, title, bumped if isinstance(bumped, str) else "", names, is_pinned)


def _tag_names(tag: Any) -> tuple[str, ...]:
    """Return the names of a tag: older forums write a string, newer ones an object."""
    if isinstance(tag, str):
        return (tag,)
    if isinstance(tag, dict):
        return tuple(str(tag[key]) for key in ("slug", "name") if isinstance(tag.get(key), str))
    return ()
