"""Finds web addresses in texts and checks them (pure)."""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

_UNSAFE = re.compile(r"[\s\x00-\x20\x7f<>\"\\^`{|}]")


_HIDDEN = frozenset({"Cf", "Cs"})
"""Unicode categories of invisible characters and of surrogates."""


def is_safe_url(url: str) -> bool:
    """Tell whether this is a plain address: http or https, a host, no invisible characters."""
    if _UNSAFE.search(url) or any(unicodedata.category(char) in _HIDDEN for char in url):
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return (
        parts.scheme.lower() in {"http", "https"}
        and bool(parts.hostname)
        and "@" not in parts.netloc
    )


def strip_tracking(url: str) -> str:
    """Return the address without `utm_*` and `ref` parameters, otherwise as it stands."""
    parts = urlsplit(url)
    kept = "&".join(
        pair
        for pair in parts.query.split("&")
        if not (pair.startswith("utm_") or pair.split("=")[0] == "ref")
    )
    return urlunsplit(parts._replace(query=kept))


_ADDRESS = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)
_AFTER_ADDRESS = ".,;:!?)]}'\"*_~|"
_NAME = re.compile("@")
_LIKE_ADDRESS = re.compile(
    r"\w+:\s*//|\bwww\.|^\s*(?:[\w-]+\.)+[a-z]{2,}\s*$|(?:[\w-]+\.)+[a-z]{2,}[/:?#]",
    re.IGNORECASE,
)


def split_urls(text: str, avoided: re.Pattern[str] = _NAME) -> Iterator[tuple[str, bool]]:
    """Yield a text in pieces, each with whether it is a web address that may become a link.

    An address that matches `avoided` is yielded as text.
    """
    end = 0
    for match in _ADDRESS.finditer(text):
        url = match[0].rstrip(_AFTER_ADDRESS)
        if is_safe_url(url) and not avoided.search(url):
            if match.start() > end:
                yield text[end : match.start()], False
            yield url, True
            end = match.start() + len(url)
    if end < len(text):
        yield text[end:], False


def looks_like_url(text: str) -> bool:
    """Tell whether a text may be read as a web address."""
    return _LIKE_ADDRESS.search(text) is not None
