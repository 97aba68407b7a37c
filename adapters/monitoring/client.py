"""Asks a bot that runs on this machine how it is, as `paperboy health` and `status` do."""

from collections.abc import Mapping
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

_SECONDS = 8.0
"""Longer than the bot itself waits for its state."""
_ANY = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - it only connects
"""Where a program is reached that listens on every address."""


class NoAnswer(Exception):
    """No bot answers there; the message says why."""


def ask(host: str, port: int, path: str) -> tuple[bool, str]:
    """Return whether the answer is a success, and its text. Raises NoAnswer."""
    with closing(HTTPConnection(_ANY.get(host, host), port, timeout=_SECONDS)) as connection:
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status == HTTPStatus.OK, response.read().decode("utf-8", "replace")
        except OSError as error:
            raise NoAnswer(error.strerror or str(error) or type(error).__name__) from error
        except HTTPException as error:
            raise NoAnswer(f"what is there speaks no HTTP ({type(error).__name__})") from error


def read_metrics(host: str, port: int) -> Mapping[str, list[dict[str, object]]]:
    """Return the samples of every metric of Paperboy by its name. Raises NoAnswer."""
    from prometheus_client.parser import text_string_to_metric_families  # noqa: PLC0415

    is_success, text = ask(host, port, "/metrics")
    if not is_success:
        raise NoAnswer(text.strip())
    found: dict[str, list[dict[str, object]]] = {}
    try:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name.startswith("paperboy_"):
                    value = {"labels": dict(sample.labels), "value": sample.value}
                    found.setdefault(sample.name, []).append(value)
    except ValueError as error:
        raise NoAnswer(f"what answers there is not Paperboy: {error}") from error
    return found
