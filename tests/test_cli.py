"""The command line, as an operator and a curator use it."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from pybtex.database import parse_string

from tests.command_line import ROOT, CommandLine
from tests.samples import FILES
from tests.waiting import GUARD

pytestmark = pytest.mark.slow


def test_import_tells_what_it_did_and_the_second_time_that_nothing_changed(
    paperboy: CommandLine,
) -> None:
    source = str(FILES / "bundle-plain.yaml")

    code, said, _ = paperboy("import", source, "--json")
    again, repeated, _ = paperboy("import", source, "--json")

    first, second = json.loads(said), json.loads(repeated)
    assert (code, again) == (0, 0)
    assert set(first) == {"issues", "papers", "added", "updated", "unchanged", "problems"}
    assert first["added"] == first["papers"] > 0
    assert second["unchanged"] == first["papers"]
    assert second["added"] == second["updated"] == 0


def test_import_reads_the_standard_input_and_folders(
    paperboy: CommandLine, tmp_path: Path
) -> None:
    text = (FILES / "bundle-plain.yaml").read_text(encoding="utf-8")
    folder = tmp_path / "weeks"
    folder.mkdir()
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    (folder / "b.png").write_bytes(b"\x89PNG")

    assert paperboy("import", "-", given=text)[0] == 0
    code, said, _ = paperboy("import", str(folder))

    assert code == 0
    assert "0 added" in said


def test_bad_sources_are_told_and_change_nothing(filled: CommandLine, tmp_path: Path) -> None:
    before = filled("export")[1]
    bad = {
        "empty.md": b"",
        "binary.md": b"\x00\x01" * 500,
        "latin.txt": "[2023/10/09 ~ 10/15] \ub17c\ubb38".encode("cp949"),
        "half.json": b'{"issues": [{"series": "dair", "week"',
        "half.yaml": b"issues:\n- series: [dair\n",
        "words.txt": b"just words",
        "deep.html": b"<html><body>" + b"<div>" * 100_000,
        "deep.json": b'{"issues":' + b"[" * 100_000,
    }
    for name, data in bad.items():
        path = tmp_path / name
        path.write_bytes(data)

        code, _, told = filled("import", str(path))

        assert code == 2, name
        assert str(path) in told
    assert filled("import", str(tmp_path / "none.md"))[0] == 2
    assert filled("import", str(tmp_path / "a-folder-that-is-not/there"))[0] == 2
    assert filled("export")[1] == before


def test_a_huge_file_is_refused_without_reading_it_whole(
    paperboy: CommandLine, tmp_path: Path
) -> None:
    huge = tmp_path / "huge.md"
    with huge.open("wb") as file:
        file.truncate(200 * 1024 * 1024)

    code, _, told = paperboy("import", str(huge))

    assert code == 2
    assert "larger than 32 MiB" in told


def test_rows_that_cannot_be_read_end_with_3_and_the_rest_is_kept(
    paperboy: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "2023.md"
    path.write_text(
        "## Top AI Papers of the Week (October 9 - October 15) - 2023\n"
        "| **Paper** | **Links** |\n| --- | --- |\n"
        "| 1) **Ring Attention** - long | [Paper](https://arxiv.org/abs/2310.01889) |\n"
        "| 2) **Half a row** - it ends he\n",
        encoding="utf-8",
    )

    code, said, told = paperboy("import", str(path))

    assert code == 3
    assert f"{path}:5: " in told
    assert "1 added" in said


def test_a_bundle_through_an_empty_archive_comes_out_the_same(
    filled: CommandLine, tmp_path: Path
) -> None:
    for form in ("json", "yaml"):
        whole = filled("export", "--format", form)[1]
        other = CommandLine(tmp_path / form)
        other.folder.mkdir()
        path = other.folder / f"bundle.{form}"
        path.write_text(whole, encoding="utf-8")

        assert other("import", str(path))[0] == 0
        assert other("export", "--format", form)[1] == whole


def test_a_week_is_exported_by_any_of_its_names(filled: CommandLine) -> None:
    by_week = json.loads(filled("export", "--week", "2023-W41")[1])
    by_day = json.loads(filled("export", "--week", "2023-10-12", "--series", "sample")[1])

    assert by_week == by_day
    assert by_week["issues"][0]["start"] == "2023-10-09"
    assert filled("export", "--week", "1999-W01")[0] == 2
    assert filled("export", "--week", "nonsense")[0] == 2
    assert filled("export", "--week", "2001-01-01")[0] == 2


def test_ask_answers_once(filled: CommandLine) -> None:
    code, said, _ = filled("ask", "/paper ringattention", "--lang", "ko")

    assert code == 0
    assert "2023-W41" in said
    assert "https://arxiv.org/abs/2310.01889" in said


def test_ask_answers_a_file_line_by_line(filled: CommandLine, tmp_path: Path) -> None:
    queries = "/paper ringattention\n\n/paper quantum chess\n/week 2023-10-09\n"
    file = tmp_path / "queries"
    file.write_text(queries, encoding="utf-8")

    code, said, _ = filled("ask", "--batch", "-", given=queries)
    from_file = filled("ask", "--batch", str(file))[1]

    answers = [json.loads(line) for line in said.splitlines()]
    assert code == 0
    assert [each["query"] for each in answers] == queries.split("\n")[:1] + queries.split("\n")[
        2:4
    ]
    assert set(answers[0]) == {"query", "maybe", "ms", "private", "papers", "text", "suggestions"}
    assert answers[0]["papers"][0]["key"] == "arxiv:2310.01889"
    assert set(answers[0]["papers"][0]) == {
        "key", "title", "machine_texts", "week", "series", "retracted",
    }  # fmt: skip
    assert (answers[1]["papers"], answers[1]["private"]) == ([], True)
    assert len(answers[2]["papers"]) == 10
    assert len(from_file.splitlines()) == 3


def test_ask_explains_how_it_found(filled: CommandLine) -> None:
    said = filled("ask", "/paper ring atention", "--explain")[1]

    assert "equal: nothing" in said
    assert "mistyped: " in said


@pytest.mark.parametrize(
    "words",
    [
        ("ask",),
        ("ask", "/help", "--lang", "fr"),
        ("ask", "/help", "--platform", "telegram"),
        ("ask", "/help", "--platform", "../x"),
        ("ask", "--batch", "no-such-file"),
        ("preview", "nonsense"),
        ("preview", "1999-01-01"),
        ("import",),
        ("correct", "arxiv:0000.00000", "title", "ko", "x"),
        ("correct", "arxiv:2310.01889", "title", "fr", "x"),
        ("correct", "arxiv:2310.01889", "title", "ko"),
        ("retag", "nothing", "llm"),
    ],
)
def test_wrong_words_get_a_sentence_and_exit_code_2(
    filled: CommandLine, words: tuple[str, ...]
) -> None:
    code, _, told = filled(*words)

    assert code == 2
    assert told.strip()


def test_preview_shows_every_message_of_a_layout(filled: CommandLine) -> None:
    shown = {
        layout: filled("preview", "2023-W41", "--layout", layout, "--json")[1].splitlines()
        for layout in ("overview", "threads", "forum")
    }

    assert {layout: len(lines) for layout, lines in shown.items()} == {
        "overview": 1,
        "threads": 21,
        "forum": 11,
    }
    assert all("text" in json.loads(line) for lines in shown.values() for line in lines)
    assert "1. " in filled("preview", "latest", "--lang", "en")[1]


def test_curators_correct_and_tag(filled: CommandLine) -> None:
    assert filled("correct", "2310.01889", "title", "ko", "고친 제목")[0] == 0
    assert filled("retag", "https://arxiv.org/abs/2310.01889", "my own tag")[0] == 0

    said = filled("ask", "/paper ringattention", "--lang", "ko")[1]
    assert "고친 제목" in said
    assert "#my-own-tag" in said
    assert "1. 고친 제목" in filled("ask", "/tag my own tag", "--lang", "ko")[1]

    assert filled("correct", "2310.01889", "title", "ko", "--take-back")[0] == 0
    assert filled("retag", "2310.01889", "my own tag", "--take-back")[0] == 0
    assert "고친 제목" not in filled("ask", "/paper ringattention", "--lang", "ko")[1]


def test_backup_and_check(filled: CommandLine, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"

    assert filled("backup", str(copy))[0] == 0
    assert filled("check")[0] == 0
    assert filled("backup", str(copy))[0] == 2

    filled.database.write_bytes(copy.read_bytes()[:5000])
    filled.database.with_name("archive.sqlite3-wal").unlink(missing_ok=True)
    code, _, told = filled("check")
    assert code == 2
    assert "paperboy restore" in told

    filled.database.with_name("archive.sqlite3-wal").write_bytes(b"of another file" * 1000)
    code, said, _ = filled("restore", str(copy))
    assert code == 0
    assert "The archive before is kept as" in said
    assert filled("check")[0] == 0
    assert "1. " in filled("ask", "/week latest", "--lang", "en")[1]


def test_what_cannot_be_restored_changes_nothing(filled: CommandLine, tmp_path: Path) -> None:
    copy, no_archive = tmp_path / "copy.sqlite3", tmp_path / "other.sqlite3"
    assert filled("backup", str(copy))[0] == 0
    with closing(sqlite3.connect(no_archive)) as other:
        other.execute("CREATE TABLE notes (text)")
    before = filled.database.read_bytes()
    for wrong in (tmp_path / "missing", no_archive, filled.database):
        assert filled("restore", str(wrong))[0] == 2
    assert "is a folder" in filled("restore", str(tmp_path))[2]
    damaged = tmp_path / "damaged.sqlite3"
    damaged.write_bytes(copy.read_bytes()[:5000])
    assert filled("restore", str(damaged))[0] == 2
    with closing(sqlite3.connect(filled.database)) as running:
        running.execute("SELECT * FROM papers").fetchall()
        code, _, told = filled("restore", str(copy))
        assert code == 2
        assert "stop Paperboy first" in told
    assert filled.database.read_bytes() == before
    assert not list(filled.database.parent.glob("*.before-restore-*"))


def test_backup_and_check_of_nothing_are_told(paperboy: CommandLine, tmp_path: Path) -> None:
    assert paperboy("check")[0] == 2
    assert paperboy("backup", str(tmp_path / "copy"))[0] == 2


def test_run_loads_the_sample_once_and_answers_what_is_piped_in(paperboy: CommandLine) -> None:
    code, said, told = paperboy(
        "run", given="/paper ringattention\na\n/week latest\n/quit\n/help\n"
    )
    _, _, again = paperboy("run", given="/quit\n")

    assert code == 0
    assert "sample weeks were loaded" in told
    assert "2310.01889" in said
    assert "/help" not in said
    assert "sample" not in again


def test_the_line_of_the_procfile_runs(paperboy: CommandLine) -> None:
    started = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()[-1]
    name, _, line = started.partition(": ")
    done = subprocess.run(  # noqa: S603 - our own program
        [str(Path(sys.executable).with_name(line.split()[0])), *line.split()[1:]],
        input="/help\n",
        capture_output=True,
        text=True,
        timeout=GUARD,
        check=False,
        env={
            "PATH": os.environ["PATH"],
            "PAPERBOY_DATABASE_URL": str(paperboy.database),
            "PYTHONUTF8": "1",
        },
    )

    assert name == "worker"
    assert done.returncode == 0
    assert "/paper" in done.stdout


def test_the_language_of_the_system_is_spoken(filled: CommandLine) -> None:
    assert "찾지 못했습니다" in filled("ask", "/paper xyzzy", LANG="ko_KR.UTF-8")[1]
    assert "No paper is called" in filled("ask", "/paper xyzzy", LANG="en_US.UTF-8")[1]


def test_wrong_settings_and_databases_are_told(paperboy: CommandLine) -> None:
    assert "PAPERBOY_LANGUAGE" in paperboy("ask", "/help", PAPERBOY_LANGUAGE="fr")[2]
    other = {"PAPERBOY_DATABASE_URL": "mysql://host/name"}
    assert "cannot be used; set PAPERBOY_DATABASE_URL" in paperboy("ask", "/help", **other)[2]
    address = {"PAPERBOY_DISCORD_API_URL": "nonsense", "PAPERBOY_DISCORD_GATEWAY_URL": "http://x"}
    said = paperboy("ask", "/help", **address)[2]
    assert "https://" in said
    assert "wss://" in said
    channels = {"PAPERBOY_ANSWERS_CHANNELS": '{"papers": ["paper"]}'}
    assert "discord:SERVER/CHANNEL" in paperboy("ask", "/help", **channels)[2]
    paperboy.database.write_text("words" * 1000)
    assert "not a database" in paperboy("ask", "/help")[2]


def test_a_citation_goes_into_a_file_as_it_is(filled: CommandLine) -> None:
    code, said, _ = filled("ask", "/paper ring attention --bibtex")
    shown = filled("ask", "/cite ring attention", "--lang", "en")[1]

    assert code == 0
    assert list(parse_string(said, "bibtex").entries) == ["arxiv:2310.01889"]
    assert said.startswith("@misc{arxiv:2310.01889,\n")
    assert said in shown
