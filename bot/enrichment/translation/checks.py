"""Checks a translation against its source before it is kept (pure).

Each check compares what can be compared without understanding: numbers, names, signs, script,
length and form. It tells a fault in one sentence, by which a language model can repair it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.enrichment.translation.digits import check_digits
from bot.enrichment.translation.faults import Check, Fault
from bot.enrichment.translation.form import check_form, check_language
from bot.enrichment.translation.glossary import Glossary
from bot.enrichment.translation.meaning import check_meaning
from bot.enrichment.translation.names import (
    count_quotations,
    find_names,
    find_verbatim,
    find_words,
    has_name,
    is_name,
)
from bot.enrichment.translation.numbers import Number, find_numbers, number_words
from bot.enrichment.translation.scripts import lengths_of
from bot.model.papers import LANGUAGES


@dataclass(frozen=True, slots=True)
class Draft:
    """A source text with its translation."""

    source: str
    text: str
    language: str
    """Of the translation."""
    source_language: str = ""
    """Where the translation is neither Korean nor English."""
    is_title: bool = False
    context: str = ""
    """Other texts of the same paper, whose names may be added."""

    @property
    def english(self) -> str:
        """The English one of both texts, or the one that may be."""
        return self.text if self.language == "en" else self.source

    @property
    def is_other(self) -> bool:
        """Whether the translation is neither Korean nor English."""
        return self.language not in LANGUAGES


_LENGTHS = {"ko": (0.24, 0.95), "en": (1.0, 4.2)}
"""The least and the most characters of a translation for each character of a longer source."""

_SHORT = 60
"""Characters up to which a source may grow and shrink more."""

_SHORT_FACTOR = 2.2
_FIRST_PERSON = re.compile(r"\b(?:we|our|us|ours|I|my)\b", re.IGNORECASE)
_NICKNAME = re.compile(r"^[^\s:]{1,30}: ")
_SUBJECT = re.compile(
    r"(?:^|[.!?]\s+|(?:또한|예를 들어|그리고|이에|먼저|마지막으로|구체적으로),?\s+)"
    r"([가-힣A-Za-z]{1,8}?)(?:은|는|이|가)\s"
)
_PRONOUNS = (
    "위",
    "아워",
    "어스",
    "마이",
    "우리나라",
    "미국",
    "당사",
    "자사",
    "회사",
    "We",
    "Our",
    "US",
    "we",
    "our",
)
"""What the English first person becomes where a model takes it for a name."""


def find_faults(draft: Draft, glossary: Glossary) -> tuple[Fault, ...]:
    """Return what is wrong with a translation; nothing where it may be kept."""
    if not draft.text.strip():
        return (Fault(Check.LENGTH, "The translation is empty."),)
    if _is_all_names(draft):
        return ()
    found = [
        *(
            check_digits(draft.source, draft.text, draft.language)
            if draft.is_other
            else _check_numbers(draft)
        ),
        *_check_names(draft, glossary),
        *_check_verbatim(draft),
        *check_language(draft.text, draft.language, is_title=draft.is_title),
        *_check_length(draft),
        *check_form(draft.text, draft.source, draft.language, is_title=draft.is_title),
        *check_meaning(draft.source, draft.text, draft.language),
        *_check_glossary(draft, glossary),
    ]
    return tuple(dict.fromkeys(found))


def _is_all_names(draft: Draft) -> bool:
    """Return whether a title is a name that stays as it is, and not words with capitals."""
    words = draft.source.split()
    return (
        draft.is_title
        and draft.source.strip() == draft.text.strip()
        and (len(words) == 1 or all(map(is_name, words)))
    )


def _check_numbers(draft: Draft) -> Iterator[Fault]:
    wanted, found = list(find_numbers(draft.source)), list(find_numbers(draft.text))
    words = number_words(draft.english)
    for number in wanted:
        if not any(_agree(number, other) for other in found) and not (
            draft.language == "en" and number.value in words
        ):
            yield Fault(
                Check.NUMBERS, f"The number {number.text} of the source is missing or changed."
            )
    names = " ".join(find_names(draft.source))
    for number in found:
        is_known = any(_agree(other, number) for other in wanted) or number.value in words
        if not is_known and number.text not in names:
            yield Fault(Check.ADDED, f"The number {number.text} is not in the source.")


def _agree(one: Number, other: Number) -> bool:
    return (
        one.value == other.value
        and (one.unit == other.unit or not (one.unit and other.unit))
        and (("percent" in (one.unit, other.unit)) <= (one.unit == other.unit))
    )


def _check_names(draft: Draft, glossary: Glossary) -> Iterator[Fault]:
    synonyms = {name.lower(): forms for name, forms in glossary.names.items()}
    plain = draft.text.replace(" ", "")
    # The short name before the colon of a title is stored beside it, and may be left out.
    named = _NICKNAME.sub("", draft.source) if draft.is_title else draft.source
    for name in find_names(named):
        forms = synonyms.get(name.lower(), ())
        is_there = any(form.replace(" ", "").lower() in plain.lower() for form in forms)
        if not is_there and not has_name(name, draft.text):
            yield Fault(Check.NAMES, f"The name {name} of the source is missing.")
    known = " ".join(find_words(draft.source)).lower()
    squeezed = re.sub(r"[^a-z0-9]", "", (draft.source + draft.context).lower())
    for word in dict.fromkeys(find_words(draft.text)):
        if draft.language != "ko" and not (word[0].isupper() and find_names(word)):
            continue
        plain_word = re.sub(r"[^a-z0-9]", "", word.lower())
        if (
            len(plain_word) > 1
            and plain_word not in squeezed
            and not _is_short_form(word, known, glossary)
            and not (draft.language == "en" and has_name(word, draft.source))
        ):
            yield Fault(Check.ADDED, f"The word {word} is not in the source.")


def _is_short_form(word: str, known: str, glossary: Glossary) -> bool:
    """Return whether a word is made of the initials of the source's words, or expands one."""
    initials = "".join(part[0] for part in re.split(r"[^a-z0-9]+", known) if part)
    if word.isupper() and word.lower() in initials:
        return True
    return any(
        word.lower() in re.split(r"[^a-z]+", term.lower())
        for term in glossary.terms
        if "".join(part[0] for part in term.lower().split()) in known.split()
    )


