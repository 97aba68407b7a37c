"""Writes texts and queries in the forms that PostgreSQL's text search reads (pure).

Source: https://www.postgresql.org/docs/current/datatype-textsearch.html.
"""

from collections.abc import Sequence
from itertools import pairwise

from bot.ports.search_index import TextQuery
from storage.search.phrases import Phrase, as_they_are, phrases_of


def spaced_text(tokens: Sequence[str]) -> str:
    """Return tokens as a text in which each stands between two spaces."""
    return "".join(f" {token} " for token in tokens)


def tsvector(tokens: Sequence[str]) -> str:
    """Return the tsvector of tokens, with their places."""
    places: dict[str, list[int]] = {}
    for place, token in enumerate(tokens, start=1):
        places.setdefault(token, []).append(place)
    return " ".join(
        f"{_quoted(token)}:{','.join(map(str, found))}" for token, found in places.items()
    )


def match_of(query: TextQuery) -> str:
    """Return the tsquery: all parts, each in any spelling, without what is excluded."""
    parts = [phrases_of(part, as_they_are) for part in query.needed]
    if not all(parts) or not parts:
        return ""
    match = all_of(parts)
    if unwanted := phrases_of(query.excluded, as_they_are):
        match = f"({match}) & !({any_of(unwanted)})"
    return match


def all_of(parts: Sequence[Sequence[Phrase]]) -> str:
    """Return the tsquery of all parts, each in any spelling."""
    return " & ".join(f"({any_of(part)})" for part in parts)


def any_of(phrases: Sequence[Phrase]) -> str:
    """Return the tsquery of any of these phrases."""
    return " | ".join(f"({_phrase(phrase)})" for phrase in phrases)


def near_pairs(tokens: Sequence[str], max_gap: int) -> str:
    """Return the tsquery of texts in which tokens that follow each other here are close.

    All that are near each other are so; what else is found has to be told apart. Empty where
    there is nothing to ask.
    """
    pairs = [(one, other) for one, other in pairwise(tokens) if one != other]
    return " & ".join(
        "("
        + " | ".join(
            f"{_quoted(first)} <{distance}> {_quoted(second)}"
            for distance in range(1, max_gap + 2)
            for first, second in ((one, other), (other, one))
        )
        + ")"
        for one, other in pairs
    )


def occurrences(phrase: Phrase) -> tuple[str, tuple[str, ...]]:
    """Return the SQL of how often a phrase occurs in a text, and the values of that expression."""
    pattern = "".join(f" {token}" if is_prefix else f" {token} " for token, is_prefix in phrase)
    if _may_overlap([token for token, _ in phrase]):
        return "regexp_count(text, ?)::float8", (f"(?={pattern})",)
    counted = "(octet_length(text) - octet_length(replace(text, ?, ''))) / octet_length(?)"
    return f"({counted})::float8", (pattern, pattern)


def _may_overlap(tokens: Sequence[str]) -> bool:
    """Return whether a phrase may begin again before it ends, as `a b a` does."""
    return any(
        all(
            first.startswith(second) or second.startswith(first)
            for first, second in zip(tokens[shift:], tokens, strict=False)
        )
        for shift in range(1, len(tokens))
    )


def _phrase(phrase: Phrase) -> str:
    return " <-> ".join(
        f"{_quoted(token)}{':*' if is_prefix else ''}" for token, is_prefix in phrase
    )


def _quoted(token: str) -> str:
    escaped = token.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
