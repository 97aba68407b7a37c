"""What most tests begin with: an empty archive, and a library on it."""

import asyncio
import gc
import itertools
import os
import shutil
import signal
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import date
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import hypothesis
import pytest
from _pytest import runner

from bot.app.archive import build_context as make_library
from bot.commands.context import Context
from bot.lib.normalise import index_tokens
from config.settings import Settings
from storage.database import Database
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore
from tests import (
    certificates,
    empty_archive,
    fork_server,
    postgresql_server,
    run_files,
    stack,
    tracer,
)
from tests.bot_process import BotProcess
from tests.command_line import CommandLine
from tests.model_server import ModelServer
from tests.real_lists import fill_with_real_weeks
from tests.run_files import made_once
from tests.waiting import GUARD

# A slow machine is no fault of the program: no test asserts a time.
# On CI the examples are the same in every run, so that a red one tells of a change.
hypothesis.settings.register_profile("paperboy", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("paperboy")

tracer.follow_greenlets()
certificates.read_once()


_KEPT = {"PAPERBOY_REFERENCE_DATA", "PAPERBOY_AXE_CORE", "PAPERBOY_LOCAL_SLACK"}
"""What tells tests where to find things."""

_LONGEST = {
    "test_simulation.py", "test_lookup.py", "test_postgresql.py", "test_hostile_files.py",
    "test_cli_site.py", "test_wrong_dates.py", "test_quarter.py",
}  # fmt: skip
"""Where tests are that take the processor for longest."""

_WAITING = {
    "test_crash.py", "test_delivery.py", "test_edit_crashes.py", "test_follow_crashes.py",
    "test_several_workers.py", "test_discord_gateway.py", "test_slack_listener.py",
    "test_discord_platform.py", "test_stop.py", "test_translated_digests.py", "test_damage.py",
    "test_slack_platform.py", "test_discord_delivery.py", "test_slack_delivery.py",
}  # fmt: skip
"""Where tests are that mostly wait, for a program or a pause."""

_DEADLINES = {
    "adapters.discord.gateway.interactions._PATIENCE": GUARD,
    "adapters.discord.gateway.responder.CALLBACK_SECONDS": GUARD,
    "adapters.slack.api.users._TIMEOUT_SECONDS": GUARD,
    "adapters.slack.events.interactions._TIMEOUT_SECONDS": GUARD,
    "bot.commands.handlers.discussions._COUNT_TIMEOUT": GUARD,
    "bot.commands.handlers.discussions._POLL_ATTEMPTS": int(GUARD * 4),
}
"""The deadlines after which the program answers people otherwise, put off: see below."""

_HOMES = itertools.count()
"""Numbers of the folders that tests without one would have."""


def pytest_xdist_auto_num_workers() -> int:
    """Let `-n auto` mean two workers a core, and one for when all of them wait for programs."""
    return 2 * (os.cpu_count() or 1) + 1


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Leave long tests and those of random inputs out of coverage.

    What the others do not reach is to be seen, in each run the same.
    """
    is_left_out = any(map(item.get_closest_marker, ("long", "hypothesis")))
    with tracer.paused() if is_left_out else nullcontext():
        return (yield)


def pytest_collection(session: pytest.Session) -> None:
    """Let each process of a whole run begin with other modules, and find those of the others done.

    On a fresh clone pytest compiles each module of tests, and keeps the result: where all begin
    with the same module, all compile all of them, which takes half of the time of collecting.
    """
    worker: dict[str, Any] | None = getattr(session.config, "workerinput", None)
    if worker is None or session.config.args != session.config.getini("testpaths"):
        return
    files = sorted(Path(__file__).parent.glob("test_*.py"))
    for file in files[int(worker["workerid"].removeprefix("gw")) :: worker["workercount"]]:
        # What cannot be imported is told of when it is collected.
        with suppress(Exception, pytest.skip.Exception):
            import_module(f"tests.{file.stem}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the tests that take or wait longest, so that the others are done meanwhile."""
    items[:] = _without_repeats(items)
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        items.sort(key=lambda item: item.path.name not in _LONGEST)
        items[:] = _deal(items, worker["workercount"])


def pytest_collection_finish() -> None:
    """Keep what was loaded by now out of every search for garbage, and search less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture(autouse=True)
def _nothing_of_this_machine(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Keep the settings, archive and language of the machine out of the tests."""
    for name in tuple(os.environ):
        if name.startswith("PAPERBOY_") and name not in _KEPT:
            monkeypatch.delenv(name)
    for name in ("DATABASE_URL", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    # What starts the real program asks no source for new weeks, unless a test says so.
    monkeypatch.setenv("PAPERBOY_SYNC_ENABLED", "false")
    monkeypatch.setenv("PAPERBOY_ENV_FILE", os.devnull)
    # Few tests have a file at all: a folder is made for those that ask for one.
    if "tmp_path" in request.fixturenames:
        home = str(request.getfixturevalue("tmp_path"))
    else:
        home = f"{tmp_path_factory.getbasetemp()}/home-{next(_HOMES)}"
    monkeypatch.setenv("XDG_CONFIG_HOME", f"{home}/settings")
    monkeypatch.setenv("XDG_DATA_HOME", f"{home}/data")


@pytest.fixture(autouse=True, scope="session")
def _no_haste() -> Iterator[None]:
    """Let a busy machine not change what people are answered.

    Where a platform wants a first word within seconds, the program puts an answer off, or leaves
    something out of it. Tests of that set these deadlines themselves.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _DEADLINES.items():
            patch.setattr(name, value)
        yield


@pytest.fixture(autouse=True)
def _no_program_is_left() -> Iterator[None]:
    """End the programs that a test left running, as one that fails does."""
    yield
    BotProcess.end_all()


def pytest_configure(config: pytest.Config) -> None:
    """Let all processes of a run share servers, tests have room, and asyncio leave signals alone.

    `asyncio.run` sets a handler of its own where that of Python is set. `signal` then puts into an
    exception, which it drops, what the task looks like, with all that a fixture made: this was
    half of the time that tests with a context take.
    """
    signal.signal(signal.SIGINT, _interrupt)
    runner.runtestprotocol = stack.with_room(runner.runtestprotocol)
    if not hasattr(config, "workerinput"):
        run_files.begin_run()


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Do what Python does when it is interrupted."""
    signal.default_int_handler(number, frame)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the servers."""
    if not hasattr(config, "workerinput"):
        fork_server.end_run()
        run_files.end_run()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of a module on both databases where it says so.

    A module that says "long" asks a database thousands of times; a server takes its time for it.
    """
    where = getattr(metafunc.module, "ON_BOTH_DATABASES", False)
    is_of_sqlite = metafunc.definition.get_closest_marker("sqlite")
    if where and not is_of_sqlite and "database" in metafunc.fixturenames:
        marks = [pytest.mark.long if where == "long" else pytest.mark.slow]
        kinds = ["sqlite", pytest.param("postgresql", marks=marks)]
        metafunc.parametrize("database", kinds, indirect=True)


def _without_repeats(items: list[pytest.Item]) -> list[pytest.Item]:
    """Leave out tests with many parameters on PostgreSQL, but for the first ones."""
    kept: list[pytest.Item] = []
    known: set[str] = set()
    for item in items:
        parameters = getattr(item, "callspec", None)
        if parameters and parameters.params.get("database") == "postgresql":
            name = item.nodeid.partition("[")[0]
            if name in known:
                continue
            known.add(name)
        kept.append(item)
    return kept


def _deal(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Let half of the workers begin with tests that wait, and the others with the long ones.

    xdist gives each as many tests in a row. Long ones that began last would leave a core idle, and
    so would tests that wait all at once: they take no more of it than others leave.
    """
    parts: dict[str, list[pytest.Item]] = {"waiting": [], "long": [], "other": []}
    for item in items:
        is_long = "long" if item.get_closest_marker("long") else "other"
        parts["waiting" if item.path.name in _WAITING else is_long].append(item)
    dealt: list[pytest.Item] = []
    for worker in range(workers):
        share = (len(items) - len(dealt)) // (workers - worker)
        first = parts["waiting"] if worker % 2 else parts["long"]
        begun = first[worker // 2 :: (workers + 1 - worker % 2) // 2]
        count = max(share - len(begun), 0)
        dealt += begun + parts["other"][:count]
        del parts["other"][:count]
    known = set(dealt)
    return dealt + [item for item in items if item not in known]


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Yield an empty archive: a file, unless the test is told to run on PostgreSQL."""
    if getattr(request, "param", "sqlite") == "sqlite":
        path = tmp_path / "archive.sqlite3"
        empty_archive.make(path)
        yield SqliteDatabase(path)
        return
    try:
        with postgresql_server.lent_database() as lent:
            yield lent
    except postgresql_server.NoPostgresql as error:
        pytest.skip(f"skipped: {error}")


@pytest.fixture
async def store(database: Database) -> AsyncIterator[ArchiveStore]:
    """Yield an empty archive on a real database."""
    opened = ArchiveStore.open(database)
    yield opened
    await opened.close()


@pytest.fixture
def context(store: ArchiveStore) -> Context:
    """Return a library on an empty archive, on a day that stays."""
    variables = frozenset(each for each in os.environ.items() if each[0].startswith("PAPERBOY_"))
    return replace(make_library(_settings(variables), store), today=lambda: date(2023, 10, 18))


@cache
def _settings(_variables: frozenset[tuple[str, str]]) -> Settings:
    """Return the settings; to read them anew takes a third of the time that a context does."""
    return Settings()


@pytest.fixture
def endpoint() -> Iterator[ModelServer]:
    """Yield a loopback language model."""
    with ModelServer() as server:
        yield server


@pytest.fixture
def reference_data() -> Path:
    """Return the folder of reference data, or skip."""
    folder = os.environ.get("PAPERBOY_REFERENCE_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("skipped: PAPERBOY_REFERENCE_DATA does not name a folder of reference data")
    return Path(folder)


@pytest.fixture
def paperboy(tmp_path: Path) -> CommandLine:
    """Return the command line, on an archive that is not there yet."""
    return CommandLine(tmp_path)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive of the sample weeks, to be copied."""

    def make(path: Path) -> None:
        made = CommandLine(tmp_path_factory.mktemp("sample"))
        assert made("import", "--sample")[0] == 0
        shutil.copy(made.database, path)

    return made_once(tmp_path_factory, "sample.sqlite3", make)


@pytest.fixture
def real_archive(reference_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive of all weeks of the real lists, to be copied."""

    async def fill(path: Path) -> None:
        store = ArchiveStore.open(path)
        await fill_with_real_weeks(store, reference_data)
        await store.close()

    def make(path: Path) -> None:
        empty_archive.make(path)
        asyncio.run(fill(path))

    return made_once(tmp_path_factory, "real.sqlite3", make)


@pytest.fixture
async def real_store(real_archive: Path, tmp_path: Path) -> AsyncIterator[ArchiveStore]:
    """Yield an archive of all weeks of the real lists, on SQLite."""
    shutil.copy(real_archive, tmp_path / "real.sqlite3")
    opened = ArchiveStore.open(tmp_path / "real.sqlite3")
    yield opened
    await opened.close()


@pytest.fixture
def _tokens_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tokens of texts, of which hundreds of questions read the same."""
    monkeypatch.setattr("bot.search.relevance.index_tokens", cache(index_tokens))


@pytest.fixture
def filled(paperboy: CommandLine, sample: Path) -> CommandLine:
    """Return the command line, on an archive of the sample weeks."""
    shutil.copy(sample, paperboy.database)
    return paperboy
