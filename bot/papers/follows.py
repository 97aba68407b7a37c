"""Decides which papers a follow means, by the same tokens as the look-up of words (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.lib.normalise import index_tokens, words
from bot.model.people import FollowKind, FollowTerms, Phrase

ANY_KEY = ""
"""The key of a follow that no single token is sure to find."""


@dataclass(frozen=True, slots=True)
class PaperTerms:
    """What follows are compared with: tags, authors and texts of a paper."""

    tags: frozenset[str]
    authors: frozenset[str]
    tokens: frozenset[str]
    line: str
    """The tokens in order, between blanks."""


def paper_terms(tags: Iterable[str], authors: Iterable[str], texts: Sequence[str]) -> PaperTerms:
    """Return the terms of a paper; `texts` are those that are indexed for the look-up."""
    tokens = index_tokens("\n".join(texts))
    keys = frozenset(map(author_key, authors))
    return PaperTerms(frozenset(tags), keys, frozenset(tokens), f" {' '.join(tokens)} ")


def author_key(name: str) -> str:
    """Return a name as it is compared: without accents, capitals and signs."""
    return " ".join(words(name))


def follow_key(kind: FollowKind, terms: FollowTerms) -> str:
    """Return a term that every paper of a follow has, by which the follow is found.

    Of words it is the longest, as long ones are rare; `ANY_KEY` where none is sure.
    """
    match kind:
        case FollowKind.TAG:
            return terms.tags[0]
        case FollowKind.AUTHOR:
            return terms.authors[0]
        case FollowKind.WORDS:
            sure = [spellings[0] for spellings in terms.needed if len(spellings) == 1]
            tokens = [token for phrase in sure for token in phrase]
            return max(tokens, key=lambda token: (len(token), token), default=ANY_KEY)


def candidate_keys(papers: Iterable[PaperTerms]) -> dict[FollowKind, set[str]]:
    """Return the keys of all follows that any of these papers may match."""
    found: dict[FollowKind, set[str]] = {
        FollowKind.TAG: set(), FollowKind.AUTHOR: set(), FollowKind.WORDS: {ANY_KEY},
    }  # fmt: skip
    for paper in papers:
        found[FollowKind.TAG] |= paper.tags
        found[FollowKind.AUTHOR] |= paper.authors
        found[FollowKind.WORDS] |= paper.tokens
    return found


def is_meant(terms: FollowTerms, paper: PaperTerms) -> bool:
    """Tell whether a paper has all that a follow asks for, and nothing that it excludes."""
    return (
        paper.tags.issuperset(terms.tags)
        and paper.authors.issuperset(terms.authors)
        and all(any(_has(paper, each) for each in spellings) for spellings in terms.needed)
        and not any(_has(paper, each) for each in terms.excluded)
    )


def _has(paper: PaperTerms, phrase: Phrase) -> bool:
    if len(phrase) == 1:
        return phrase[0] in paper.tokens
    return f" {' '.join(phrase)} " in paper.line
