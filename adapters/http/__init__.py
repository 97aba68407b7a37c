"""HTTP client: fetches sources and metadata from the web, guarded and rate limited."""

from collections.abc import Mapping
from typing import Any

from adapters.http.client import HttpClient
from adapters.http.options import Options


def connect(options: Mapping[str, Any]) -> HttpClient:
    """Return an HTTP client; `options` are the fields of `Options` by name.

    No connection is opened before the first request. Raises TypeError for an unknown option.
    """
    return HttpClient(Options(**options))
