"""Checks a translation against its source before it is kept (pure).

Each check compares what can be compared without understanding: numbers, names, signs, script,
length and form. It tells a fault in one sentence, by which a language model can repair it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from bot.enrichment.translation.glossary import Glossary
from bot.enrichment.translation.names import (
    count_quotations,
    find_names,
    find_verbatim,
    find_words,
    has_name,
)
from bot.enrichment.translation.numbers import Number, find_numbers, number_words


class Check(Enum):
    """What a fault is about."""

    NUMBERS = "numbers"
    NAMES = "names"
    VERBATIM = "verbatim"
    QUOTATIONS = "quotations"
    LANGUAGE = "language"
    LENGTH = "length"
    ADDED = "added"
    FORM = "form"
    CHATTER = "chatter"
    TONE = "tone"
    TERMS = "terms"
    WRONG_SUBJECT = "wrong subject"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with a translation."""

    check: Check
    message: str
    """A sentence that says what is wrong, in English."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A source text with its translation; one of the languages is Korean."""

    source: str
    text: str
    language: str
    """Of the translation: ko or en."""
    is_title: bool = False
    context: str = ""
    """Other texts of the same paper, whose names may be added."""

    @property
    def korean(self) -> str:
        """The Korean one of both texts."""
        return self.text if self.language == "ko" else self.source

    @property
    def english(self) -> str:
        """The other one."""
        return self.source if self.language == "ko" else self.text


_MIN_HANGUL, _MIN_HANGUL_TITLE, _MAX_HANGUL = 0.55, 0.2, 0.1
"""Share of Hangul in the letters of a Korean text, its title, and an English text."""

_LEFT = re.compile(r"(?:\b[a-z]{2,}\b[ ,]+){5,}")
"""Six lower-case Latin words in a row: a sentence that was left in English."""

_LENGTHS = {"ko": (0.24, 0.95), "en": (1.0, 4.2)}
"""The least and the most characters of a translation for each character of a longer source."""

_SHORT = 60
"""Characters up to which a source may grow and shrink more."""

_SHORT_FACTOR = 2.2
_MARKUP = re.compile(
    r"\*\*|__\w|^\s*#{1,6}\s|^\s*[-*>]\s|```|</?[a-z][^>\n]*>|\[[^\]\n]+\]\([^)\n]+\)"
    r"|^\s*[{\[]\"|\"\s*[}\]]\s*$",
    re.MULTILINE,
)
_CHATTER = re.compile(
    r"^(?:sure|certainly|of course|here(?:'s| is| are)|okay|ok,|translation|note|korean|english)\b"
    r"[^.\n]{0,60}[:,!]"
    r"|\b(?:as an ai|i(?:'m| am) (?:sorry|unable|an ai)|i can(?:no|')t|let me know)\b"
    r"|\bhope this helps\b"
    r"|^(?:네[,.! ]|물론|알겠습니다|번역(?:문|본|결과|하면)?\s?[:은]|다음은 |아래는 )"
    r"|^(?:요청하신|죄송|한국어 번역|참고:|제목:|요약:)"
    r"|(?:인공지능|AI) (?:언어 )?모델로서"
    r"|(?:번역|도움|답변)(?:을|를)? (?:드릴|해 드릴|드리|해 드리)"
    r"|(?:번역|답변|요청)(?:은|는|을|를|할) ?(?:수 없|도와)|도움이 되(?:었|셨)|더 필요하",
    re.IGNORECASE | re.MULTILINE,
)
_CLOSING = "\"'”’)"  # noqa: RUF001 - the marks themselves
_SENTENCE = re.compile(
    rf"[^.!?…\n]+(?:\.(?=\d)[^.!?…\n]+)*[.!?…]+(?=\s|$|[{_CLOSING}])|[^.!?…\n]+$", re.MULTILINE
)
_PLAIN_FORM = re.compile(rf"(?<!니)다[.!?]*[{_CLOSING}]?\s*$")
_POLITE_YO = re.compile(
    rf"요[.!?]+[{_CLOSING}]?\s*$|(?:해요|어요|아요|네요|예요|에요|죠)[.!?]*\s*$"
)
_BLUNT = re.compile(r"(?:[했었였겠]음|함|됨|임)[.!?]+\s*$")
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
        *_check_numbers(draft),
        *_check_names(draft, glossary),
        *_check_verbatim(draft),
        *_check_language(draft),
        *_check_length(draft),
        *_check_form(draft),
        *_check_glossary(draft, glossary),
    ]
    return tuple(dict.fromkeys(found))


def _is_all_names(draft: Draft) -> bool:
    """Return whether a title is a name that stays as it is."""
    return (
        draft.is_title
        and draft.source.strip() == draft.text.strip()
        and all(not word.islower() for word in find_words(draft.source))
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


def _check_language(draft: Draft) -> Iterator[Fault]:
    letters = [char for char in draft.text if char.isalpha()]
    if draft.language == "ko":
        kept = sum(len(name) for name in find_names(draft.text))
        hangul = sum("가" <= char <= "힣" for char in letters)
        share = hangul / max(len(letters) - min(kept, len(letters) - 1), 1)
        if share < (_MIN_HANGUL_TITLE if draft.is_title else _MIN_HANGUL):
            yield Fault(Check.LANGUAGE, "The translation is not in Korean.")
        elif _LEFT.search(draft.text):
            yield Fault(Check.LANGUAGE, "A part of the translation was left in English.")
    elif sum("가" <= char <= "힣" for char in letters) > _MAX_HANGUL * len(letters):
        yield Fault(Check.LANGUAGE, "The translation is not in English.")
    if any("\u3040" <= char <= "\u30ff" or "\u4e00" <= char <= "\u9fff" for char in letters):
        yield Fault(Check.LANGUAGE, "The translation has Chinese or Japanese characters.")


def _check_length(draft: Draft) -> Iterator[Fault]:
    least, most = _LENGTHS[draft.language]
    size, ratio = len(draft.source), len(draft.text) / max(len(draft.source), 1)
    if size <= _SHORT:
        least, most = least / _SHORT_FACTOR, most * _SHORT_FACTOR
    if ratio < least:
        yield Fault(Check.LENGTH, "The translation is too short: something is left out.")
    if ratio > most:
        yield Fault(Check.LENGTH, "The translation is too long: something is added.")


def _check_form(draft: Draft) -> Iterator[Fault]:
    markup = _MARKUP.search(draft.text)
    if markup and markup[0] not in draft.source:
        yield Fault(Check.FORM, f"The translation has markup: {markup[0].strip()}")
    chatter = _CHATTER.search(draft.text.strip())
    if chatter and chatter[0].strip().lower() not in draft.source.lower():
        yield Fault(
            Check.CHATTER, f"Only the translation is wanted, without “{chatter[0].strip()}”."
        )
    if draft.language == "ko" and not draft.is_title:
        yield from _check_tone(draft.text)


def _check_tone(text: str) -> Iterator[Fault]:
    for match in _SENTENCE.finditer(text):
        sentence = match[0].strip()
        if any(form.search(sentence) for form in (_PLAIN_FORM, _POLITE_YO, _BLUNT)):
            yield Fault(Check.TONE, f"The sentence has to end in -ㅂ니다: …{sentence[-20:]}")


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
