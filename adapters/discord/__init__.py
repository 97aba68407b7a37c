"""Discord: posts over its HTTP API, hears people over its gateway."""

from collections.abc import Mapping
from typing import Any

from adapters.discord.options import Options
from adapters.discord.platform import Discord


def connect(options: Mapping[str, Any]) -> Discord:
    """Return the platform; its options are the fields of `Options`, by their names.

    Nothing is sent before it is used. Raises TypeError for an option that does not exist.
    """
    return Discord(Options(**options))
