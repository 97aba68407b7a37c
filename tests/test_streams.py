"""The command line's output in every encoding that a terminal or a pipe has."""

import json
import os

import pytest

from tests.command_line import CommandLine, run_forked


def run(program: CommandLine, encoding: str, *words: str, given: bytes = b"") -> tuple[int, bytes]:
    """Return the exit code and the bytes that a child process wrote."""
    environ = {
        "PAPERBOY_DATABASE_URL": str(program.database),
        "PAPERBOY_ENV_FILE": os.devnull,
        "PYTHONIOENCODING": encoding,
    }
    code, said, beside = run_forked(words, given, environ)
    assert b"Traceback" not in beside
    return code, said


@pytest.mark.parametrize("encoding", ["cp949", "cp1252", "latin-1", "utf-8"])
def test_an_answer_is_written_in_every_encoding(filled: CommandLine, encoding: str) -> None:
    name = encoding.partition(":")[0]

    code, said = run(filled, encoding, "ask", "/week latest")
    json_code, report = run(filled, encoding, "ask", "/week latest", "--json")

    assert (code, json_code) == (0, 0)
    assert "MiniMax Sparse Attention" in said.decode(name)
    title = json.loads(report.decode(name))["papers"][0]["title"]["ko"]
    assert title.startswith("MiniMax 희소")
    if name in {"cp949", "utf-8"}:
        assert "희소" in said.decode(name)


def test_what_is_no_text_is_read_and_told(filled: CommandLine) -> None:
    code, said = run(filled, "utf-8", "run", given=b"/paper \xff\xfe ringattention\n/help\n")

    assert code == 0
    assert "/paper" in said.decode()
    assert run(filled, "utf-8:strict", "ask", "/paper \udcff")[0] == 0
    assert "\\ud83d\\ude00" in run(filled, "latin-1", "ask", "/paper 😀")[1].decode("latin-1")
