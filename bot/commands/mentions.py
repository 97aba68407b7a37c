"""Finds in somebody's message what it may call a paper by: addresses, and lines that are short."""

import re
from collections.abc import Iterable, Iterator

_MAX_TITLE_LENGTH = 100
"""A line that is longer is no title."""
_MAX_QUERIES = 5
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]]+")


def paper_queries(text: str, previews: Iterable[str] = ()) -> tuple[str, ...]:
    """Return what may be a paper's name, the surest first: addresses, `beside`, then lines.

    `beside` is what stands beside the text, such as the title and address of a preview.
    """
    return tuple(dict.fromkeys(_iter_queries(text, previews)))[:_MAX_QUERIES]


def _iter_queries(text: str, beside: Iterable[str]) -> Iterator[str]:
    yield from _ADDRESS.findall(text)
    yield from beside
    for line in _ADDRESS.sub(" ", text).splitlines():
        if 1 < len(line.strip()) <= _MAX_TITLE_LENGTH:
            yield line.strip()
