"""What the core asks of a language model."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Completion:
    """The answer of a language model."""

    text: str
    model: str
    """The model that answered, as the endpoint names it."""
    prompt_tokens: int
    completion_tokens: int
    pause: timedelta = timedelta()
    """How long the endpoint wants no further request, as its limit is reached."""


class RequestTooLong(Exception):
    """The request is longer than the model takes; a shorter one may be taken."""


class LanguageModel(Protocol):
    """A language model behind an endpoint."""

    async def complete(
        self, instructions: str, text: str, schema: Mapping[str, Any]
    ) -> Completion:
        """Return the answer to a text under instructions, which should fit a JSON schema.

        Raises TryLater where the endpoint is busy, unreachable or broken, Refused (of the account)
        where it accepts no request as it is set up, and RequestTooLong.
        """
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...
