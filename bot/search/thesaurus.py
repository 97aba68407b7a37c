"""English words for Korean ones, and for one another (pure)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from bot.lib.normalise import letters, stem
from bot.lib.transliteration import has_hangul
from bot.papers.tagging import Vocabulary
from bot.ports.search_index import Concept
from bot.search.word_forms import word_forms

_MIN_PART = 2
"""Syllables of an entry that is looked for inside a Korean compound."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is said in English for a Korean word, or for two."""

    korean: str
    alternatives: Concept


@dataclass(frozen=True, slots=True)
class Thesaurus:
    """English words for Korean ones, and for one another."""

    entries: Mapping[str, Entry]
    """By their letters, so that a verb is found whatever consonant its ending adds to it."""
    synonyms: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each English word the words that are said for it."""

    @classmethod
    def of(
        cls,
        glossary: Mapping[str, str],
        vocabulary: Vocabulary,
        synonyms: Sequence[Sequence[str]] = (),
    ) -> Self:
        """Return the thesaurus of a glossary, the Korean names of tags and groups of synonyms."""
        found: dict[str, list[tuple[str, ...]]] = {
            korean: [tuple(each.split()) for each in english.split(", ")]
            for korean, english in glossary.items()
        }
        for slug, names in vocabulary.names.items():
            if has_hangul(names.get("ko", "")):
                found.setdefault(names["ko"], []).append(tuple(slug.split("-")))
        entries = {_spell(korean): Entry(korean, tuple(found[korean])) for korean in found}
        for spelt, entry in list(entries.items()):
            for variant in _contractions(spelt):
                entries.setdefault(variant, entry)
        alike: dict[str, frozenset[str]] = {}
        for group in synonyms:
            for word in group:
                alike[word] = alike.get(word, frozenset()) | frozenset(group)
        return cls(entries, alike)

    def without_synonyms(self) -> Self:
        """Return the thesaurus with English words for Korean ones alone."""
        return type(self)(self.entries)

    def synonyms_of(self, word: str) -> frozenset[str]:
        """Return the English words that are said for a word, whatever its form."""
        if not self.synonyms:
            return frozenset()
        return frozenset().union(*(self.synonyms.get(form, ()) for form in word_forms(word)))

    def find(self, text: Sequence[str]) -> Entry | None:
        """Return the longest entry with which these words begin, of one word or two."""
        if len(text) > 1 and (found := self._find(_spell(f"{stem(text[0])} {text[1]}"), " ")):
            return found
        return self._find(_spell(text[0]))

    def parts(self, word: str) -> Iterator[Concept]:
        """Yield the alternatives of the entries inside a compound, as Korean writes many."""
        place = 0
        while place <= len(word) - _MIN_PART:
            found = self._find(_spell(word[place:]))
            is_part = found is not None and len(found.korean) >= _MIN_PART
            if found and is_part:
                yield found.alternatives
            place += len(found.korean) if found and is_part else 1

    def _find(self, spelt: str, needed: str = "") -> Entry | None:
        for length in range(len(spelt), 0, -1):
            key = spelt[:length]
            if needed not in key:
                return None
            if key in self.entries:
                return self.entries[key]
        return None


NO_THESAURUS = Thesaurus({})


def _spell(text: str) -> str:
    """Return the letters of words, with a blank between them."""
    return " ".join(map(letters, text.split()))


def _contractions(spelt: str) -> Iterator[str]:
    """Yield how a verb begins where its ending swallows a letter: 줄여 of 줄이, 만드는 of 만들."""
    if spelt.endswith("ㅣ"):
        yield spelt[:-1] + "ㅕ"
    if spelt.endswith("ㄹ"):
        yield spelt[:-1]
