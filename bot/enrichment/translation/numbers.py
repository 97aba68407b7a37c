"""Reads numbers with their units from English and Korean texts, for comparison (pure)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SCALES = {
    "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
    "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12, "bn": 1e9,
}  # fmt: skip
_KOREAN_SCALES = {"십": 1e1, "백": 1e2, "천": 1e3, "만": 1e4, "억": 1e8, "조": 1e12}
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_KOREAN = re.compile(
    rf"(?<![A-Za-z\d.])(?:(?:{_NUMBER})\s?[십백천만억조]+\s?)+(?![가-힣]*(?:째))|(?<![가-힣])[백천만]\s?만(?=\s?[개명건배])"
)
_KOREAN_PART = re.compile(rf"({_NUMBER})?\s?([십백천만억조]+)")
_PLAIN = re.compile(
    rf"(?<![A-Za-z\d.])(?:{_NUMBER})"
    r"(?:(?:\s|-)?(thousand|million|billion|trillion)\b|(k|m|b|t|bn|K|M|B|T)(?![A-Za-z\d])|(?![\d]))"
)
_UNITS: dict[str, tuple[str, str]] = {
    "percent": (r"\s?(?:%|percent\b|per cent\b)", r"\s?(?:%|퍼센트|프로)"),
    "times": (r"\s?(?:x|×|times|-?fold)(?![A-Za-z])", r"\s?(?:배|x|×)"),  # noqa: RUF001 - a sign of multiplication
    "milliseconds": (r"\s?(?:ms|milliseconds?)\b", r"\s?(?:ms|밀리초)"),
    "seconds": (r"[\s-]?(?:s|secs?|seconds?)\b", r"\s?(?:s\b|초)"),
    "minutes": (r"[\s-]?(?:min|mins|minutes?)\b", r"\s?분"),
    "hours": (r"[\s-]?(?:h|hours?)\b", r"\s?시간"),
    "days": (r"[\s-]?days?\b", r"\s?일"),
    "weeks": (r"[\s-]?weeks?\b", r"\s?주"),
    "months": (r"[\s-]?months?\b", r"\s?개월|\s?달"),
    "years": (r"[\s-]?years?\b", r"\s?년"),
    "gigabytes": (r"\s?(?:GB|gigabytes?)\b", r"\s?(?:GB|기가)"),
    "megabytes": (r"\s?(?:MB|megabytes?)\b", r"\s?(?:MB|메가)"),
    "kilometres": (r"\s?(?:km|kilomet(?:er|re)s?)\b", r"\s?(?:km|킬로)"),
}
_UNIT = {name: re.compile(rf"{english}|{korean}") for name, (english, korean) in _UNITS.items()}
_DOLLARS = re.compile(r"\$\s?$")
_DOLLARS_AFTER = re.compile(r"\s?(?:dollars?\b|USD\b|달러)")
_WORDS = {
    "zero": 0, "one": 1, "first": 1, "single": 1, "once": 1, "two": 2, "second": 2, "both": 2,
    "twice": 2, "double": 2, "half": 2, "pair": 2, "dual": 2, "three": 3, "third": 3, "triple": 3,
    "four": 4, "fourth": 4, "five": 5, "fifth": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "dozen": 12, "twenty": 20, "hundred": 100,
    "hundreds": 100, "thousand": 1000, "thousands": 1000,
}  # fmt: skip
_LIST_NUMBER = re.compile(r"\d+\)")


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a text."""

    value: float
    unit: str
    """Such as `percent`; empty where none of the known ones follows."""
    text: str
    """As it was written, with its unit."""


def find_numbers(text: str) -> Iterator[Number]:
    """Yield the numbers that stand in digits; digits inside of names (`GPT-4`) are no numbers."""
    taken: list[tuple[int, int]] = []
    for match in _KOREAN.finditer(text):
        taken.append(match.span())
        yield _number(_korean_value(match[0]), text, match)
    for match in _PLAIN.finditer(text):
        if any(start <= match.start() < end for start, end in taken) or _is_of_name(text, match):
            continue
        digits = re.match(_NUMBER, match[0])
        assert digits  # noqa: S101 - the pattern begins with it
        scale = _SCALES.get((match[1] or match[2] or "").lower(), 1.0)
        yield _number(float(digits[0].replace(",", "")) * scale, text, match)


def number_words(text: str) -> frozenset[float]:
    """Return the numbers that an English text has in words."""
    return frozenset(
        float(_WORDS[word]) for word in re.findall(r"[a-z]+", text.lower()) if word in _WORDS
    )


def _number(value: float, text: str, match: re.Match[str]) -> Number:
    rest = text[match.end() :]
    unit = after = ""
    for name, pattern in _UNIT.items():
        if found := pattern.match(rest):
            unit, after = name, found[0]
            break
    if _DOLLARS.search(text[: match.start()]) or _DOLLARS_AFTER.match(rest):
        unit = "dollars"
    return Number(round(value, 6), unit, (match[0] + after).strip())


def _is_of_name(text: str, match: re.Match[str]) -> bool:
    """Return whether the digits belong to a name: those of `GPT-4`, not those of `25-year`."""
    before = text[: match.start()]
    return bool(re.search(r"[A-Za-z]\d*[-_/.]?$", before)) and not before.endswith("/")


def _korean_value(text: str) -> float:
    total = 0.0
    for digits, scale in _KOREAN_PART.findall(text):
        factor = 1.0
        for char in scale:
            factor *= _KOREAN_SCALES[char]
        total += float((digits or "1").replace(",", "")) * factor
    return total
