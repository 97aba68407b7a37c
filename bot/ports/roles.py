"""What a process does of all that the bot does, where several share the work."""

from enum import StrEnum


class Role(StrEnum):
    """A share of the work."""

    ANSWER = "answer"
    """Receives commands and answers them, and serves the web pages."""
    DELIVER = "deliver"
    """Decides what is due and posts it, as far as no other process has the lease."""
    SYNC = "sync"
    """Brings weeks, records, translations and vectors into the archive."""


EVERY_ROLE = frozenset(Role)
