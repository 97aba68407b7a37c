"""Compares names across Hangul and Latin script by the classes of their consonants (pure)."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from bot.lib.normalise import decompose_syllable, fold

_INITIALS = dict(zip("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ", "KKNTTRMPPSS SSSKTPH", strict=True))
_FINALS = dict(zip("ㄱㄲㄴㄷㄹㅁㅂㅅㅆㅇㅈㅊㅋㅌㅍㅎ", "KKNTRMPTTNTTKTPT", strict=True))
_FINAL_PAIRS = {"ㄳ": "K", "ㄵ": "N", "ㄶ": "N", "ㄺ": "K", "ㄻ": "M", "ㄼ": "R", "ㅄ": "P"}
_ROMAN_CONSONANTS = dict(
    zip("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ", "gkndtrmbpss jjcktph", strict=True)
)
_ROMAN_VOWELS = dict(
    zip(
        "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ",
        ("a", "a", "ya", "ya", "e", "e", "ye", "ye", "o", "wa", "we", "oe", "yo", "u", "wo", "we",
         "wi", "yu", "", "ui", "i"),
        strict=True,
    )
)  # fmt: skip
_LETTER_NAMES: Mapping[str, str] = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        ("", "P", "S", "T", "", "P", "S", "S", "", "S", "K", "R", "M", "N", "", "P", "K", "R", "S",
         "T", "", "P", "TPR", "KS", "", "ST"),
        strict=True,
    )
)  # fmt: skip
"""Consonant classes of the Korean names of Latin letters: G is 지, W is 더블유."""

_SOFT = (
    (r"gh(?![aeiouy])", ""), (r"tion|sion|ssion|cian|tian", "SN"), (r"ture$", "S"),
    (r"c?ch", "S"), (r"sh", "S"),
    (r"ph", "P"), (r"wh", ""), (r"qu|ck|q", "K"), (r"x", "KS"), (r"g(?=[eiy])", "S"),
    (r"c(?=[eiy])", "S"), (r"th", "S"), (r"ng(?=$|[^aeiouy])", "N"),
    (r"(?<=[aeiouy])r(?=[^aeiouyr]|$)", ""), (r"h(?=[aeiouy])", "H"), (r"h", ""),
)  # fmt: skip
"""Spellings of several letters or of a neighbourhood, and their classes; in this order."""

_HARD = {"c?ch": "K", "g(?=[eiy])": "K", "th": "T"}
"""The same where they are pronounced hard, as in Chameleon and Gemma."""

_SINGLE = str.maketrans({
    **dict.fromkeys("bpfv", "P"), **dict.fromkeys("dt", "T"), **dict.fromkeys("gkc", "K"),
    **dict.fromkeys("szj", "S"), **dict.fromkeys("lr", "R"), "m": "M", "n": "N",
    **dict.fromkeys("aeiouyw", "."),
})  # fmt: skip
_LETTERS_OF = {
    "gh(?![aeiouy])": "gh", "tion|sion|ssion|cian|tian": "i", "ture$": "ture", "c?ch": "ch",
    "g(?=[eiy])": "g", "c(?=[eiy])": "c", "ng(?=$|[^aeiouy])": "ng", "qu|ck|q": "",
    "(?<=[aeiouy])r(?=[^aeiouyr]|$)": "r", "h(?=[aeiouy])": "h",
}  # fmt: skip
"""Letters that a word has where a spelling is in it: most words have few, and a search is slow."""

_SOFT_TABLE, _HARD_TABLE = (
    tuple(
        (_LETTERS_OF.get(pattern, pattern), re.compile(pattern), hard.get(pattern, sound))
        for pattern, sound in _SOFT
    )
    for hard in ({}, _HARD)
)
_WAYS = 4
"""How many sounds a part has, some of them the same."""

_WORD = re.compile(r"\w+")
_PART = re.compile("[A-Z]{2,6}(?![a-z])|[A-Za-z][a-z]*|[0-9]+|[\uac00-\ud7a3]+")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_REPEATED = re.compile(r"([A-Z])\1+")


def sounds(text: str) -> tuple[str, ...]:
    """Return the consonant skeletons of a name; several where its spelling is ambiguous.

    `딥시크 R1` and `DeepSeek-R1` both have `TPSKR1`. Vowels, doubled consonants and an `r` that
    Korean does not write are left out; voiced, aspirated and tense consonants are one class.
    """
    return next(sounds_from_each_word(text, 1), ())


def sounds_from_each_word(text: str, most: int | None = None) -> Iterator[tuple[str, ...]]:
    """Yield the sounds of a name, and of what is left of it without its first words, one by one.

    `most` is how many words are left out at most, and one; without it, all but the last.
    """
    words = list(map(_word_sounds, _WORD.findall(text)))
    spoken = set(zip(*words, strict=True))
    if len(spoken) == 1:  # most names sound the same in all ways
        (only,) = spoken
        for place in range(len(words))[:most]:
            sound = "".join(only[place:])
            yield (sound,) if sound else ()
        return
    for place in range(len(words))[:most]:
        found = {"".join(each[place:]) for each in spoken}
        yield tuple(sorted(filter(None, found)))


def romanise(text: str) -> str:
    """Return a text with its Korean syllables in Latin letters, as English would spell them."""
    return "".join(_roman(char) for char in fold(text) if char.isalnum())


def has_hangul(text: str) -> bool:
    """Tell whether a text has Korean syllables."""
    return _HANGUL.search(text) is not None


@lru_cache(maxsize=8192)
def _word_sounds(word: str) -> tuple[str, ...]:
    """Return the sounds of a word, one for each way of its parts."""
    if word.isascii() and word.isalpha() and word[1:].islower():
        return _part_sounds(word)  # most words have one part
    parts = map(_part_sounds, _PART.findall(word))
    return tuple(map("".join, zip(*parts, strict=True))) or ("",) * _WAYS


@lru_cache(maxsize=8192)
def _part_sounds(part: str) -> tuple[str, ...]:
    """Return the sounds of a part of a word, `_WAYS` of them: soft or hard, spelt out or not."""
    if part.isdigit():
        return (part,) * _WAYS
    if has_hangul(part):
        return (_hangul_sound(part),) * _WAYS
    word = part.lower()
    soft = hard = _latin_sound(word, _SOFT_TABLE)
    if "g" in word or ("h" in word and ("c" in word or "t" in word)):  # else nothing is hard
        hard = _latin_sound(word, _HARD_TABLE)
    if part.isupper() and len(part) > 1:
        spelt = "".join(_LETTER_NAMES.get(char, "") for char in part.lower())
        return (soft, hard, spelt, spelt)
    return (soft, hard, soft, hard)


def _latin_sound(word: str, table: tuple[tuple[str, re.Pattern[str], str], ...]) -> str:
    for needed, pattern, sound in table:
        if needed in word:
            word = pattern.sub(sound, word)
    return _REPEATED.sub(r"\1", word.translate(_SINGLE)).replace(".", "")


def _hangul_sound(word: str) -> str:
    coded = ""
    for initial, vowel, final in _syllables(word):
        silent = initial == "ㄹ" and vowel == "ㅡ" and not final  # the r of 오르카
        coded += "" if silent else _INITIALS[initial].strip()
        coded += "." + (_FINALS.get(final) or _FINAL_PAIRS.get(final, ""))
    return _REPEATED.sub(r"\1", coded).replace(".", "")


def _syllables(word: str) -> Iterator[tuple[str, str, str]]:
    for char in word:
        yield decompose_syllable(char)


def _roman(char: str) -> str:
    if not has_hangul(char):
        return char
    initial, vowel, final = decompose_syllable(char)
    last = "ng" if final == "ㅇ" else _ROMAN_CONSONANTS.get(final[:1], "").strip()
    return _ROMAN_CONSONANTS[initial].strip() + _ROMAN_VOWELS[vowel] + last