def _check_verbatim(draft: Draft) -> Iterator[Fault]:
    squeezed = re.sub(r"\s", "", draft.text)
    for piece in dict.fromkeys(find_verbatim(draft.source)):
        if re.sub(r"\s", "", piece) not in squeezed:
            yield Fault(Check.VERBATIM, f"{piece} has to stand in the translation as it is.")
    source = re.sub(r"\s", "", draft.source)
    for piece in dict.fromkeys(find_verbatim(draft.text)):
        if re.sub(r"\s", "", piece).strip("`") not in source:
            yield Fault(Check.ADDED, f"{piece} is not in the source.")
    quoted = count_quotations(draft.source, any_marks=False)
    if quoted > count_quotations(draft.text, any_marks=True):
        yield Fault(
            Check.QUOTATIONS, "A passage in quotation marks lost its marks, or is missing."
        )


def _check_length(draft: Draft) -> Iterator[Fault]:
    least, most = (
        lengths_of(draft.source_language, draft.language)
        if draft.is_other
        else _LENGTHS[draft.language]
    )
    size, ratio = len(draft.source), len(draft.text) / max(len(draft.source), 1)
    if size <= _SHORT:
        least, most = least / _SHORT_FACTOR, most * _SHORT_FACTOR
    if ratio < least:
        yield Fault(Check.LENGTH, "The translation is too short: something is left out.")
    if ratio > most:
        yield Fault(Check.LENGTH, "The translation is too long: something is added.")
    paragraphs = draft.source.count("\n\n")
    if paragraphs > 1 and paragraphs != draft.text.count("\n\n"):
        yield Fault(Check.FORM, f"The translation has to have {paragraphs + 1} paragraphs.")


def _check_glossary(draft: Draft, glossary: Glossary) -> Iterator[Fault]:
    if draft.language != "ko":
        return
    for form in glossary.forbidden_in(draft.source, draft.text):
        yield Fault(Check.WRONG_SUBJECT, f"{form} is not what the source says.")
    if _FIRST_PERSON.search(draft.source):
        for subject in _wrong_subjects(draft):
            yield Fault(Check.WRONG_SUBJECT, f"The first person (we) became a name: {subject}.")
    for term in glossary.missing_terms(draft.source, draft.text):
        wanted = glossary.terms[term][0]
        yield Fault(Check.TERMS, f"Write {wanted} for “{term}”.")


def _wrong_subjects(draft: Draft) -> Sequence[str]:
    return [subject for subject in _SUBJECT.findall(draft.text) if subject in _PRONOUNS]
