"""Faults of machine-made texts: what a check found, in a sentence for the model (pure)."""

from dataclasses import dataclass
from enum import Enum


class Check(Enum):
    """What a fault is about."""

    NUMBERS = "numbers"
    NAMES = "names"
    VERBATIM = "verbatim"
    QUOTATIONS = "quotations"
    LANGUAGE = "language"
    LENGTH = "length"
    ADDED = "added"
    FORM = "form"
    CHATTER = "chatter"
    TONE = "tone"
    TERMS = "terms"
    WRONG_SUBJECT = "wrong subject"
    MEANING = "meaning"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with a text."""

    check: Check
    message: str
    """A sentence that says what is wrong, in English."""
