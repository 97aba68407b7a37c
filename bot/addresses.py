"""Finds web addresses in texts, and what a reader may take for one (pure)."""

import re
from collections.abc import Iterator

from bot.keys import is_safe

_ADDRESS = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)
_AFTER_ADDRESS = ".,;:!?)]}'\"*_~|"
_NAME = re.compile("@")
_LIKE_ADDRESS = re.compile(
    r"\w+:\s*//|\bwww\.|^\s*(?:[\w-]+\.)+[a-z]{2,}\s*$|(?:[\w-]+\.)+[a-z]{2,}[/:?#]",
    re.IGNORECASE,
)


def pieces(text: str, avoided: re.Pattern[str] = _NAME) -> Iterator[tuple[str, bool]]:
    """Yield a text in pieces, each with whether it is a plain web address that may be a link.

    An address in which something is to be avoided is text.
    """
    end = 0
    for match in _ADDRESS.finditer(text):
        url = match[0].rstrip(_AFTER_ADDRESS)
        if is_safe(url) and not avoided.search(url):
            if match.start() > end:
                yield text[end : match.start()], False
            yield url, True
            end = match.start() + len(url)
    if end < len(text):
        yield text[end:], False


def is_like_address(text: str) -> bool:
    """Tell whether a reader may take a text for a web address."""
    return _LIKE_ADDRESS.search(text) is not None
