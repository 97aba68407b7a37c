"""Slack: posts over its Web API, hears people over Socket Mode or by signed requests."""

from collections.abc import Mapping
from typing import Any

from adapters.slack.options import Options
from adapters.slack.platform import Slack


def connect(options: Mapping[str, Any]) -> Slack:
    """Return the platform; its options are the fields of `Options`, by their names.

    Nothing is sent before it is used. Raises TypeError for an option that does not exist.
    """
    return Slack(Options(**options))
