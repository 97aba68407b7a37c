"""Removes invisible characters from texts, for every platform alike (pure)."""

import re
import unicodedata

_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Blank-looking characters outside of the Unicode category Cf (format)."""
_HIDDEN = frozenset({"Cc", "Cf", "Cs"})
_MAX_LINE = 300
"""Maximum characters of a line in a log or at a terminal."""

_BLANKS = re.compile(r"[^\S\n]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")


def clean(text: str) -> str:
    """Return a text without control, zero-width and bidirectional formatting characters.

    Line breaks are kept as line feeds; a tab becomes a space.
    """
    if text.replace("\n", "").isprintable() and _BLANK.isdisjoint(text):
        return text  # the common case; checking every character is slow
    return "".join(
        char
        for char in _LINE_ENDS.sub("\n", text).replace("\t", " ")
        if char == "\n" or (unicodedata.category(char) not in _HIDDEN and char not in _BLANK)
    )


def normalise_input(text: str) -> str:
    """Return what a person typed in NFC, with plain spaces in place of other blanks.

    Input methods and file systems of macOS give Korean as decomposed jamo; phones and word
    processors insert no-break and ideographic spaces. Line breaks are kept.
    """
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", text))


def strip_controls(text: str) -> str:
    """Return a text that can be written to a terminal: without escape sequences.

    Control characters other than line breaks and tabs are removed, and those that turn the
    direction of writing. JSON stays JSON.
    """
    return _CONTROLS.sub("", text)


def one_line(text: str) -> str:
    """Return an untrusted text as one line for a log or a terminal, at most 300 characters."""
    line = " ".join(clean(text).split())
    return line if len(line) <= _MAX_LINE else line[: _MAX_LINE - 1] + "…"
