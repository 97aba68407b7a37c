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
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.archive.imports import import_all, import_alone, open_archive, ratio
from benchmarks.machine import described, percentile
from bot.cards.locale import Locale
from bot.commands.autocomplete import complete
from bot.commands.context import Context
from bot.commands.dispatcher import dispatch
from bot.model.channels import Person, Target
from bot.ports.conversation import Request
from storage.reader import DriverReader
from storage.sqlite import SqliteDatabase

RESULTS = Path(__file__).with_name("RESULTS.md")
ROUNDS = 200
STARTS = IMPORTS = 5


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


class RecordingReader(DriverReader):
    """Reads, and remembers the statements with their values."""

    def __init__(self, reader: DriverReader) -> None:
        super().__init__(reader.connection, reader._begin)  # noqa: SLF001 - stands in its place
        self.statements: list[tuple[str, Sequence[Any]]] = []

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Any:
        self.statements.append((statement, tuple(values)))
        return super().execute(statement, values)


@dataclass(frozen=True)
class RecordingDatabase(SqliteDatabase):
    """A file whose reads are remembered."""

    readers: list[RecordingReader] = field(default_factory=list)

    @property
    def statements(self) -> list[tuple[str, Sequence[Any]]]:
        """All that was read, in no order."""
        return [each for reader in self.readers for each in reader.statements]

    def open_reader(self) -> DriverReader:
        self.readers.append(RecordingReader(SqliteDatabase.open_reader(self)))
        return self.readers[-1]


async def _measure(files: list[Path], scratch: Path) -> list[str]:
    path = scratch / "archive.sqlite3"
    database = RecordingDatabase(path)
    store, context = open_archive(database)
    _, issues = await import_all(files, context)
    imports = [import_alone(files) for _ in range(IMPORTS)]
    median = sorted(imports, key=lambda each: ratio(each, 1))[IMPORTS // 2]
    stages, floor = median
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answers = [await _answers(context, database, query) for query in QUERIES]
    completions = await _completions(context)
    again = await _timed(lambda: store.save(issues))
    await store.close()
    started = sorted(_start(path) for _ in range(STARTS))[STARTS // 2]
    helped = sorted(_start(path, "--help") for _ in range(STARTS))[STARTS // 2]
    whole = [sum(each) for each in zip(*stages.values(), strict=True)]
    return [
        "# The archive",
        "",
        (
            f"{described('sqlalchemy', 'aiosqlite')}. The reference archive: "
            f"{len(issues)} issues, {sum(len(issue.entries) for issue in issues)} entries."
        ),
        "",
        f"The median of {IMPORTS} imports by the CPU of storing, each in a process of its own:",
        "",
        "| importing it all | seconds | of CPU |",
        "| --- | ---: | ---: |",
        *(f"| {name} | {clock:.2f} | {cpu:.2f} |" for name, (clock, cpu) in stages.items()),
        f"| whole (goal: under 5) | {whole[0]:.2f} | {whole[1]:.2f} |",
        (
            "| the same rows, the index too, by `sqlite3` and executemany "
            f"| {floor[0]:.3f} | {floor[1]:.3f} |"
        ),
        (
            "| storing against that, times (goal: at most 4) "
            f"| {ratio(median, 0):.1f} | {ratio(median, 1):.1f} |"
        ),
        f"| importing the same again | {again:.2f} | |",
        "",
        "Milliseconds of an answer, and of its own statements by `sqlite3` alone in the same run",
        "(goal: at most 5 times):",
        "",
        "| answering | a second | p50 | p99 | statements | alone, p50 | times |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *answers,
        "",
        (
            f"A completion for each key of {len(TYPED)} names that are typed "
            f"(goal: at most 1.5 ms): p50 {percentile(completions, 0.5):.2f} ms, "
            f"p99 {percentile(completions, 0.99):.2f} ms."
        ),
        "",
        (
            f"Most memory, all measured here: {memory:.0f} MB. Seconds of CPU, medians of "
            f"{STARTS}: the first answer of `paperboy ask`, warm (goal: 0.5): {started:.2f}; "
            f"`paperboy --help` (goal: 0.25): {helped:.2f}."
        ),
    ]


QUERIES = (
    "/paper ring attention",
    "/paper ringatention",
    "/paper the paper about splitting attention over a ring of gpus",
    "/week 2023-10-09",
    "/tag llm",
    "/find long context",
)
TYPED = ("ring attention", "large language models", "환각", "mamba", "gpt4", "딥시크")


async def _answers(context: Context, database: RecordingDatabase, query: str) -> str:
    name, _, argument = query.removeprefix("/").partition(" ")
    request = Request(name, argument, Person("console", "", "ko"), Target("console", "", ""))
    times, alone = [], []
    await dispatch(context, request)
    with closing(sqlite3.connect(database.path, isolation_level=None)) as connection:
        for _ in range(ROUNDS):
            for reader in database.readers:  # one of the archive, and one of the ledger
                reader.statements.clear()
            times.append(await _timed(lambda: dispatch(context, request)) * 1000)
            start = time.perf_counter()
            for statement, values in database.statements:
                connection.execute(statement, values).fetchall()
            alone.append((time.perf_counter() - start) * 1000)
    rate = 1000 * len(times) / sum(times)
    half, worst, floor = percentile(times, 0.5), percentile(times, 0.99), percentile(alone, 0.5)
    return (
        f"| `{query}` | {rate:.0f} | {half:.2f} | {worst:.2f} | {len(database.statements)} "
        f"| {floor:.2f} | {half / floor:.1f} |"
    )


async def _completions(context: Context) -> list[float]:
    """Return the milliseconds of each completion while names are typed."""
    locale = Locale(context.catalogues, "ko")
    typed = [name[:end] for name in TYPED for end in range(1, len(name) + 1)]
    times = []
    for _ in range(5):
        for prefix in typed:
            work = partial(complete, context, locale, "paper", prefix)
            times.append(await _timed(work) * 1000)
    return times


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    start = time.perf_counter()
    await work()
    return time.perf_counter() - start


def _start(path: Path, *arguments: str) -> float:
    """Return the seconds of CPU that a command takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "bot", *(arguments or ("ask", "/week 2023-10-09"))],
        env={**os.environ, "PAPERBOY_DATABASE_URL": str(path)},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
