"""What others wrote reaches the operator's terminal without escape sequences."""

import io
import json
import logging
from pathlib import Path

import pytest

from bot.cli.exit import fail, warn
from bot.cli.logs import LogFormatter
from bot.cli.output import print_line
from bot.lib.clean import strip_controls
from tests.command_line import CommandLine

HOSTILE = "a\x1b]0;owned\x07b\x9b31mc\u202ed\re"
SHOWN = "a]0;ownedb31mcde"


def test_controls_are_removed_and_lines_and_tabs_stay() -> None:
    assert strip_controls(HOSTILE) == SHOWN
    assert strip_controls("한글\n\tzero\u200bwidth 👍🏽") == "한글\n\tzero\u200bwidth 👍🏽"
    assert json.loads(strip_controls(json.dumps(HOSTILE, ensure_ascii=False))) == (
        HOSTILE.replace("\x9b", "").replace("\u202e", "")
    )


@pytest.mark.parametrize("as_json", [True, False])
def test_a_log_event_has_no_escape_and_stays_one_line(as_json: bool) -> None:  # noqa: FBT001
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LogFormatter([], as_json=as_json))
    record = logging.makeLogRecord({
        "msg": "Failed: %s", "args": (f"{HOSTILE}\n12:00:00 info Forged",),
        "fields": {"error": HOSTILE},
    })  # fmt: skip
    handler.emit(record)
    written = stream.getvalue()
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r"} & set(written)
    assert written.count("\n") == 1


def test_sentences_of_the_program_have_no_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    warn(HOSTILE)
    print_line(HOSTILE)
    with pytest.raises(SystemExit):
        fail(HOSTILE)
    captured = capsys.readouterr()
    assert captured.err == f"{SHOWN}\n" * 2
    assert captured.out == f"{SHOWN}\n"


def test_an_imported_file_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    hostile = tmp_path / "week.yaml"
    hostile.write_text('issues:\n- "\\e]0;owned\\a": "\\x9b31m"\n', encoding="utf-8")
    _, out, err = CommandLine(tmp_path)("import", str(hostile))
    assert out + err
    assert not {"\x1b", "\x07", "\x9b"} & set(out + err)
