"""Times an import, and its rows by `sqlite3` alone, each in a process of its own."""

import asyncio
import gc
import re
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from bot.__main__ import COLLECTED_AFTER
from bot.app import words
from bot.app.archive import build_context as make_library
from bot.commands.context import Context
from bot.lib.deferred import load_all
from bot.model.papers import Issue
from bot.sources.importer import with_inferred_tags
from bot.sources.parsers.detect import parse_source
from config.settings import Settings
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore

Seconds = tuple[float, float]
"""Those by the clock, and those of CPU: a busy machine lengthens an import more than its rows."""

Import = tuple[dict[str, Seconds], Seconds]
"""The seconds of each stage of an import, and those of its rows by `sqlite3` alone."""


def open_archive(database: SqliteDatabase) -> tuple[ArchiveStore, Context]:
    """Return a new archive with all loaded, as `paperboy run` does."""
    database.prepare()
    store = ArchiveStore.open(database)
    context = make_library(Settings(), store)
    gc.set_threshold(COLLECTED_AFTER)
    load_all()
    words.load_all()
    gc.freeze()
    return store, context


def import_alone(files: list[Path]) -> Import:
    """Import in processes of their own, in which nothing is known of the papers yet.

    In one of them what is inserted is remembered, which takes time, and inserted once more.
    """
    found = []
    for work in (_run_import, _run_and_replay):
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            found.append(process.submit(work, files).result())
    return found[0][0], found[1][1]


def _run_import(files: list[Path]) -> Import:
    with tempfile.TemporaryDirectory() as scratch:
        return asyncio.run(_import_new(files, Path(scratch), nullcontext())), (0.0, 0.0)


def _run_and_replay(files: list[Path]) -> Import:
    written: list[tuple[str, list[Sequence[Any]]]] = []
    with tempfile.TemporaryDirectory() as scratch:
        stages = asyncio.run(_import_new(files, Path(scratch), _remembering(written)))
        return stages, _replayed(written, Path(scratch) / "floor.sqlite3")


async def _import_new(
    files: list[Path], scratch: Path, watch: AbstractContextManager[None]
) -> dict[str, Seconds]:
    store, context = open_archive(SqliteDatabase(scratch / "archive.sqlite3"))
    with watch:
        stages, _ = await import_all(files, context)
    await store.close()
    return stages


def ratio(each: Import, kind: int) -> float:
    """Return how many times as long as its rows by themselves an import takes to store.

    `kind` is 0 for seconds by the clock, 1 for those of CPU.
    """
    stages, floor = each
    return stages["store"][kind] / floor[kind]


@contextmanager
def _remembering(written: list[tuple[str, list[Sequence[Any]]]]) -> Iterator[None]:
    """Remember what is inserted, in the order of the tables' first rows."""
    known: dict[str, list[Sequence[Any]]] = {}

    def remember(_connection: object, _cursor: object, sql: str, values: Any, *how: Any) -> None:
        _, many = how
        if sql.startswith("INSERT"):
            said = re.sub(r" RETURNING .*", "", sql)
            known.setdefault(said, []).extend(values if many else [values])

    event.listen(Engine, "before_cursor_execute", remember)
    yield
    event.remove(Engine, "before_cursor_execute", remember)
    written.extend(known.items())


def _replayed(written: Sequence[tuple[str, Sequence[Sequence[Any]]]], path: Path) -> Seconds:
    """Return how long plain sqlite3 takes to insert the same rows into the same tables."""
    SqliteDatabase(path).prepare()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        lap = _laps()
        connection.execute("BEGIN")
        for statement, rows in written:
            connection.executemany(statement, rows)
        connection.execute("COMMIT")
        return lap()


async def import_all(
    files: list[Path], context: Context
) -> tuple[dict[str, Seconds], list[Issue]]:
    """Import files; return the seconds of each stage, and the issues."""
    lap, stages = _laps(), dict[str, Seconds]()
    contents = [(path.read_bytes(), path.name) for path in files]
    stages["read"] = lap()
    parsed = [issue for data, name in contents for issue in parse_source(data, name).issues]
    stages["parse"] = lap()
    issues = [with_inferred_tags(issue, context.vocabulary) for issue in parsed]
    stages["tag"] = lap()
    await context.archive.save(issues)
    stages["store"] = lap()
    return stages, issues


def _laps() -> Callable[[], Seconds]:
    """Return what returns the seconds since it was asked last, or made."""
    last = time.perf_counter(), time.process_time()

    def lap() -> Seconds:
        nonlocal last
        (clock, cpu), last = last, (time.perf_counter(), time.process_time())
        return last[0] - clock, last[1] - cpu

    return lap
