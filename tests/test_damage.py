"""A damaged file, a full disk and other people's eyes: what an archive's file has to withstand."""

import resource
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from storage.database import DatabaseUnusable
from storage.sqlite import SqliteDatabase
from storage.sqlite_files import KEPT_UPGRADE_COPIES
from storage.store import ArchiveStore
from tests.command_line import CommandLine

PAGE = 4096


def damage(path: Path, how: str) -> None:
    """Spoil an archive's file, as a failing disk does."""
    data = bytearray(path.read_bytes())
    match how:
        case "header":
            data[:100] = b"\xff" * 100
        case "pages":
            for start in range(2 * PAGE, len(data) - PAGE, PAGE):
                data[start : start + 64] = b"\xff" * 64
        case "zeros":
            data[PAGE:] = bytes(len(data) - PAGE)
        case _:
            del data[len(data) // 2 :]
    path.write_bytes(data)


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file grow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("how", ["header", "pages", "zeros", "half"])
def test_a_damaged_archive_is_told_by_every_command_and_never_copied(
    filled: CommandLine, how: str
) -> None:
    damage(filled.database, how)
    copy = filled.folder / "copy.sqlite3"

    for words in (
        ("check",),
        ("backup", str(copy)),
        ("ask", "/week latest"),
        ("ask", "/paper ringattention"),
        ("status",),
        ("export",),
        ("import", "--sample"),
    ):
        code, said, beside = filled(*words)

        assert code == 2, words
        assert "damaged" in beside, words
        assert "Copied" not in said
    assert not copy.exists()


async def test_an_archive_that_is_damaged_while_it_is_open_is_told_in_words(
    filled: CommandLine,
) -> None:
    store = ArchiveStore.open(filled.database)
    try:
        damage(filled.database, "zeros")
        for reading in (
            store.totals(),
            store.ledger().subscriptions(),
            store.query_index(lambda index: index.find_exact("ringattention", 1)),
        ):
            with pytest.raises(DatabaseUnusable, match="damaged") as caught:
                await reading
            assert "SELECT" not in str(caught.value)
    finally:
        await store.close()


def test_an_empty_file_is_no_archive(paperboy: CommandLine) -> None:
    paperboy.database.touch()

    for words in (("check",), ("backup", str(paperboy.folder / "copy.sqlite3"))):
        code, said, beside = paperboy(*words)
        assert (code, said) == (2, "")
        assert "no archive" in beside


def test_a_whole_archive_on_a_full_disk_is_not_to_be_restored(
    filled: CommandLine, tmp_path: Path
) -> None:
    with full_disk(), pytest.raises(DatabaseUnusable, match="room on it") as caught:
        SqliteDatabase(filled.database).check_integrity()
    assert "restore" not in str(caught.value)
    with full_disk(), pytest.raises(DatabaseUnusable, match="room"):
        SqliteDatabase(filled.database).copy_to(tmp_path / "copy.sqlite3")
    assert not (tmp_path / "copy.sqlite3").exists()
    assert filled("check")[0] == 0


def test_an_archive_that_another_program_holds_is_not_to_be_restored(filled: CommandLine) -> None:
    with closing(sqlite3.connect(filled.database, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")

        code, _, beside = filled("check")

    assert code == 2
    assert "another program holds it" in beside
    assert "restore" not in beside


async def test_nobody_but_the_owner_reads_the_archive_and_its_copies(tmp_path: Path) -> None:
    path, copy = tmp_path / "a.sqlite3", tmp_path / "copy.sqlite3"
    SqliteDatabase(path).prepare()
    store = ArchiveStore.open(path)
    try:
        await store.totals()
        SqliteDatabase(path).copy_to(copy)
        beside = [path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")]
        assert {mode(each) for each in (path, copy, *beside)} == {0o600}
    finally:
        await store.close()


def test_an_upgrade_keeps_the_three_newest_copies(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    SqliteDatabase(path).prepare()
    for name in ("before-0002-20240101T0", "before-0004-20240303T0", "before-0003-20240202T0"):
        (tmp_path / f"a.sqlite3.{name}").touch()
    others = {"a.sqlite3.before-restore-20230101T0", "a.sqlite3.before-mine", "b.before-0001-1T1"}
    for name in others:
        (tmp_path / name).touch()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()

    with pytest.raises(DatabaseUnusable):  # its tables are the newest ones already
        SqliteDatabase(path).prepare()

    names = {each.name for each in tmp_path.iterdir()}
    assert others <= names
    kept = {name for name in names if name.startswith("a.sqlite3.before-0")}
    assert len(kept) == KEPT_UPGRADE_COPIES
    assert "a.sqlite3.before-0002-20240101T0" not in kept
