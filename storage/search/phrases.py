"""Makes phrases of tokens out of the concepts of a query, for every database alike (pure)."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from bot.lib.normalise import letters, words
from bot.ports.search_index import Concept

Phrase = Sequence[tuple[str, bool]]
"""Tokens that follow each other, each with whether it is a prefix."""

Tokenize = Callable[[str], Sequence[str]]


def phrases_of(concept: Concept, tokens: Tokenize) -> list[Phrase]:
    """Return the alternatives of a concept that have a token."""
    return [phrase for words in concept if (phrase := phrase_of(words, tokens))]


def phrase_of(alternative: Sequence[str], tokens: Tokenize) -> Phrase:
    """Return the tokens of an alternative, in which a word may end in `*`."""
    return _phrase_of(tuple(alternative), tokens)


@lru_cache(maxsize=32_768)  # those of the thesaurus are asked again and again
def _phrase_of(alternative: tuple[str, ...], tokens: Tokenize) -> Phrase:
    return tuple(
        (token, word.endswith("*") and place == len(found) - 1)
        for word in alternative
        for found in [tokens(word.removesuffix("*"))]
        for place, token in enumerate(found)
    )


def letters_of_words(text: str) -> Sequence[str]:
    """Return the tokens of a name."""
    return [letters(word) for word in words(text)]


def as_they_are(token: str) -> Sequence[str]:
    """Return a token that needs no further parting."""
    return (token,)
