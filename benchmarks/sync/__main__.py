"""Syncs the reference archive from a loopback host, again and again, and writes RESULTS.md.

Run as `make bench-sync`; PAPERBOY_REFERENCE_DATA names the reference data. Everything that is
compared is measured in the same run; no request waits for its turn here, as a real one does.
"""

import asyncio
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median

import httpx2

from adapters.http.client import HttpClient
from adapters.http.options import Options
from benchmarks.machine import described, percentile
from bot.app.archive import build_context as make_library
from bot.commands.context import Context
from bot.commands.dispatcher import dispatch
from bot.lib.clock import SystemClock
from bot.model.channels import Person, Target
from bot.ports.conversation import Request
from bot.sources.crawlers.pages import CrawlTools, Source
from bot.sources.importer import import_source
from bot.sources.parsers.detect import parse_source
from bot.sources.poll_interval import PollInterval
from bot.sources.sync import Synchronizer
from config.settings import Settings
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore
from tests.web_server import WebServer

RESULTS = Path(__file__).with_name("RESULTS.md")
ROUNDS = 5
QUIET = 20
"""How often an unchanged archive is synced."""
ASKED = Request("paper", "ring attention", Person("console", "", "en"), Target("console", "", ""))


@dataclass
class Bench:
    """An archive and what syncs it."""

    context: Context
    path: Path
    sync: Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class First:
    """What a first sync took, in seconds."""

    whole: float
    alone: float
    """An answer afterwards."""
    answers: list[float]
    """Answers meanwhile."""
    gaps: list[float]
    """How long the event loop was held."""


