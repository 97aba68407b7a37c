"""Extracts possible paper names from a chat message: addresses and short lines (pure)."""

import re
from collections.abc import Iterable, Iterator

_MAX_TITLE_LENGTH = 100
"""Characters; a longer line is not a title."""
_MAX_QUERIES = 5
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]]+")


def paper_queries(text: str, previews: Iterable[str] = ()) -> tuple[str, ...]:
    """Return possible names of papers, most reliable first: addresses, previews, then lines.

    `previews` are the titles and addresses of the link previews that the message has.
    """
    return tuple(dict.fromkeys(_iter_queries(text, previews)))[:_MAX_QUERIES]


def _iter_queries(text: str, previews: Iterable[str]) -> Iterator[str]:
    yield from _ADDRESS.findall(text)
    yield from previews
    for line in _ADDRESS.sub(" ", text).splitlines():
        if 1 < len(line.strip()) <= _MAX_TITLE_LENGTH:
            yield line.strip()
