"""Finds what a translation has to leave as it is: names, code, formulas, addresses (pure)."""

import re
from collections.abc import Iterator

from bot.lib.transliteration import sounds
from bot.lib.urls import find_urls

_CODE = re.compile(r"`[^`\n]+`")
_FORMULA = re.compile(
    r"\$(?=[^$\n]*[\\^_=])[^$\n]+\$|\\\([^\n]+?\\\)|\\[A-Za-z]+(?:\{[^{}\n]*\})*|O\([^()\n]*\)"
)
_IDENTIFIER = re.compile(r"\b[A-Za-z]+(?:_[A-Za-z0-9]+)+\b|\b[A-Za-z_]+\(\)|--[a-z][a-z-]+\b")
_ARXIV = re.compile(r"(?<!\d)\d{4}\.\d{4,5}(?:v\d+)?(?!\d)")
_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-+][A-Za-z0-9]+|\.\d[A-Za-z0-9]*)*")
_WORD = re.compile(r"[가-힣A-Za-z0-9]*[가-힣]+[가-힣A-Za-z0-9]*")
_QUOTED = re.compile(
    r"“[^”\n]+”|\"[^\"\n]+\"|‘[^’\n]+’|「[^」\n]+」"  # noqa: RUF001 - the marks themselves
    r"|(?<![A-Za-z])'[^'\n]{2,60}'(?![A-Za-z])"
)
_DOUBLE_QUOTED = re.compile(r"“[^”\n]+”|\"[^\"\n]+\"")
_VERBAL = re.compile(
    r"-(?:[a-z]+(?:ed|ing|en)|aware|free|like|native|style|level|only|agnostic|centric|specific"
    r"|friendly|wise|driven)$"
)
"""What makes an adjective of a name; it is translated, and the name is not."""

_MIN_SOUND = 2
"""Consonants of a name that must be there to recognise it in Hangul."""


def find_verbatim(text: str) -> Iterator[str]:
    """Yield code, formulas, identifiers, addresses and arXiv ids, which stay sign by sign."""
    for pattern in (_CODE, _FORMULA, _IDENTIFIER, _ARXIV):
        yield from pattern.findall(text)
    for start, end in find_urls(text):
        yield text[start:end]


def find_names(text: str) -> tuple[str, ...]:
    """Return the words that are names by their spelling: `GPT-4`, `MemWalker`, `LLMs` as `LLM`."""
    found = (_stem(word) for word in _TOKEN.findall(_without_verbatim(text)))
    return tuple(dict.fromkeys(word for word in found if is_name(word)))


def is_name(word: str) -> bool:
    """Return whether a word is a name by its spelling alone."""
    if len(word) < 2:  # noqa: PLR2004 - a letter is no name
        return False
    has_digit = any(char.isdigit() for char in word)
    capitals = sum(char.isupper() for char in word)
    inner = any(char.isupper() for char in word[1:])
    return has_digit or (word.isupper() and capitals > 1) or (inner and not _is_compound(word))


def find_words(text: str) -> tuple[str, ...]:
    """Return all Latin words of a text outside of what stays sign by sign."""
    return tuple(_stem(word) for word in _TOKEN.findall(_without_verbatim(text)))


def has_name(name: str, text: str) -> bool:
    """Return whether a text has a name, in Latin letters or as Hangul writes its sound."""
    if _plain(name) in _plain(text):
        return True
    wanted = {sound for sound in sounds(name) if len(sound) >= _MIN_SOUND}
    return any(
        wanted & set(sounds(word)) or any(wanted & set(sounds(word[:end])) for end in (-1, -2, -3))
        for word in _WORD.findall(text)
    )


def find_quotations(text: str) -> tuple[str, ...]:
    """Return the quoted passages of a text, with their marks of any kind."""
    return tuple(_QUOTED.findall(text))


def count_quotations(text: str, *, any_marks: bool) -> int:
    """Return the number of quoted passages: in double quotation marks, or in any."""
    return len(find_quotations(text) if any_marks else _DOUBLE_QUOTED.findall(text))


def _without_verbatim(text: str) -> str:
    for piece in sorted(set(find_verbatim(text)), key=len, reverse=True):
        text = text.replace(piece, " ")
    return text


def _stem(word: str) -> str:
    """Return a name without the plural s of `LLMs`, and without the verb of `LLM-based`."""
    word = _VERBAL.sub("", word)
    return word[:-1] if re.search(r"[A-Z0-9]s$", word) else word


def _is_compound(word: str) -> bool:
    """Return whether a word is one of title case, joined with hyphens: `Large-Scale`."""
    return all(re.fullmatch(r"[A-Z]?[a-z]+", part) for part in word.split("-"))


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
