"""Searches the texts of papers and extracts the matching passage."""

import re
from collections.abc import Sequence
from functools import lru_cache

from bot.lib.transliteration import has_hangul
from bot.model.papers import Paper
from bot.ports.search_index import SearchIndex, Snippet, TextQuery, TextSearchResult

_CONTEXT_CHARS = 90
"""Characters shown before and after the first match."""

_MIN_PARTED = 4
"""Words from which on they are parted by their first letter."""

_ENDS = ("*", "")
"""What is left of words at their ends, those that go on first."""


def search_full_text(
    index: SearchIndex, query: TextQuery, stems: Sequence[str], page: tuple[int, int]
) -> TextSearchResult:
    """Return papers that match a query, best first, with the passages that have the stems.

    `page`: maximum number of papers, and number of papers to skip.
    """
    numbers, total = index.find_texts(query, *page)
    texts = index.texts(numbers) if numbers else {}
    return TextSearchResult(
        tuple(Snippet(number, passage(texts.get(number, ()), stems)) for number in numbers),
        total,
    )


def search_papers(
    index: SearchIndex, query: TextQuery, stems: Sequence[str], page: tuple[int, int]
) -> tuple[tuple[tuple[Paper, Snippet], ...], int]:
    """Return the papers themselves, each with its passage, and the number on all pages."""
    found = search_full_text(index, query, stems, page)
    passages = {each.paper_id: each for each in found.hits}
    papers = index.papers(list(passages)) if passages else ()
    return tuple((paper, passages[paper.id]) for paper in papers), found.total


def passage(texts: Sequence[str], stems: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Return the text that contains most of the words, cut around the first match."""
    pattern = _pattern(tuple(stems))
    best = max(texts, key=lambda text: _count_matches(text, pattern), default="")
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


@lru_cache(maxsize=64)  # all papers of an answer are searched for the same
def _pattern(stems: tuple[str, ...]) -> re.Pattern[str]:
    """Return what marks words: Korean ones with any ending, those with a `*` to their end."""
    longest_first = sorted(set(stems), key=len, reverse=True)
    korean = [re.escape(each) for each in longest_first if has_hangul(each)]
    # One group for all: a look at the letter before each of hundreds of words takes milliseconds.
    others = _any_of([each for each in longest_first if not has_hangul(each)])
    whole = [rf"(?<![^\W_])(?:{others})(?![^\W_])"] if others else []
    return re.compile("|".join(korean + whole), re.IGNORECASE)


def _any_of(stems: Sequence[str]) -> str:
    """Return the pattern of any of these words, the longest first, parted by their first letters.

    Tried one after the other at each word of a text, hundreds would take milliseconds.
    """
    if len(stems) < _MIN_PARTED:
        return "|".join(map(_word_pattern, stems))
    parted: dict[str, list[str]] = {}
    for each in stems:
        if each not in _ENDS:
            parted.setdefault(each[0], []).append(each[1:])
    found = [f"{re.escape(first)}(?:{_any_of(rest)})" for first, rest in parted.items()]
    return "|".join([*found, *(_word_pattern(end) for end in _ENDS if end in stems)])


def _word_pattern(stem: str) -> str:
    beginning = stem.removesuffix("*")
    return re.escape(beginning) + (r"[^\W_]*" if beginning != stem else "")


def _count_matches(text: str, pattern: re.Pattern[str]) -> int:
    return len(set(map(str.casefold, pattern.findall(text))))


def _word_start(text: str, place: int) -> int:
    return text.find(" ", place) + 1 if place and " " in text[place:] else place


def _word_end(text: str, place: int) -> int:
    if place >= len(text):
        return len(text)
    found = text.rfind(" ", 0, place)
    return found if found > 0 else place
