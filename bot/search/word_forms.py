"""The forms of an English word that texts may have for it (pure)."""

_INFLECTIONS = ("", "s", "es", "ed", "d", "ing", "e")
_DERIVATIONS = ("er", "ers", "or", "ion", "ions", "ation", "ations", "ive", "ly", "ment", "al")
_SUFFIXES = ("ations", "ation", "ions", "ion", "ings", "ing", "ers", "ed", "er", "es", "s", "e")
_MIN_STEM = 3
_MIN_DERIVED = 4
"""Shorter stems have no derived forms: too many are other words."""

_MIN_WORD = 4
_UNDOUBLED = "lsz"
"""Letters that are double in the stem itself, as in `process`."""


def word_forms(word: str) -> tuple[str, ...]:
    """Return a word and its other forms: `splitting` also as `split` and `splits`.

    Some are no words at all; they cost a look into the index and find nothing. Prefixes would find
    more, but read all that begins so.
    """
    if not word.isascii() or not word.isalpha() or len(word) < _MIN_WORD:
        return (word, word + "s") if word.isalpha() else (word,)
    found = [word, word + "s"]
    for base in _stems(word) or [word]:
        found += [base + ending for ending in _INFLECTIONS]
        if base[-1] == "y":
            found += [base[:-1] + "ies", base[:-1] + "ied"]
        if base[-1] not in "aeiouwxy" and base[-2:-1] in tuple("aeiou"):
            found += [base + base[-1] + "ing", base + base[-1] + "ed", base + base[-1] + "er"]
        if len(base) >= _MIN_DERIVED:
            found += [base + ending for ending in _DERIVATIONS]
    return tuple(dict.fromkeys(each for each in found if len(each) >= _MIN_STEM))


def _stems(word: str) -> list[str]:
    """Return a word without its longest ending, undoubled, with y for ies."""
    if word.endswith(("ies", "ied")):
        return [word[:-3] + "y"]
    for suffix in _SUFFIXES:
        base = word.removesuffix(suffix)
        if base == word or len(base) < _MIN_STEM:
            continue
        is_doubled = base[-1] == base[-2] and base[-1] not in _UNDOUBLED
        return [base[:-1]] if is_doubled else [base]
    return []
