"""Takes out of a text what cannot be seen, for every platform alike (pure)."""

import re
import unicodedata

_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that look like nothing, beside those that Unicode itself calls format."""
_HIDDEN = frozenset({"Cc", "Cf", "Cs"})
_LONGEST = 300
"""The most characters of a line that tells of a problem."""

_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")


def clean(text: str) -> str:
    """Return a text without controls, zero-width characters and those that turn writing.

    Line breaks stay, all of them as line feeds; a tab becomes a blank.
    """
    if text.replace("\n", "").isprintable() and _BLANK.isdisjoint(text):
        return text  # as nearly all are; to look at every character takes long
    return "".join(
        char
        for char in _LINE_ENDS.sub("\n", text).replace("\t", " ")
        if char == "\n" or (unicodedata.category(char) not in _HIDDEN and char not in _BLANK)
    )


def one_line(text: str) -> str:
    """Return a text as it may stand in a log or at a terminal, whoever wrote it: bounded."""
    line = " ".join(clean(text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
