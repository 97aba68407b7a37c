"""Finds web addresses in texts and checks them (pure)."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

_UNSAFE = re.compile(r"[\s\x00-\x20\x7f<>\"\\^`{|}]")


_HIDDEN = frozenset({"Cf", "Cs"})
"""Unicode categories of invisible characters and of surrogates."""


@lru_cache(maxsize=4_096)  # an address is checked when it is read, and in each message
def is_safe_url(url: str) -> bool:
    """Tell whether this is a plain address: http or https, a host, no invisible characters."""
    if _UNSAFE.search(url) or _has_hidden_characters(url):
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


def _has_hidden_characters(url: str) -> bool:
    # Those of ASCII are unsafe by themselves.
    return not url.isascii() and any(unicodedata.category(char) in _HIDDEN for char in url)


def strip_tracking(url: str) -> str:
    """Return the address without `utm_*` and `ref` parameters, otherwise as it stands."""
    parts = urlsplit(url)
    kept = "&".join(
        pair
        for pair in parts.query.split("&")
        if not (pair.startswith("utm_") or pair.split("=")[0] == "ref")
    )
    return urlunsplit(parts._replace(query=kept))


_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_TRAILING = ".,;:!?)]}'\"*_~|`"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_UNSPACED_LETTER = re.compile(
    "[\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf"
    "\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff10-\uff5a\uff66-\uffdc"
    "\U00020000-\U0003ffff]"
)
"""Letters of scripts whose words or particles follow an address without a space."""

_SEGMENT_STARTS = "/=-_&?#+("
"""After these an address may go on with such letters, as in `/wiki/한국어`."""

_PARTICLE = re.compile(
    "(?:으로부터|에서부터|에게서|에서는|에서도|이라는|라는|에서|부터|까지|처럼|보다|에는|에도|에|으로|로|은|는|이|가|을|를|"
    "의|와|과|도|만|랑|하고|이고|이며|입니다|이에요|예요|の|を|に|は|が|へ|と|で|も|から|まで|です|的|和|是|在)"
)


def find_urls(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each web address in a text of any script.

    An address ends at a blank, a quotation mark, an angle bracket or a sign outside of ASCII, at
    punctuation of the sentence, and at letters of scripts that are written without blanks (Hangul
    particles, kana, Han, Thai …), unless they begin a segment of its path or query.
    """
    end = 0
    for match in _ADDRESS.finditer(text):
        if match.start() >= end:
            end = match.start() + len(trim_url(match[0]))
            yield match.start(), end


def trim_url(text: str) -> str:
    """Return the address that a text without blanks begins with; see `find_urls`."""
    end = _end_of_characters(text)
    while end and text[end - 1] in _TRAILING and not _closes_bracket(text[:end]):
        end -= 1
    return text[:end]


def _end_of_characters(text: str) -> int:
    place = 0
    while place < len(text):
        char = text[place]
        if _UNSPACED_LETTER.match(char):
            if text[place - 1 : place] not in _SEGMENT_STARTS:
                return place
            run = _run_of_letters(text, place)
            # A sign that stands among these letters, such as the middle dot of Katakana, is none.
            if run == place or _PARTICLE.fullmatch(text, place, run):
                return place
            place = run
        elif char.isascii() or unicodedata.category(char)[0] in "LMNC":
            place += 1
        else:
            return place
    return place


def _run_of_letters(text: str, place: int) -> int:
    # Vowels of Thai or Khmer are marks that combine with nothing by their class.
    while place < len(text) and unicodedata.category(text[place])[0] in "LMN":
        place += 1
    return place


def _closes_bracket(text: str) -> bool:
    """Tell whether a text ends with the closing bracket of a pair inside of it."""
    opening = _BRACKETS.get(text[-1])
    return opening is not None and text.count(opening) >= text.count(text[-1])


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
    for start, stop in find_urls(text):
        url = text[start:stop]
        if is_safe_url(url) and not avoided.search(url):
            if start > end:
                yield text[end:start], False
            yield url, True
            end = stop
    if end < len(text):
        yield text[end:], False


def looks_like_url(text: str) -> bool:
    """Tell whether a text may be read as a web address."""
    return _LIKE_ADDRESS.search(text) is not None
