"""Terms of translations: what each is called, forbidden forms, and particles (pure)."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

_PARTICLES = (
    ("은", "는"), ("이", "가"), ("을", "를"), ("과", "와"), ("으로", "로"), ("이라", "라"),
    ("이나", "나"), ("이며", "며"), ("이란", "란"), ("이든", "든"), ("이라고", "라고"),
    ("이라는", "라는"), ("이라도", "라도"), ("이었습니다", "였습니다"), ("과의", "와의"),
    ("과는", "와는"), ("과도", "와도"), ("으로는", "로는"), ("으로도", "로도"),
    ("으로서", "로서"), ("으로써", "로써"), ("으로의", "로의"),
)  # fmt: skip
"""Pairs of particles: after a consonant, and after a vowel."""

_AFTER = (
    r"(?:(?:은|는|이|가|의|을|를|와|과|도|에|로|으로)|에서는?|에게|에서의|에는|측(?:은|이)?|팀(?:은|이|의)?|사(?:는|의)?)?"
    r"(?![가-힣])"
)
"""What may follow a name: a particle, and nothing that makes another word of it."""

_RIEUL = 8
"""Place of the final consonant ㄹ, after which it is 로."""


@dataclass(frozen=True, slots=True)
class Glossary:
    """What translations call the terms of the field."""

    terms: Mapping[str, tuple[str, ...]]
    """The accepted Korean forms of an English term, the wanted one first."""
    names: Mapping[str, tuple[str, ...]]
    """What stands for a short name, such as `LLM`, beside the name itself."""
    variants: Mapping[str, str]
    """Forms that are replaced by the wanted one."""
    forbidden: Mapping[str, tuple[str, ...]]
    """Korean forms that are wrong unless the English text has one of these words."""
    fingerprint: str
    """A hash of all of it."""

    @classmethod
    def of(cls, data: Mapping[str, Mapping[str, Any]]) -> Self:
        """Return the glossary of the parsed tables of `config/terms.toml`."""
        return cls(
            terms={term: tuple(forms) for term, forms in data["terms"].items()},
            names={name: tuple(forms) for name, forms in data["names"].items()},
            variants=dict(data["variants"]),
            forbidden={form: tuple(words) for form, words in data["forbidden"].items()},
            fingerprint=hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest(),
        )

    def apply(self, text: str) -> str:
        """Return a Korean text with the wanted forms, and the right particles after them."""
        for variant, wanted in self.variants.items():
            text = replace_term(text, variant, wanted)
        return text

    def missing_terms(self, english: str, korean: str) -> Sequence[str]:
        """Return the terms of an English text that its Korean one calls otherwise."""
        folded = korean.replace(" ", "")
        return [
            term
            for term, forms in self.terms.items()
            if re.search(rf"\b{re.escape(term)}s?\b", english, re.IGNORECASE)
            and not any(form.replace(" ", "") in folded for form in forms)
            and term.lower() not in korean.lower()
        ]

    def terms_in(self, english: str) -> Mapping[str, str]:
        """Return the wanted forms of the terms that an English text has."""
        return {
            term: forms[0]
            for term, forms in self.terms.items()
            if re.search(rf"\b{re.escape(term)}s?\b", english, re.IGNORECASE)
        }

    def abbreviates(self, word: str, english: str) -> bool:
        """Return whether a word is the initials of a term that an English text has."""
        return any(
            "".join(part[0] for part in re.split(r"[ -]", term)) == word.lower()
            for term in self.terms_in(english)
        )

    def forbidden_in(self, english: str, korean: str) -> Sequence[str]:
        """Return the forms of a Korean text that its English one gives no reason for."""
        return [
            form
            for form, words in self.forbidden.items()
            if re.search(rf"(?<![가-힣]){re.escape(form)}{_AFTER}", korean)
            and not any(re.search(rf"\b{word}", english, re.IGNORECASE) for word in words)
        ]

    def unfounded_names(self, source: str, english: str) -> Sequence[str]:
        """Return the companies that an English text names and its source, in English, does not."""
        words = {words[0] for words in self.forbidden.values() if len(words) == 1}
        return [
            found[0]
            for word in sorted(words)
            # Some are common words too, and names only with a capital.
            if (found := re.search(rf"\b{word}", english, re.IGNORECASE))
            and found[0][0].isupper()
            and not re.search(rf"\b{word}", source, re.IGNORECASE)
        ]


def replace_term(text: str, old: str, new: str) -> str:
    """Replace a word, and correct the particle that follows it."""
    if old == new:
        return text
    pieces = text.split(old)
    return pieces[0] + "".join(new + correct_particle(new, piece) for piece in pieces[1:])


def correct_particle(word: str, rest: str) -> str:
    """Return what follows a word, with the particle at its beginning as the word needs it."""
    for closed, opened in _PARTICLES:
        for form in (closed, opened):
            if re.match(rf"{form}(?![가-힣])", rest):
                final = _final_consonant(word)
                is_closed = final > 0 and not (closed.startswith("으로") and final == _RIEUL)
                return (closed if is_closed else opened) + rest[len(form) :]
    return rest


def _final_consonant(word: str) -> int:
    """Return the place of the last syllable's final consonant; 0 for none, or no Hangul."""
    last = word[-1:]
    return (ord(last) - 0xAC00) % 28 if "가" <= last <= "힣" else 0
