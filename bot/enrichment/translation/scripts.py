"""Which letters languages are written in, and how long texts of one become in another (pure)."""

import re
import unicodedata
from collections.abc import Iterator

from bot.enrichment.translation.faults import Check, Fault
from bot.enrichment.translation.names import find_names
from bot.model.languages import OTHER_LANGUAGES

_KANA, _HAN, _LATIN = ("HIRAGANA", "KATAKANA"), ("CJK",), ("LATIN",)
_SCRIPTS = {
    "ja": (*_KANA, *_HAN), "zh": _HAN, "ru": ("CYRILLIC",), "uk": ("CYRILLIC",),
    "ar": ("ARABIC",), "hi": ("DEVANAGARI",), "th": ("THAI",),
}  # fmt: skip
"""The first words of the Unicode names of the letters of a language; the others are Latin."""

_DENSE = frozenset({"ko", "ja", "zh"})
"""Languages that say a sentence in half as many characters as English, or fewer."""

_LENGTHS = {
    (True, True): (0.4, 2.4),
    (True, False): (1.0, 5.5),
    (False, True): (0.12, 1.0),
    (False, False): (0.55, 2.2),
}
"""The least and the most characters for each one of a source, by whether each is dense."""

_MIN_SHARE, _MIN_SHARE_TITLE = 0.55, 0.2
_MIN_KANA = 0.08
"""Share of kana in the letters of a Japanese text; without it the text is Chinese."""
_ENGLISH = frozenset(
    {
        "the", "of", "and", "to", "with", "that", "is", "are", "for", "by", "which", "from",
        "this", "we", "our", "as", "on", "an", "be", "it", "in",
    }
)  # fmt: skip
_MAX_ENGLISH, _LEAST_WORDS = 0.2, 5
"""Share of the commonest English words in a text of so many words, above which it is English."""


def lengths_of(source: str, language: str) -> tuple[float, float]:
    """Return the least and the most characters of a translation for each one of its source."""
    return _LENGTHS[source in _DENSE, language in _DENSE]


def check_script(text: str, language: str, *, is_title: bool = False) -> Iterator[Fault]:
    """Yield a fault where a text is not in its language, which is neither Korean nor English."""
    name = OTHER_LANGUAGES[language]
    scripts = [unicodedata.name(char, "").split(" ")[0] for char in text if char.isalpha()]
    # Names stay in Latin letters.
    kept = sum(map(len, find_names(text)))
    letters = max(len(scripts) - min(kept, len(scripts) - 1), 1)
    own = _SCRIPTS.get(language, _LATIN)
    share = sum(_is_one_of(each, own) for each in scripts) / letters
    if share < (_MIN_SHARE_TITLE if is_title else _MIN_SHARE):
        yield Fault(Check.LANGUAGE, f"The text is not in {name}.")
    elif _is_english(text):
        yield Fault(Check.LANGUAGE, f"The text, or a part of it, is not in {name} but in English.")
    elif language == "ja" and not is_title:
        kana = sum(_is_one_of(each, _KANA) for each in scripts)
        if kana < _MIN_KANA * letters:
            yield Fault(Check.LANGUAGE, "The text is not in Japanese.")
    strange = {each for each in scripts if not _is_one_of(each, (*own, *_LATIN, "GREEK"))}
    if strange:
        yield Fault(Check.LANGUAGE, f"The text has letters that {name} is not written in.")


def _is_one_of(script: str, scripts: tuple[str, ...]) -> bool:
    # Han letters are called CJK, and marks such as the long vowel KATAKANA-HIRAGANA.
    return any(script.startswith(each) for each in scripts)


def _is_english(text: str) -> bool:
    """Return whether a sentence of a text is English, by the commonest words."""
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        words = re.findall(r"[^\W\d_]+", sentence.lower())
        common = sum(word in _ENGLISH for word in words)
        if len(words) >= _LEAST_WORDS and common > _MAX_ENGLISH * len(words):
            return True
    return False
