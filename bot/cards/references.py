"""What a control carries to mean a paper: written and read."""

import re
from dataclasses import dataclass

from bot.model.papers import Paper

_REFERENCE = re.compile(r"^id:(\d{1,18})(?:/(ko|en|both))?$")


@dataclass(frozen=True, slots=True)
class PaperReference:
    """The paper that a control means."""

    paper: int
    """The archive's number of it."""
    choice: str
    """The language that it is to be shown in; empty for the person's own."""


def format_reference(paper: Paper, choice: str = "") -> str:
    """Return what means this paper, in this language where one is given."""
    return f"id:{paper.id}/{choice}" if choice else f"id:{paper.id}"


def parse_reference(argument: str) -> PaperReference | None:
    """Return what an argument such as `id:12/ko` means; None where it is none of these."""
    match = _REFERENCE.match(argument.strip())
    return PaperReference(int(match[1]), match[2] or "") if match else None
