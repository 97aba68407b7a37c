"""The log: a line for each event, and never a secret."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot.cli.logs import LogFormatter, configure_logging

SECRET = "s3cr3t-of-the-webhook"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Yield what is logged; the logging of the tests comes back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    configure_logging([SECRET, "abc"], stream=written)
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)


def test_an_event_is_a_line_of_json_with_its_fields(stream: io.StringIO) -> None:
    logging.getLogger("bot.delivery.sender").info(
        "part %s", "posted", extra={"fields": {"lag": 1.5}}
    )
    line = json.loads(stream.getvalue())
    assert (line["event"], line["lag"], line["level"]) == ("part posted", 1.5, "info")


@pytest.mark.parametrize(
    "said",
    [
        f"the secret is {SECRET}",
        "xoxb-1234567890-abcdef",
        "xapp-1-A123-456-abc",
        "Authorization: Bot MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcDe.abcdefghijklmnop",
        "https://user:password@bridge.example/papers",
    ],
)
def test_secrets_are_hidden_wherever_they_stand(stream: io.StringIO, said: str) -> None:
    logging.getLogger("x").error("%s", said)
    try:
        int(said)
    except ValueError:
        logging.getLogger("x").exception("it failed", extra={"fields": {"why": said}})
    assert "***" in stream.getvalue()
    for piece in (SECRET, "1234567890", "A123", "MTIzNDU2", "password"):
        assert piece not in stream.getvalue()


def test_a_person_at_a_terminal_reads_sentences() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "part posted", (), None)
    record.fields = {"channel": "papers"}
    line = LogFormatter([], as_json=False).format(record)
    assert line.endswith("info part posted channel=papers")
