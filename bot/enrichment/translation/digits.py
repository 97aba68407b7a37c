"""Compares the numbers of texts in languages whose words for numbers are not known (pure)."""

import re
from collections.abc import Iterator, Mapping

from bot.enrichment.translation.faults import Check, Fault
from bot.enrichment.translation.names import find_names, find_verbatim
from bot.enrichment.translation.numbers import find_numbers, number_words

_DIGITS = re.compile(r"(?<![A-Za-z\d])\d+(?:[.,\u00a0\u202f' ]?\d+)*")
_BLANKS = re.compile(r"[\u00a0\u202f' ]")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_SWAPPED = str.maketrans(",.", ".,")
_HANGUL_SCALES = str.maketrans("千万億亿兆", "천만억억조")
"""Large numbers of Chinese and Japanese, as the parser of Korean ones reads them."""
_IN_TEN_THOUSANDS = frozenset({"ja", "zh"})

_Readings = frozenset[float | str]
"""What a number may mean; itself, where it is no number, such as 3.2.1."""


def check_digits(source: str, text: str, language: str) -> Iterator[Fault]:
    """Yield the numbers that a translation lost or added.

    Languages write points and commas otherwise, so a number may be read either way. Languages that
    count in ten thousands are compared with what a number and its word mean together.
    """
    read = _values if language in _IN_TEN_THOUSANDS else _readings
    wanted, found = read(source), read(text)
    words = number_words(source)
    for meant, said in wanted.items():
        if not any(meant & other for other in found):
            yield Fault(Check.NUMBERS, f"The number {said} of the source is missing or changed.")
    for meant, said in found.items():
        if not any(meant & other for other in wanted) and not meant & words:
            yield Fault(Check.ADDED, f"The number {said} is not in the source.")


def _values(text: str) -> Mapping[_Readings, str]:
    plain = _without_names(text).translate(_HANGUL_SCALES)
    return {frozenset({number.value}): number.text for number in find_numbers(plain)}


def _readings(text: str) -> Mapping[_Readings, str]:
    found: dict[_Readings, str] = {}
    for said in _DIGITS.findall(_without_names(text)):
        plain = _BLANKS.sub("", said)
        ways = [way for way in (plain, plain.translate(_SWAPPED)) if _NUMBER.fullmatch(way)]
        values = frozenset(float(way.replace(",", "")) for way in ways)
        found[values or frozenset({plain})] = said
    return found


def _without_names(text: str) -> str:
    for piece in (*find_verbatim(text), *find_names(text)):
        text = text.replace(piece, " ")
    return text
