"""Searches the texts of papers and extracts the matching passage."""

import re
from collections.abc import Sequence

from bot.lib.normalise import index_tokens, stem, words
from bot.ports.archive import SearchIndex, Snippet, TextSearchResult

_CONTEXT_CHARS = 90
"""Characters shown before and after the first match."""

_MAX_QUERY_LENGTH = 300
_QUOTED = re.compile(r"[\"\u201c\u201d]([^\"\u201c\u201d]+)[\"\u201c\u201d]")


def search_full_text(index: SearchIndex, asked: str, limit: int, offset: int) -> TextSearchResult:
    """Return papers whose texts contain all words, best first; quoted words form a phrase."""
    query = asked.strip()[:_MAX_QUERY_LENGTH]
    quoted = _QUOTED.search(query)
    typed = words(quoted[1] if quoted else query)
    if not typed:
        return TextSearchResult((), 0)
    stems = [stem(word) for word in typed]
    tokens = index_tokens(" ".join(typed if quoted else stems))
    numbers, total = index.search_texts(tokens, limit, offset, max_gap=0 if quoted else None)
    if not numbers:
        return TextSearchResult((), total)
    texts = index.texts(numbers)
    return TextSearchResult(
        tuple(Snippet(number, passage(texts.get(number, ()), stems)) for number in numbers),
        total,
    )


def passage(texts: Sequence[str], stems: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Return the text that contains most of the words, cut around the first match."""
    longest_first = sorted(stems, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)
    best = max(texts, key=lambda text: _count_matches(text, stems), default="")
    first = pattern.search(best)
    start = _word_start(best, max(first.start() - _CONTEXT_CHARS, 0) if first else 0)
    end = _word_end(best, (first.end() if first else 0) + _CONTEXT_CHARS)
    shown = best[start:end].replace("\n", " ")
    parts: list[tuple[str, bool]] = [("…", False)] if start else []
    place = 0
    for match in pattern.finditer(shown):
        parts += [(shown[place : match.start()], False), (match[0], True)]
        place = match.end()
    parts.append((shown[place:] + ("…" if end < len(best) else ""), False))
    return tuple(part for part in parts if part[0])


def _count_matches(text: str, stems: Sequence[str]) -> int:
    folded = text.casefold()
    return sum(word in folded for word in stems)


def _word_start(text: str, place: int) -> int:
    return text.find(" ", place) + 1 if place and " " in text[place:] else place


def _word_end(text: str, place: int) -> int:
    if place >= len(text):
        return len(text)
    found = text.rfind(" ", 0, place)
    return found if found > 0 else place
