"""Webhook: posts signed JSON to configured URLs, for a community's own bridge."""

from collections.abc import Mapping
from typing import Any

from adapters.webhook.options import Options
from bot.ports.platform import Platform


def connect(options: Options | Mapping[str, Any]) -> Platform:
    """Return the platform; nothing is sent before the first message.

    Raises pydantic.ValidationError for an option that is unknown or wrong.
    """
    # Its HTTP client takes a while to import.
    from adapters.webhook.platform import Webhook  # noqa: PLC0415

    return Webhook(Options.model_validate(options))
