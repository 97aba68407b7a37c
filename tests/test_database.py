"""The database file: brought up to date with care, refused in plain words, copied whole."""

import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from bot.digests.planner import Planner
from bot.model.channels import MessageRef, Target
from bot.model.deliveries import PartState
from storage import migrations, sqlite
from storage.addresses import find_database
from storage.database import SCHEMA_REVISION, DatabaseUnusable
from storage.sqlite import SqliteDatabase, migrate
from storage.store import ArchiveStore
from tests.samples import MONDAY, issue
from tests.sync_harness import FixedClock

pytestmark = pytest.mark.slow

WEEK = timedelta(days=7)


def test_a_new_file_gets_the_newest_tables(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.sqlite3"

    assert SqliteDatabase(path).prepare() is None

    with closing(sqlite3.connect(path)) as connection:
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert version == (SCHEMA_REVISION,)
    assert SqliteDatabase(path).prepare() is None


def test_a_file_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    SqliteDatabase(path).prepare()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()

    with pytest.raises(DatabaseUnusable, match="newer Paperboy"):
        SqliteDatabase(path).prepare()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    path.write_bytes(b"hello" * 1000)

    with pytest.raises(DatabaseUnusable, match="not a database"):
        SqliteDatabase(path).prepare()
    assert path.read_bytes() == b"hello" * 1000


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE songs (id INTEGER)")

    with pytest.raises(DatabaseUnusable, match="another program"):
        SqliteDatabase(path).prepare()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(DatabaseUnusable):
        SqliteDatabase(tmp_path / "file" / "a.sqlite3").prepare()


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("mysql://host/name", "'mysql' cannot be used; set PAPERBOY_DATABASE_URL"),
        ("postgress://host/name", "'postgress' cannot be used; set PAPERBOY_DATABASE_URL"),
        ("file:///srv/a.db", "'file' cannot be used"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite://srv/a.db", "after three slashes"),
        ("sqlite:/srv/a.db", "no '://'"),
        ("://", "cannot be read"),
        ("postgresql://", "names no database"),
        ("postgresql:///", "names no database"),
        ("postgresql://me:hush@host:port/name", "cannot be read"),
        ("postgresql://me:hush@one:1,two:2/name", r"\?host=one,two"),
        ("postgresql://me:hu@sh@host/name", "as %40"),
        ("postgresql:host/name", "no '://'"),
        ("me:hush@host/name", "no '://'"),
        ("host:5432/name", "no '://'"),
        ("host=/run/postgresql dbname=name password=hush", "no '://'"),
        ("'sqlite:///a.db'", "without quotes"),
        ('"/srv/a.db"', "in quotes"),
        ("nonsense", "the path of a file; set PAPERBOY_DATABASE_URL to a path with its folder"),
        ("papers.example.org", "nor the path of a file"),
        ("", "nor the path of a file"),
        ("  ", "nor the path of a file"),
        ("/srv/a\0.db", "has a NUL"),
        ("sqlite:///a\0.db", "has a NUL"),
        (".", "nor the path of a file"),
        ("/", "is a folder"),
        ("sqlite:////usr", "/usr is a folder; name a file in it, such as /usr/paperboy.sqlite3"),
        ("no/such/folder/", "is a folder"),
        ("~no-such-user/a.db", "No file can have the name"),
        (f"/{'a' * 300}.db", "No file can have the name"),
    ],
)
def test_an_address_that_names_no_database_is_told(url: str, word: str) -> None:
    with pytest.raises(DatabaseUnusable, match=word) as told:
        find_database(url)
    assert "sh@" not in str(told.value)
    assert "hush" not in str(told.value)


def test_a_url_or_a_plain_path_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("archive").write_bytes(b"")
    for path in ("archive", "./new", "papers.DB", "a.sqlite3", "C:/a.db", r"/srv/a b@c/d", "é.db"):
        assert find_database(path).file == Path(path)
    assert find_database(" /srv/a.db ").file == Path("/srv/a.db")
    assert find_database("SQLite:///a").file == Path("a")
    assert find_database("sqlite:////srv/a.db").file == Path("/srv/a.db")
    assert find_database("sqlite+aiosqlite:///a.db").file == Path("a.db")
    assert find_database("data/a.db").file == Path("data/a.db")


async def test_a_copy_is_whole_while_the_archive_is_open(
    store: ArchiveStore, tmp_path: Path
) -> None:
    await store.save([issue()])

    SqliteDatabase(store.path).copy_to(tmp_path / "copy.sqlite3")

    copied = ArchiveStore.open(tmp_path / "copy.sqlite3")
    assert (await copied.totals()).entries == 3
    await copied.close()
    with pytest.raises(DatabaseUnusable, match="exists already"):
        SqliteDatabase(store.path).copy_to(tmp_path / "copy.sqlite3")


def test_a_copy_of_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable):
        SqliteDatabase(tmp_path / "none.sqlite3").copy_to(tmp_path / "copy.sqlite3")
    assert not (tmp_path / "copy.sqlite3").exists()


async def test_a_broken_file_is_found(store: ArchiveStore) -> None:
    await store.save([issue()])
    await store.close()
    assert SqliteDatabase(store.path).check_integrity() == ()
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("DELETE FROM papers")
        connection.commit()

    assert "points to a missing row of papers" in SqliteDatabase(store.path).check_integrity()[0]
    with pytest.raises(DatabaseUnusable, match="cannot be opened"):
        SqliteDatabase(store.path.with_name("none.sqlite3")).check_integrity()


