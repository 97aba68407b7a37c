"""JSON in columns: how values are written, and what is read of links."""

import json
from typing import Any

from bot.model.papers import Link


def dump_json(value: Any) -> str:
    """Return compact JSON that keeps Hangul readable."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def load_json(text: str) -> Any:
    """Return the value that `dump_json` wrote."""
    return json.loads(text)


def links_to_json(links: tuple[Link, ...]) -> list[list[str]]:
    """Return links as rows of kind, label and address."""
    return [[link.kind, link.label, link.url] for link in links]


def links_from_json(rows: list[list[str]]) -> tuple[Link, ...]:
    """Return the links that `links_to_json` wrote."""
    return tuple(Link(kind, label, url) for kind, label, url in rows)
