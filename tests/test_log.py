"""The log: a line for each event, and never a secret."""

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest

from bot.app.platforms import settings_type
from bot.cli.logs import LogFormatter, configure_logging
from config.settings import Settings
from tests.command_line import CommandLine, logging_restored

SECRET = "s3cr3t-of-the-webhook"


def _settings(**log: str) -> Settings:
    secrets = {"discord": {"token": "abc"}, "webhook": {"secret": SECRET}}
    return settings_type().model_validate({**secrets, "log": log})


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Yield what is logged; the logging of the tests comes back afterwards."""
    written = io.StringIO()
    with logging_restored():
        configure_logging(_settings(), stream=written)
        yield written


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


@pytest.mark.parametrize(
    ("log", "where", "begins"),
    [({}, "terminal", "\\d\\d:"), ({}, "file", "{"), ({"format": "TEXT"}, "file", "\\d\\d:"),
     ({"format": "json"}, "terminal", "{")],
)  # fmt: skip
def test_the_form_of_the_log_can_be_chosen(
    stream: io.StringIO, log: dict[str, str], where: str, begins: str
) -> None:
    class Written(io.StringIO):
        def isatty(self) -> bool:
            return where == "terminal"

    written = Written()
    configure_logging(_settings(**log), stream=written)
    logging.getLogger("bot.x").info("it began")

    assert re.match(begins, written.getvalue())


def test_the_level_of_the_log_can_be_chosen_and_libraries_stay_silent(
    stream: io.StringIO,
) -> None:
    for level, said in (
        ("Warning", list[str]()),
        ("info", ["info"]),
        ("debug", ["info", "debug"]),
    ):
        written = io.StringIO()
        configure_logging(_settings(level=level), stream=written)
        logging.getLogger("aiohttp.client").debug("a request with its token")
        logging.getLogger("bot.x").info("it began")
        logging.getLogger("bot.x").debug("it goes on")
        assert [json.loads(line)["level"] for line in written.getvalue().splitlines()] == said


def test_a_level_that_there_is_not_is_refused_with_those_that_there_are(
    paperboy: CommandLine,
) -> None:
    code, _, beside = paperboy("status", PAPERBOY_LOG_LEVEL="chatty", PAPERBOY_LOG_FORMAT="xml")

    assert code == 2
    assert "PAPERBOY_LOG_LEVEL" in beside
    assert "'warning'" in beside
    assert "'text'" in beside
