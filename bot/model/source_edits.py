"""Which changes of sources are shown in messages that were posted."""

from enum import Enum


class SourceEdits(Enum):
    """Which changes of a source edit messages that were posted; a curator's always do."""

    NOTHING = "nothing"
    LINKS_AND_NUMBERS = "links and numbers"
    """Links, and texts that differ in digits alone."""
    EVERYTHING = "everything"
