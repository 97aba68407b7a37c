"""How long what is people's own is kept, as frozen data."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is people's own is kept; None for ever."""

    unused: timedelta | None = None
    """After so long a time without use it is deleted."""
    copies: timedelta | None = None
    """After so long copies of the database are deleted that the program made."""