async def test_an_older_file_is_copied_before_it_is_changed(
    store: ArchiveStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.save([issue()])
    await store.close()
    monkeypatch.setattr(sqlite, "SCHEMA_REVISION", "9000")

    backup = SqliteDatabase(store.path).prepare()

    assert backup is not None
    assert backup.parent == store.path.parent
    monkeypatch.undo()
    copied = ArchiveStore.open(backup)
    assert (await copied.totals()).entries == 3
    await copied.close()


def revisions() -> list[str]:
    folder = Path(migrations.__file__).parent
    files = [*folder.glob("sqlite/0*.py"), *folder.glob("versions/0*.py")]
    return sorted(path.name.split("_")[0] for path in files)


@cache
def tables_of(revision: str) -> bytes:
    """Return an archive with the tables of a revision: those of the one before, and a step."""
    known = revisions()
    before = known[: known.index(revision)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.sqlite3"
        if before:
            path.write_bytes(tables_of(before[-1]))
        migrate(path, revision)
        return path.read_bytes()


@pytest.mark.parametrize("revision", revisions())
async def test_every_revision_goes_up_with_its_data(tmp_path: Path, revision: str) -> None:
    path = tmp_path / "a.sqlite3"
    path.write_bytes(tables_of(revision))
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "INSERT INTO issues VALUES (1, 'dair', 2023, 41, '2023-10-09', '2023-10-15',"
            " '{}', '{}', '', 0);"
            "INSERT INTO papers VALUES (7, 'arxiv:2310.01889');"
            "INSERT INTO entries VALUES (1, 1, 1, 7, '', '{\"en\": \"Ring Attention\"}', '{}',"
            " '{}', '[]', '[]', '[]');"
            "INSERT INTO claims VALUES (1, 0, 'arxiv:2310.01889');"
        )

    backup = SqliteDatabase(path).prepare()

    assert (backup is not None) == (revision != SCHEMA_REVISION)
    assert revisions()[-1] == SCHEMA_REVISION
    upgraded = ArchiveStore.open(path)
    assert [paper.titles["en"] for paper in await upgraded.papers([7])] == ["Ring Attention"]
    await upgraded.close()


async def test_a_file_that_is_held_is_told_in_words(
    store: ArchiveStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 1)
    other = ArchiveStore.open(store.path)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnusable, match="another program holds it"):
            await other.save([issue()])
    await other.close()


def posted(path: Path) -> None:
    """Make an archive as the first program that posted left it, with a digest that it posted."""
    migrate(path, "0002")
    at = "2023-10-16 00:00:00"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"""
            INSERT INTO issues VALUES
                (1, 'dair', 2023, 41, '2023-10-09', '2023-10-15', '{{}}', '{{}}', '', 0);
            INSERT INTO papers VALUES (7, 'arxiv:2310.01889');
            INSERT INTO entries VALUES (1, 1, 1, 7, '', '{{}}', '{{}}', '{{}}', '[]', '[]', '[]');
            INSERT INTO claims VALUES (1, 0, 'arxiv:2310.01889');
            INSERT INTO subscriptions VALUES
                (3, 'discord', '100', '200', 'dair', 0, '09:00:00', 'UTC', 'en', 'threads', '[]',
                '', 0, 0, 0, '22:00:00', '08:00:00', '', '', 0, '', '{at}', 0, 'token', NULL);
            INSERT INTO deliveries VALUES
                (5, 3, 'issue', 2023, 41, 'threads', '{at}', '{at}', '');
            INSERT INTO parts VALUES
                (9, 5, 'discord', '100/200', 1, 'opening', 1, 0, 'key', 'posted', 0, 1, '',
                '31', '30', 'https://example.org/30/31', '{at}', '{at}', '{at}');
        """)  # noqa: S608 - a date


async def test_what_was_posted_goes_up_with_the_papers_that_it_showed(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    posted(path)

    SqliteDatabase(path).prepare()

    assert SqliteDatabase(path).check_integrity() == ()
    upgraded = ArchiveStore.open(path)
    ledger, here = upgraded.ledger(), Target("discord", "100", "200")
    account = await ledger.subscription_report(3, 5)
    discussion = await ledger.find_discussion(here, 7)
    await upgraded.close()
    assert [part.key for report in account.reports for part in report.parts] == ["key"]
    assert discussion is not None
    assert discussion.thread == MessageRef(here, "31", "30", "https://example.org/30/31")
    assert discussion.own_messages == 1


async def test_a_channel_gets_only_what_is_new_when_all_weeks_come_after_an_upgrade(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.sqlite3"
    posted(path)
    migrate(path, "0003")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE subscriptions SET next_at = '2023-10-23 09:00:00.000000'")
        connection.commit()
    SqliteDatabase(path).prepare()
    upgraded = ArchiveStore.open(path)
    ledger, next_monday = upgraded.ledger(), datetime(2023, 10, 23, 9, tzinfo=UTC)

    await upgraded.save([issue(start=MONDAY + number * WEEK) for number in range(-60, 2)])
    await Planner(upgraded, ledger, FixedClock(next_monday)).tick()

    account = await ledger.subscription_report(3, 100)
    await upgraded.close()
    assert [
        (str(report.delivery.week), {part.state for part in report.parts})
        for report in account.reports
    ] == [("2023-W42", {PartState.OWED}), ("2023-W41", {PartState.POSTED})]


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(DatabaseUnusable, match="cannot be opened"),
        SqliteDatabase(tmp_path / "no" / "a").try_lock("x"),
    ):
        pass
    (tmp_path / "a.x").write_bytes(b"no database" * 999)
    database = SqliteDatabase(tmp_path / "a")
    with pytest.raises(DatabaseUnusable, match="not a database"), database.try_lock("x"):
        pass
