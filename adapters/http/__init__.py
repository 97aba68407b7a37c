"""Fetches what lies on the web."""

from collections.abc import Mapping
from typing import Any

from adapters.http.client import HttpClient
from adapters.http.options import Options


def connect(options: Mapping[str, Any]) -> HttpClient:
    """Return the way to the web; its options are the fields of `Options`, by their names.

    Nothing is asked before the first address. Raises TypeError for an option that does not exist.
    """
    return HttpClient(Options(**options))
