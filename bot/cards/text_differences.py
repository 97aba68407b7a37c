"""Marks what differs between two texts, word by word (pure)."""

import re
from difflib import SequenceMatcher

from bot.model.card import Run, Style

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_MOST_TOKENS = 4000
"""Of longer texts the differences are not looked for: it takes the square of their length."""

Runs = tuple[Run, ...]


def mark_differences(before: str, after: str) -> tuple[Runs, Runs]:
    """Return both texts as runs, with what only one of them has in strong letters."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) + len(new) > _MOST_TOKENS:
        return (Run(before),), (Run(after),)
    first: list[Run] = []
    second: list[Run] = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        style = Style.PLAIN if kind == "equal" else Style.STRONG
        first += _run("".join(old[i:j]), style)
        second += _run("".join(new[k:m]), style)
    return tuple(first), tuple(second)


def _run(text: str, style: Style) -> list[Run]:
    """Return a text as runs; blanks at its ends carry no style, which no platform shows there."""
    inner = text.strip()
    if not inner or style is Style.PLAIN:
        return [Run(text)] if text else []
    start = text.index(inner)
    pieces = (
        (text[:start], Style.PLAIN),
        (inner, style),
        (text[start + len(inner) :], Style.PLAIN),
    )
    return [Run(piece, each) for piece, each in pieces if piece]
