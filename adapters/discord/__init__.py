"""Discord: posts over its HTTP API, and receives interactions over its gateway."""

from collections.abc import Mapping
from typing import Any

from adapters.discord.options import Options
from bot.ports.platform import Platform


def connect(options: Options | Mapping[str, Any]) -> Platform:
    """Return the platform; nothing is sent before it is used.

    Raises pydantic.ValidationError for an option that is unknown or wrong.
    """
    # Settings are read without the platform's library, which is an extra and slow to import.
    from adapters.discord.platform import Discord  # noqa: PLC0415

    return Discord(Options.model_validate(options))
