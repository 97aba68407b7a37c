"""Formats and parses the references to papers that controls carry."""

import re
from dataclasses import dataclass

from bot.model.papers import Paper

_REFERENCE = re.compile(r"^id:(\d{1,18})(?:/([a-z]{2}|both))?$")


@dataclass(frozen=True, slots=True)
class PaperReference:
    """A reference to a paper."""

    paper: int
    """Its number in the archive."""
    choice: str
    """The language to show it in; empty for that of the person."""


def format_reference(paper: Paper, choice: str = "") -> str:
    """Return a reference to a paper, in a language if one is given."""
    return f"id:{paper.id}/{choice}" if choice else f"id:{paper.id}"


def parse_reference(argument: str) -> PaperReference | None:
    """Return the reference that an argument such as `id:12/ko` is, or None."""
    match = _REFERENCE.match(argument.strip())
    return PaperReference(int(match[1]), match[2] or "") if match else None
