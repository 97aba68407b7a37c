"""Finds in somebody's message what it may call a paper by: addresses, and lines that are short."""

import re
from collections.abc import Iterable, Iterator

_LONGEST_NAME = 100
"""A line that is longer is no title."""
_MOST = 5
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]]+")


def candidates(text: str, beside: Iterable[str] = ()) -> tuple[str, ...]:
    """Return what may be a paper's name, the surest first: addresses, `beside`, then lines.

    `beside` is what stands beside the text, such as the title and address of a preview.
    """
    return tuple(dict.fromkeys(_found(text, beside)))[:_MOST]


def _found(text: str, beside: Iterable[str]) -> Iterator[str]:
    yield from _ADDRESS.findall(text)
    yield from beside
    for line in _ADDRESS.sub(" ", text).splitlines():
        if 1 < len(line.strip()) <= _LONGEST_NAME:
            yield line.strip()
