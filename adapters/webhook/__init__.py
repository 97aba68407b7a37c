"""Posts to a configured address what a community's own bridge carries on: signed JSON."""

from collections.abc import Mapping
from typing import Any

from adapters.webhook.platform import Options, Webhook


def connect(options: Mapping[str, Any]) -> Webhook:
    """Return the platform; its options are the fields of `Options`, by their names.

    Nothing is sent before the first message. Raises TypeError for an option that does not exist.
    """
    return Webhook(Options(**options))
