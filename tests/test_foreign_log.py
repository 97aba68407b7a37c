"""A write-ahead log is applied to the file that it belongs to, and to no other."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import file_identity
from storage.sqlite import SqliteDatabase
from storage.sqlite_files import assign_identity
from tests.command_line import CommandLine

SIDES = ("", "-wal", "-shm")
NAME = "SELECT channel FROM subscriptions ORDER BY id"


WEBHOOK = {
    "PAPERBOY_WEBHOOK_CHANNELS": '{"a": "http://127.0.0.1:9/a", "b": "http://127.0.0.1:9/b"}',
    "PAPERBOY_WEBHOOK_SECRET": "loopback",
}


def subscribe(filled: CommandLine, channel: str) -> None:
    done = filled("subscriptions", "add", f"webhook:{channel}", **WEBHOOK)
    assert done[0] == 0, done


def crash(path: Path, change: str) -> None:
    """Leave an archive as a program does that is killed after a change: with its log."""
    kept = path.parent / "crashed"
    kept.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(change)
        for side in SIDES:
            shutil.copy(path.with_name(path.name + side), kept / f"file{side}")
    for side in SIDES:
        shutil.copy(kept / f"file{side}", path.with_name(path.name + side))
    shutil.rmtree(kept)


def channels(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute(NAME)]


@pytest.mark.parametrize("how", ["backup", "cp of a stopped archive", "moved there"])
def test_the_log_of_a_former_file_is_not_applied_to_a_copy_that_was_put_there(
    filled: CommandLine, tmp_path: Path, how: str
) -> None:
    path, copy = filled.database, tmp_path / "copy.sqlite3"
    subscribe(filled, "a")
    if how == "backup":
        assert filled("backup", str(copy))[0] == 0
    else:
        shutil.copy(path, copy)
    subscribe(filled, "b")
    crash(path, "UPDATE subscriptions SET channel = channel || '2'")
    log = path.with_name(f"{path.name}-wal").read_bytes()
    before = copy.read_bytes()
    (shutil.move if how == "moved there" else shutil.copy)(copy, path)

    code, said, told = filled("check")

    assert code == 0
    assert "is whole" in said
    assert "was not applied" in told
    assert "paperboy restore" in told
    assert channels(path) == ["a"]
    kept = next(path.parent.glob("*.foreign-*-wal"))
    assert kept.read_bytes() == log
    if how != "moved there":
        assert copy.read_bytes() == before
    code, said, told = filled("ask", "/week latest", "--lang", "en")
    assert (code, told) == (0, "")
    assert "1. " in said


def test_a_program_that_was_killed_loses_nothing_of_its_log(filled: CommandLine) -> None:
    path = filled.database
    subscribe(filled, "a")
    for _ in range(3):
        crash(path, "UPDATE subscriptions SET channel = channel || '1'")
        assert filled("check")[2] == ""
    assert channels(path) == ["a111"]
    assert not list(path.parent.glob("*.foreign-*"))


@pytest.mark.parametrize("is_known", [True, False])
def test_a_log_of_which_nothing_is_known_is_applied(filled: CommandLine, is_known: bool) -> None:  # noqa: FBT001
    path = filled.database
    subscribe(filled, "a")
    crash(path, "UPDATE subscriptions SET channel = 'c'")
    owner = path.with_name(f"{path.name}.identity-of-log")
    if is_known:
        owner.write_text("no number")
    else:
        owner.unlink()
    assert filled("check")[2] == ""
    assert channels(path) == ["c"]


def test_a_crash_while_an_identity_is_renewed_makes_no_log_foreign(filled: CommandLine) -> None:
    path = filled.database
    subscribe(filled, "a")
    owner = path.with_name(f"{path.name}.identity-of-log")
    former = int(owner.read_text().split()[0])
    for identity in (former, former + 1):
        # The file has the former one still, or the new one already; both are written down.
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            assign_identity(connection, identity)
        owner.write_text(f"{former} {former + 1}")
        crash(path, "UPDATE subscriptions SET channel = channel || '1'")
        assert file_identity.set_aside_foreign_log(SqliteDatabase(path)) == ()
        assert filled("ask", "/week latest")[2] == ""
    assert channels(path) == ["a11"]
    assert len(owner.read_text().splitlines()[0].split()) == 1


def test_an_archive_that_a_program_has_open_keeps_its_identity(filled: CommandLine) -> None:
    path = filled.database
    subscribe(filled, "a")
    owner = path.with_name(f"{path.name}.identity-of-log")
    former = owner.read_text()
    with closing(sqlite3.connect(path, isolation_level=None)) as running:
        running.execute("UPDATE subscriptions SET channel = 'b'")
        assert filled("ask", "/week latest")[0] == 0
        assert owner.read_text() == former
    assert filled("ask", "/week latest")[0] == 0
    assert owner.read_text() != former


def test_a_file_that_nothing_was_written_to_keeps_its_identity(filled: CommandLine) -> None:
    assert filled("ask", "/week latest")[0] == 0
    before = filled.database.read_bytes()

    assert filled("ask", "/week latest")[0] == 0
    assert filled.database.read_bytes() == before
    # A program that goes on may leave a log, and a copy may have been made since.
    file_identity.renew(SqliteDatabase(filled.database), even_unchanged=True)
    assert filled.database.read_bytes() != before
