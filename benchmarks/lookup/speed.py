"""Times the look-up against a LIKE scan through SQLAlchemy and a bare FTS5 query."""

import asyncio
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import Engine

from benchmarks.lookup.synthetic import build, titles_of
from benchmarks.machine import percentile
from bot.commands.context import Context
from bot.commands.dispatcher import dispatch
from bot.lib.normalise import letters, words
from bot.model.channels import Person, Target
from bot.ports.conversation import Request
from bot.search.lookup import complete_name, look_up
from storage.search.sqlite import SqliteIndex
from storage.sqlite import open_engine

ASKED = 60
SCANNED = 12
"""Number of queries of the slow LIKE scan."""

LIKE = text(
    "SELECT paper_id FROM entries WHERE titles LIKE :asked OR summaries LIKE :asked LIMIT 5"
)


@dataclass(frozen=True, slots=True)
class Speed:
    """Milliseconds by kind of query: ours and the others'; sizes in bytes."""

    papers: int
    ours: Mapping[str, list[float]]
    like: Mapping[str, list[float]]
    fts: list[float]
    built: float
    rows: int
    index: int


def measure(folder: Path, count: int, vocabulary: Sequence[str]) -> Speed:
    """Build an archive of `size` papers, and time every kind of query on it."""
    path = folder / f"{count}.sqlite3"
    start = time.perf_counter()
    rows, size = build(path, count, vocabulary)
    built = time.perf_counter() - start
    titles = titles_of(path, ASKED)
    kinds = {
        "exact": titles,
        "prefix": [title[: int(len(title) * 0.7)] for title in titles],
        "misspelt": [misspelt(title) for title in titles],
        "squashed": [letters(title) for title in titles],
    }
    index = SqliteIndex.open(path)
    ours = {
        kind: [timed(lambda query=query: look_up(index, query)) for query in queries]
        for kind, queries in kinds.items()
    }
    beginnings = [title[:size] for title in titles for size in (1, 2, 3, 5)]
    ours["completion"] = [
        timed(lambda typed=typed: complete_name(index, typed)) for typed in beginnings
    ]
    index.close()
    like = {kind: asyncio.run(_like(path, queries[:SCANNED])) for kind, queries in kinds.items()}
    return Speed(count, ours, like, _fts(path, titles), built, rows, size)


def misspelt(title: str) -> str:
    """Return a title that lacks a letter."""
    chance = random.Random(title)
    place = chance.randrange(1, len(title) - 1)
    return title[:place] + title[place + 1 :]


def timed(work: Callable[[], object]) -> float:
    """Return the milliseconds that work took."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


async def _like(path: Path, queries: Sequence[str]) -> list[float]:
    engine = open_engine(path).execution_options(reads_only=True)
    found = []
    for query in queries:
        start = time.perf_counter()
        with engine.connect() as connection:
            connection.execute(LIKE, {"asked": f"%{query}%"}).all()
        found.append((time.perf_counter() - start) * 1000)
    engine.dispose()
    return found


def _fts(path: Path, titles: Sequence[str]) -> list[float]:
    connection = sqlite3.connect(path)
    found = []
    statement = "SELECT rowid FROM name_words WHERE name_words MATCH ? LIMIT 5"
    for title in titles:
        query = " AND ".join(f'"{word}"' for word in words(title))
        found.append(timed(lambda q=query: connection.execute(statement, (q,)).fetchall()))
    connection.close()
    return found


async def whole_path(
    context: Context, titles: Sequence[str]
) -> tuple[list[float], list[float], float]:
    """Return the times of `answer()` and of its own statements through SQLAlchemy alone.

    Third: the longest that the event loop was held. All in milliseconds.
    """
    answered, alone = [], []
    held = 0.0
    engine = open_engine(context.archive.path).execution_options(reads_only=True)  # type: ignore[attr-defined]
    for title in titles:
        request = Request("paper", title, Person("console", "", "en"), Target("console", "", ""))
        statements = await _statements_of(context, request)
        answered.append(await _async_timed(lambda: dispatch(context, request)))  # noqa: B023
        # By itself: a loop that never rests keeps the thread that reads from its turn.
        ticker = asyncio.create_task(_longest_gap())
        await dispatch(context, request)
        ticker.cancel()
        held = max(held, await ticker)
        alone.append(timed(lambda: _replayed(engine, statements)))  # noqa: B023
    engine.dispose()
    return answered, alone, held


async def _statements_of(context: Context, request: Request) -> Sequence[str]:
    """Return what an answer reads; nothing but the reader's connection is asked."""
    found: list[str] = []

    def trace(remember: Callable[[str], object] | None) -> Callable[[object], None]:
        return lambda index: index.reader.connection.set_trace_callback(remember)  # type: ignore[attr-defined]

    await context.archive.query_index(trace(found.append))
    await dispatch(context, request)
    await context.archive.query_index(trace(None))
    return found


def _replayed(engine: Engine, statements: Sequence[str]) -> None:
    with engine.connect() as connection:
        for sql in statements:
            if sql not in {"BEGIN", "COMMIT"}:
                connection.exec_driver_sql(sql).all()


async def _async_timed(work: Callable[[], Awaitable[object]]) -> float:
    start = time.perf_counter()
    await work()
    return (time.perf_counter() - start) * 1000


async def _longest_gap() -> float:
    longest, last = 0.0, time.perf_counter()
    try:
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
    except asyncio.CancelledError:
        return longest * 1000


def summary(times: list[float]) -> tuple[float, float]:
    """Return p50 and p99."""
    return percentile(times, 0.5), percentile(times, 0.99)