def main() -> None:
    """Measure and write."""
    folder = os.environ.get("PAPERBOY_REFERENCE_DATA")
    if not folder:
        sys.exit("PAPERBOY_REFERENCE_DATA does not name the reference data; nothing measured.")
    lines = asyncio.run(_measure(Path(folder) / "dair"))
    RESULTS.write_text("\n".join([*lines, ""]), encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


async def _measure(folder: Path) -> list[str]:
    years = sorted((folder / "years").glob("*.md"))
    async with WebServer() as site:
        site.put("/main/README.md", (folder / "README.md").read_bytes())
        for path in years:
            site.put(f"/main/years/{path.name}", path.read_bytes())
        parse = median([await _timed(lambda: _parse(years)) for _ in range(ROUNDS)])
        keep = median([await _import(years) for _ in range(ROUNDS)])
        first = [await _first(site) for _ in range(ROUNDS)]
        whole = median(each.whole for each in first)
        alone = median(each.alone for each in first)
        gaps = [gap for each in first for gap in each.gaps]
        answers = [took for each in first for took in each.answers]
        quiet, requests, writes = await _quiet(site)
        bare = median([await _timed(lambda: _bare(site)) for _ in range(QUIET)])
        one, changed = await _one_row(site)
    files = len(years) + 1
    return [
        "# Syncing",
        "",
        (
            f"{described('httpx2', 'httpcore2', 'sqlalchemy')}. The DAIR list: {files} files, "
            f"181 weeks, on a loopback host; medians of {ROUNDS} ({QUIET} where nothing changed)."
        ),
        "",
        "| the whole archive into an empty database | seconds | against reading |",
        "| --- | --- | --- |",
        f"| reading: the files parsed, nothing kept | {parse:.2f} | 1 |",
        (
            f"| `paperboy import`'s work: parsed, tagged, stored, indexed | {keep:.2f} "
            f"| {keep / parse:.1f} |"
        ),
        (
            f"| a first sync: the same, fetched, judged and kept in portions | {whole:.2f} "
            f"| {whole / parse:.1f} ({whole / keep:.2f} of importing) |"
        ),
        "",
        (
            f"While it loads, `/paper` is answered in {percentile(answers, 0.5) * 1000:.0f} ms "
            f"(p50) and {percentile(answers, 0.99) * 1000:.0f} ms (p99), alone in "
            f"{alone * 1000:.0f} ms; the event loop is held for "
            f"{percentile(gaps, 0.99) * 1000:.0f} ms (p99)."
        ),
        "",
        "| syncing it again | milliseconds | requests | written |",
        "| --- | --- | --- | --- |",
        f"| nothing changed | {quiet * 1000:.0f} | {requests}, all conditional | {writes} |",
        f"| the same conditional requests by httpx2 alone | {bare * 1000:.0f} | {files} | |",
        (
            f"| one paper of one week was reworded | {one * 1000:.0f} | {files} "
            f"| {changed} revision |"
        ),
    ]


async def _parse(years: list[Path]) -> None:
    for path in years:
        parse_source(path.read_bytes(), path.name)


async def _import(years: list[Path]) -> float:
    async with _bench(None) as bench:
        context = bench.context

        async def work() -> None:
            for path in years:
                data = path.read_bytes()
                await import_source(context.archive, context.vocabulary, data, path.name)

        return await _timed(work)


async def _first(site: WebServer) -> First:
    async with _bench(site) as bench:
        answers: list[float] = []
        gaps: list[float] = []
        asking = asyncio.create_task(_ask(bench.context, answers))
        looking = asyncio.create_task(_look(gaps))
        took = await _timed(bench.sync)
        asking.cancel()
        looking.cancel()
        await asyncio.gather(asking, looking, return_exceptions=True)
        answer = partial(dispatch, bench.context, ASKED)
        alone = median([await _timed(answer) for _ in range(QUIET)])
        return First(took, alone, answers, gaps)


async def _ask(context: Context, answers: list[float]) -> None:
    while True:
        answers.append(await _timed(lambda: dispatch(context, ASKED)))
        await asyncio.sleep(0.05)


async def _look(gaps: list[float]) -> None:
    while True:
        gaps.append(await _timed(lambda: asyncio.sleep(0)))
        await asyncio.sleep(0.005)


async def _quiet(site: WebServer) -> tuple[float, int, str]:
    """Return how long it takes where nothing changed, its requests, and what it wrote."""
    async with _bench(site) as bench:
        await bench.sync()
        site.asked.clear()
        with closing(sqlite3.connect(bench.path)) as watch:
            before = watch.execute("PRAGMA data_version").fetchone()
            times = [await _timed(bench.sync) for _ in range(QUIET)]
            is_same = watch.execute("PRAGMA data_version").fetchone() == before
        assert all(each.is_conditional for each in site.asked)
        assert is_same, "something was written"
        return median(times), len(site.asked) // QUIET, "nothing"


async def _bare(site: WebServer) -> None:
    async with httpx2.AsyncClient() as client:
        for path, page in site.pages.items():
            answer = await client.get(site.url(path), headers={"If-None-Match": page.etag})
            assert answer.status_code == httpx2.codes.NOT_MODIFIED


async def _one_row(site: WebServer) -> tuple[float, int]:
    """Return how long it takes where one paper was reworded, and how many wordings were kept."""
    path = "/main/years/2026.md"
    kept = site.pages[path].body
    async with _bench(site) as bench:
        await bench.sync()
        words = kept.decode().splitlines()
        row = next(n for n, line in enumerate(words) if line.startswith("| 1)"))
        words[row] = words[row].replace(" - ", " - Reworded. ", 1)
        site.put(path, "\n".join(words) + "\n")
        took = await _timed(bench.sync)
        with closing(sqlite3.connect(bench.path)) as connection:
            (revisions,) = connection.execute("SELECT count(*) FROM revisions").fetchone()
    site.put(path, kept)
    return took, revisions


@asynccontextmanager
async def _bench(site: WebServer | None) -> AsyncIterator[Bench]:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "archive.sqlite3"
        SqliteDatabase(path).prepare()
        store = ArchiveStore.open(path)
        context = make_library(Settings(), store)
        web = HttpClient(Options(private_hosts=frozenset({"127.0.0.1"}), interval=timedelta()))
        url = site.url("/main/README.md") if site else ""
        means = CrawlTools(web, "1", SystemClock())
        sync = Synchronizer(
            context.archive, context.source_states, context.vocabulary, means, PollInterval()
        )
        source = Source("dair", "dair", "dair", url=url)
        try:
            yield Bench(context, path, lambda: sync.sync(source))
        finally:
            await web.close()
            await store.close()


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    start = time.perf_counter()
    await work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
