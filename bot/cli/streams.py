"""Lets the standard streams take every character, whatever their encoding."""

import codecs
import io
import sys
import unicodedata

_HANDLER = "paperboy-escape"


def tolerate_encodings() -> None:
    """Write what the output's encoding lacks as an escape, and read what is malformed as `�`.

    The escapes are those of JSON, so that `--json` stays exact. A code page that a terminal or a
    pipe was given (cp949, cp1252, latin-1) then never ends a command.
    """
    codecs.register_error(_HANDLER, _escape)
    for stream, errors in (
        (sys.stdout, _HANDLER),
        (sys.stderr, _HANDLER),
        (sys.stdin, "replace"),
    ):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def _escape(error: UnicodeError) -> tuple[str, int]:
    """Return a blank for each blank, such as a thin one, and an escape for all else."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_escaped(character) for character in lacking), error.end


def _escaped(character: str) -> str:
    if unicodedata.category(character) == "Zs":
        return " "
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i] << 8 | units[i + 1]:04x}" for i in range(0, len(units), 2))
