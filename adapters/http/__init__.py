"""HTTP client: fetches sources and metadata from the web, guarded and rate limited."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from adapters.http.options import Options

if TYPE_CHECKING:
    from adapters.http.client import HttpClient


def connect(options: Mapping[str, Any]) -> "HttpClient":
    """Return an HTTP client; `options` are the fields of `Options` by name.

    No connection is opened before the first request. Raises TypeError for an unknown option.
    """
    # The package is looked at wherever platforms are listed; its library takes long to import.
    from adapters.http.client import HttpClient  # noqa: PLC0415

    return HttpClient(Options(**options))
