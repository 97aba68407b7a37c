"""Imports the reference archive by stage, asks it, and writes RESULTS.md.

Run as `make bench-archive`; PAPERBOY_REFERENCE_DATA names the reference data.
"""

import asyncio
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.machine import described, percentile
from bot.app.archive import build_context as make_library
from bot.commands.context import Context
from bot.commands.dispatcher import dispatch
from bot.model.channels import Person, Target
from bot.model.papers import Issue
from bot.ports.conversation import Request
from bot.sources.importer import with_inferred_tags
from bot.sources.parsers.detect import parse_source
from config.settings import Settings
from storage.archive import save
from storage.sqlite import SqliteDatabase, open_engine
from storage.store import ArchiveStore

RESULTS = Path(__file__).with_name("RESULTS.md")
ROUNDS = 200
STARTS = 5


def main() -> None:
    """Measure and write."""
    folder = os.environ.get("PAPERBOY_REFERENCE_DATA")
    if not folder:
        sys.exit("PAPERBOY_REFERENCE_DATA does not name the reference data; nothing measured.")
    files = sorted((Path(folder) / "dair" / "years").glob("*.md"))
    with tempfile.TemporaryDirectory() as scratch:
        lines = asyncio.run(_measure(files, Path(scratch)))
    RESULTS.write_text("\n".join([*lines, ""]), encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


async def _measure(files: list[Path], scratch: Path) -> list[str]:
    path = scratch / "archive.sqlite3"
    SqliteDatabase(path).prepare()
    store = ArchiveStore.open(path)
    context = make_library(Settings(), store)
    stages, issues = await _import(files, context)
    plain = _plain(path, scratch / "plain.sqlite3")
    bare = await _bare(issues, scratch / "bare.sqlite3")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answers = [await _answers(context, query) for query in QUERIES]
    again = await _timed(lambda: store.save(issues))
    await store.close()
    started = sorted(_start(path) for _ in range(STARTS))[STARTS // 2]
    whole = sum(stages.values())
    return [
        "# The archive",
        "",
        (
            f"{described('sqlalchemy', 'aiosqlite')}. The reference archive: "
            f"{len(issues)} issues, {sum(len(issue.entries) for issue in issues)} entries."
        ),
        "",
        "| importing it all | seconds |",
        "| --- | --- |",
        *(f"| {name} | {seconds:.2f} |" for name, seconds in stages.items()),
        f"| whole (goal: under 5) | {whole:.2f} |",
        f"| the same rows by plain `sqlite3` executemany | {plain:.3f} |",
        (
            f"| storing without the look-up index, against that (goal: at most 5 times) "
            f"| {bare:.2f}: {bare / plain:.1f} times |"
        ),
        f"| importing the same again | {again:.2f} |",
        "",
        "| answering | a second | p50 ms | p99 ms |",
        "| --- | --- | --- | --- |",
        *answers,
        "",
        (
            f"Most memory, all measured here: {memory:.0f} MB. First answer of `paperboy ask`, "
            f"warm, median of {STARTS} (goal: under 0.8): {started:.2f} s."
        ),
    ]


async def _import(files: list[Path], context: Context) -> tuple[dict[str, float], list[Issue]]:
    clock = time.perf_counter
    start = clock()
    contents = [(path.read_bytes(), path.name) for path in files]
    have_read = clock()
    parsed = [issue for data, name in contents for issue in parse_source(data, name).issues]
    have_parsed = clock()
    issues = [with_inferred_tags(issue, context.vocabulary) for issue in parsed]
    have_tagged = clock()
    await context.archive.save(issues)
    return {
        "read": have_read - start,
        "parse": have_parsed - have_read,
        "tag": have_tagged - have_parsed,
        "store": clock() - have_tagged,
    }, issues


async def _bare(issues: list[Issue], path: Path) -> float:
    """Return how long storing takes without the look-up index."""
    SqliteDatabase(path).prepare()
    engine = open_engine(path)
    with engine.begin() as connection:
        start = time.perf_counter()
        save.save_issues(
            connection, issues, datetime.now(UTC), lambda _connection, _shelf, _gone: None
        )
        took = time.perf_counter() - start
    engine.dispose()
    return took


def _plain(path: Path, copy: Path) -> float:
    """Return how long plain sqlite3 takes to write every row of every table."""
    with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(copy)) as new:
        tables = [
            (name, sql)
            for name, sql in old.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL"
            )
            if name in {"issues", "papers", "entries", "claims", "paper_tags"}
        ]
        rows = {name: old.execute(f"SELECT * FROM {name}").fetchall() for name, _ in tables}
        new.execute("PRAGMA journal_mode = WAL")
        for _, sql in tables:
            new.execute(sql)
        start = time.perf_counter()
        for name in filter(rows.get, rows):
            marks = ", ".join("?" * len(rows[name][0]))
            new.executemany(f"INSERT INTO {name} VALUES ({marks})", rows[name])
        new.commit()
        return time.perf_counter() - start


QUERIES = (
    "/paper ring attention",
    "/paper ringatention",
    "/week 2023-10-09",
    "/tag llm",
    "/find long context",
)


async def _answers(context: Context, query: str) -> str:
    name, _, argument = query.removeprefix("/").partition(" ")
    request = Request(name, argument, Person("console", "", "ko"), Target("console", "", ""))
    times = [await _timed(lambda: dispatch(context, request)) * 1000 for _ in range(ROUNDS)]
    rate = 1000 * len(times) / sum(times)
    half, worst = percentile(times, 0.5), percentile(times, 0.99)
    return f"| `{query}` | {rate:.0f} | {half:.2f} | {worst:.2f} |"


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    start = time.perf_counter()
    await work()
    return time.perf_counter() - start


def _start(path: Path) -> float:
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "bot", "ask", "/week 2023-10-09"],
        env={**os.environ, "PAPERBOY_DATABASE_URL": str(path)},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
