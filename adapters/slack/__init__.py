"""Slack: posts over the Web API, receives events over Socket Mode or HTTP."""

from collections.abc import Mapping
from typing import Any

from adapters.slack.options import Options
from bot.ports.platform import Platform


def connect(options: Options | Mapping[str, Any]) -> Platform:
    """Return the platform; nothing is sent before it is used.

    Raises pydantic.ValidationError for an option that is unknown or wrong.
    """
    # Settings are read without the platform's library, which is an extra and slow to import.
    from adapters.slack.platform import Slack  # noqa: PLC0415

    return Slack(Options.model_validate(options))
