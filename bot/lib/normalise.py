"""Normalises names, so that spellings of one name become the same letters (pure)."""

import re
import unicodedata

_FIRST_SYLLABLE = 0xAC00
_LAST_SYLLABLE = 0xD7A3
_VOWEL_COUNT = 21
_FINAL_COUNT = 28
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
_PAIRS = {
    "ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅔ", "ㅟ": "ㅜㅣ",
    "ㅢ": "ㅡㅣ", "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ",
    "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
"""Compound jamo and the two keys that type them."""

_KEYS = dict(
    zip(
        "qwertyuiopasdfghjklzxcvbnmQWERTOP",
        "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ",
        strict=True,
    )
)
"""The Korean standard layout (KS X 5002): the jamo on each Latin key."""

_LATIN = {jamo: key.lower() for key, jamo in _KEYS.items()}
_PARTICLES = re.compile(
    "(?:으로부터|에서부터|에게서|으로써|으로서|이라는|에서는|에서의|까지|부터|처럼|보다|에서|에게|으로|이란|라는|"
    "이나|들을|들은|들이|들의|은|는|이|가|을|를|의|에|로|와|과|도|만|들|나)$"
)
_SHORTEST_STEM = 2
_JAMO = re.compile("[\u3131-\u318e]")
_JAMO_OR_NOT = re.compile("[\u3131-\u318e]+|[^\u3131-\u318e]+")
_ACCENTED = re.compile("[\u00c0-\u024f\u0300-\u036f\u0370-\u03ff\u0400-\u04ff\u1e00-\u1fff]")
"""Letters of alphabets with accents."""

_HANGUL = re.compile("[\uac00-\ud7a3]")
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile("[\uac00-\ud7a3]+|[^\uac00-\ud7a3]+")
_ACRONYM = re.compile(r"\(([^()]{2,40})\)")
_BLANKS = {place: " " for place in range(128) if not chr(place).isalnum()}
_NOTHING = dict.fromkeys(_BLANKS)
"""What stands between words, for texts of ASCII: four times as fast as a search."""

_TYPOGRAPHY = "\u2019\u2018\u201c\u201d\u2013\u2014\u2011\u2026\u2022\u25cf\u00d7\u2192"
"""Quotation marks, dashes and bullets, beside which most texts that have them are ASCII."""


def fold(text: str) -> str:
    """Return a text casefolded, NFKC, without accents; lone jamo stay as typed."""
    if text.isascii():
        return text.lower()
    if not _JAMO.search(text):
        return _strip_accents(unicodedata.normalize("NFKC", text).casefold())
    # NFKC would turn a typed ㄱ into a conjoining jamo.
    parts = (
        part if _JAMO.match(part) else unicodedata.normalize("NFKC", part)
        for part in _JAMO_OR_NOT.findall(text)
    )
    return _strip_accents(unicodedata.normalize("NFC", "".join(parts)).casefold())


def _strip_accents(text: str) -> str:
    return _ACCENTED.sub(
        lambda found: "".join(
            char
            for char in unicodedata.normalize("NFD", found[0])
            if not unicodedata.combining(char)
        ),
        text,
    )


def letters(text: str) -> str:
    """Return the letters and digits of a folded text, Korean syllables decomposed into jamo.

    A half-typed syllable is thus a prefix of the whole one.
    """
    if text.isascii():
        return text.lower().translate(_NOTHING)
    return "".join(_decompose(char) for char in fold(text) if char.isalnum())


def _decompose(char: str) -> str:
    if _FIRST_SYLLABLE <= ord(char) <= _LAST_SYLLABLE:
        return "".join(_PAIRS.get(each, each) for each in decompose_syllable(char))
    return _PAIRS.get(char, char)


def decompose_syllable(char: str) -> tuple[str, str, str]:
    """Return initial, vowel and final of a Korean syllable as jamo; the final may be empty."""
    place = ord(char) - _FIRST_SYLLABLE
    initial, rest = divmod(place, _VOWEL_COUNT * _FINAL_COUNT)
    vowel, final = divmod(rest, _FINAL_COUNT)
    return _INITIALS[initial], _VOWELS[vowel], _FINALS[final]


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text, folded, in order."""
    found = _ascii_words(text)
    return tuple(_WORD.findall(fold(text))) if found is None else found


def _ascii_words(text: str) -> tuple[str, ...] | None:
    """Return the words of a text that is ASCII but for its typography; None for other texts."""
    plain = text
    if not text.isascii():
        for sign in _TYPOGRAPHY:
            plain = plain.replace(sign, " ")
        if not plain.isascii():
            return None
    return tuple(plain.lower().translate(_BLANKS).split())


def stem(word: str) -> str:
    """Return a Korean word without its particle; other words unchanged."""
    if not _HANGUL.search(word[-1:]):
        return word
    short = _PARTICLES.sub("", word)
    return short if len(short) >= _SHORTEST_STEM else word


def initial_consonants(text: str) -> str:
    """Return the initial consonants of the Korean syllables of a text."""
    if text.isascii():
        return ""
    step = _VOWEL_COUNT * _FINAL_COUNT
    return "".join(
        _INITIALS[(ord(char) - _FIRST_SYLLABLE) // step] for char in _HANGUL.findall(fold(text))
    )


def is_lone_jamo(text: str) -> bool:
    """Tell whether all letters of a text are jamo that form no syllables."""
    found = [char for char in text if char.isalnum()]
    return bool(found) and all(map(_JAMO.match, found))


def hangul_to_latin_keys(text: str) -> str:
    """Return the Latin letters of a name that was typed on the Korean layout."""
    return "".join(_LATIN.get(char, char) for char in letters(text))


def latin_to_hangul_keys(text: str) -> str:
    """Return the jamo of a Korean name that was typed on the Latin layout."""
    found = "".join(
        _KEYS.get(char) or _KEYS.get(char.lower(), "") for char in text if char.isalpha()
    )
    return "".join(_PAIRS.get(each, each) for each in found)


def title_names(title: str) -> tuple[str, ...]:
    """Return the names in a title: itself, both sides of a colon, acronyms in parentheses."""
    found = [title]
    head, colon, tail = title.partition(":")
    if colon:
        found += [head, tail]
    found += _ACRONYM.findall(title)
    bare = _ACRONYM.sub(" ", title)
    if bare != title:
        found.append(bare)
    return tuple(dict.fromkeys(name.strip() for name in found if letters(name)))


def index_tokens(text: str) -> tuple[str, ...]:
    """Return the tokens of a text in the full-text index; Korean words as syllable bigrams.

    Korean words change their endings; their bigrams stay.
    """
    plain = _ascii_words(text)
    if plain is not None:
        return plain
    found: list[str] = []
    for word in _WORD.findall(fold(text)):
        if word.isascii():
            found.append(word)
            continue
        for run in _RUN.findall(word):
            if len(run) > 1 and _HANGUL.match(run):
                found += [run[place : place + 2] for place in range(len(run) - 1)]
            else:
                found.append(run)
    return tuple(found)
