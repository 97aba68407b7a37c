"""Extracts possible paper names from a chat message: addresses and short lines (pure)."""

from collections.abc import Iterable, Iterator, Sequence

from bot.lib.urls import find_urls

_MAX_TITLE_LENGTH = 100
"""Characters; a longer line is not a title."""
_MAX_QUERIES = 5


def paper_queries(text: str, previews: Iterable[str] = ()) -> tuple[str, ...]:
    """Return possible names of papers, most reliable first: addresses, previews, then lines.

    `previews` are the titles and addresses of the link previews that the message has.
    """
    return tuple(dict.fromkeys(_iter_queries(text, previews)))[:_MAX_QUERIES]


def _iter_queries(text: str, previews: Iterable[str]) -> Iterator[str]:
    places = tuple(find_urls(text))
    yield from (text[start:end] for start, end in places)
    yield from previews
    for line in _blank_out(text, places).splitlines():
        if 1 < len(line.strip()) <= _MAX_TITLE_LENGTH:
            yield line.strip()


def _blank_out(text: str, places: Sequence[tuple[int, int]]) -> str:
    for start, end in reversed(places):
        text = f"{text[:start]} {text[end:]}"
    return text
