"""What the requests of curators have in common (pure): numbers, names and refusals."""

from bot.model.card import Card
from bot.model.curation import Attribution
from bot.ports.conversation import Reply, Request

_DIGITS = 9
"""Of the number of a report, a review, a conflict or an edit at most."""


def number_in(argument: str) -> int | None:
    """Return the number that a control carries; None for anything else."""
    text = argument.strip()
    is_number = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    return int(text) if is_number else None


def attribution(request: Request, reason: str = "") -> Attribution:
    """Return who decides and why, as it is recorded."""
    return Attribution(f"{request.person.platform}:{request.person.id}", reason)


def refused(card: Card) -> Reply:
    """Return a refusal, for the person alone."""
    return Reply(card, is_private=True, is_refused=True)
