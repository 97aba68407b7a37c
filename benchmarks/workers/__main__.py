"""Measures several processes on one PostgreSQL beside one on SQLite, and writes RESULTS.md.

Run as `make bench-workers`; `python -m benchmarks.workers load` measures what LOAD.md tells alone,
`rates` the rest. The webhook's receiver runs in this process, which bounds rates too.
"""

import asyncio
import multiprocessing
import os
import re
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from importlib import import_module
from pathlib import Path

from benchmarks.machine import described
from benchmarks.workers import claims, load
from bot.search.lookup import look_up
from storage.database import Database
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore
from tests import empty_archive, postgresql_server, run_files, samples
from tests.bot_process import (
    BotProcess,
    DeliveryScenario,
    Place,
    count_posted,
    is_all_sent,
    prepare,
)
from tests.crash_scenarios import compare_deliveries
from tests.platform_servers import run_platform_server
from tests.waiting import wait_until

CROWD = DeliveryScenario(channels=600, per_second=1000, request_timeout=10)
SLOW = DeliveryScenario(channels=200, per_second=40, request_timeout=2)
LEASE = 1.6
"""Seconds, of the programs that take over; see `tests.bot_process`."""
SECONDS = 6.0
WORKERS = (1, 2, 4)
RATES = (200, 50)
"""Commands a second."""
BATCH = 50
"""Parts that one transaction claims, as an outbox does at 50 a second."""


async def posts_per_second(place: Place, workers: int) -> float:
    """Return at which rate so many programs deliver to all channels, each part once."""
    await prepare(CROWD, place)
    async with run_platform_server(CROWD) as peer:
        programs = [BotProcess(place, peer.environment(), CROWD) for _ in range(workers)]
        for program in programs:
            await program.start()
        await wait_until(lambda: count_posted(place) > 0)
        started, before = time.perf_counter(), count_posted(place)
        # A look takes a connection of its own, and the server a process for it.
        while not await asyncio.to_thread(is_all_sent, place, CROWD):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        rate = (count_posted(place) - before) / (time.perf_counter() - started)
        for program in programs:
            await program.stop()
        assert compare_deliveries(peer, place, CROWD).is_right
    return rate


async def takeover_seconds(number: signal.Signals) -> float:
    """Return how long after a signal to the program that posts another has its lease."""
    with postgresql_server.lent_database() as place:
        await prepare(SLOW, place)
        async with run_platform_server(SLOW) as peer:
            programs = [BotProcess(place, peer.environment(), SLOW) for _ in range(2)]
            for program in programs:
                await program.start()
            await wait_until(lambda: count_posted(place) > 10)
            first = next(each for each in programs if "Lease acquired" in each.log)
            (other,) = [each for each in programs if each is not first]
            ended = time.perf_counter()
            first.send(number)
            await wait_until(lambda: bool(re.search("Lease (taken over|acquired)", other.log)))
            gap = time.perf_counter() - ended
            await other.deliver_all()
            for program in programs:
                program.send(signal.SIGCONT)
                await program.stop()
            assert compare_deliveries(peer, place, SLOW).is_right
    return gap


def lookups_per_second(database: Database, workers: int, names: list[str]) -> float:
    """Return how many names so many processes look up in a second, all together."""
    context = multiprocessing.get_context("fork")
    barrier, counts = context.Barrier(workers), context.Queue()
    processes = [
        context.Process(target=_look_up_for_a_while, args=(database, names, barrier, counts))
        for _ in range(workers)
    ]
    for process in processes:
        process.start()
    total = float(sum(counts.get() for _ in processes))
    for process in processes:
        process.join()
    return total / SECONDS


def _look_up_for_a_while(
    database: Database, names: list[str], barrier: Callable[..., int], counts: object
) -> None:
    module = import_module(f"storage.search.{database.kind}")
    done = 0
    with closing(module.open_index(database)) as index:
        barrier.wait()  # type: ignore[attr-defined]
        until = time.perf_counter() + SECONDS
        while time.perf_counter() < until:
            look_up(index, names[done % len(names)], 5)
            done += 1
    counts.put(done)  # type: ignore[attr-defined]


async def fill(database: Database) -> list[str]:
    """Fill an archive with a week; return names to look for."""
    store = ArchiveStore.open(database)
    try:
        await store.save([samples.issue()])
    finally:
        await store.close()
    return ["ring attention", "rnig atention", "unisim", "fireact language agent", "no such paper"]


async def measure() -> str:
    """Return the text of RESULTS.md."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        reference = await posts_per_second(Path(folder) / "a.sqlite3", 1)
    rows.append(f"| posts a second, SQLite, 1 process | {reference:.0f} | 1.0 |")
    for workers in WORKERS:
        with postgresql_server.lent_database() as place:
            rate = await posts_per_second(place, workers)
        rows.append(
            f"| posts a second, PostgreSQL, {workers} processes | {rate:.0f} | "
            f"{rate / reference:.1f} |"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.sqlite3"
        empty_archive.make(path)
        names = await fill(SqliteDatabase(path))
        alone = await asyncio.to_thread(lookups_per_second, SqliteDatabase(path), 1, names)
        rows.append(f"| look-ups a second, SQLite, 1 process | {alone:.0f} | 1.0 |")
    with postgresql_server.lent_database() as place:
        names = await fill(place)
        for workers in WORKERS:
            rate = await asyncio.to_thread(lookups_per_second, place, workers, names)
            rows.append(
                f"| look-ups a second, PostgreSQL, {workers} processes | {rate:.0f} | "
                f"{rate / alone:.1f} |"
            )
    rows += await claim_rows()
    gaps = {
        number: [await takeover_seconds(number) for _ in range(3)]
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP)
    }
    spans = [
        f"| {number.name} | {statistics.median(each):.1f} | {max(each):.1f} |"
        for number, each in gaps.items()
    ]
    return TEXT.format(
        machine=described(), day=datetime.now().astimezone().date(), rows="\n".join(rows),
        lease=LEASE, spans="\n".join(spans), channels=CROWD.channels,
    )  # fmt: skip


async def claim_rows() -> list[str]:
    """Return the rows that tell how fast ledgers are by themselves."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.sqlite3"
        empty_archive.make(path)
        await claims.fill(SqliteDatabase(path), 1)
        measured = asyncio.to_thread
        alone = await measured(claims.parts_per_second, SqliteDatabase(path), 1, 1)
        many = await measured(claims.parts_per_second, SqliteDatabase(path), 1, BATCH)
    rows = [
        f"| parts claimed and recorded, SQLite, 1 process, one by one | {alone:.0f} | 1.0 |",
        f"| the same, {BATCH} at a time | {many:.0f} | {many / alone:.1f} |",
    ]
    for batch in (1, BATCH):
        for workers in WORKERS:
            with postgresql_server.lent_database() as place:
                await claims.fill(place, workers)
                rate = await measured(claims.parts_per_second, place, workers, batch)
            how = "one by one" if batch == 1 else f"{batch} at a time"
            what = f"parts claimed and recorded, PostgreSQL, {workers} processes, {how}"
            rows.append(f"| {what} | {rate:.0f} | {rate / alone:.1f} |")
    return rows


async def measure_load() -> str:
    """Return the text of LOAD.md."""
    rows = [
        (await load.measure(workers, per_second)).row()
        for per_second in RATES
        for workers in WORKERS
    ]
    return LOAD_TEXT.format(
        machine=described(), day=datetime.now().astimezone().date(), rows="\n".join(rows),
        subscriptions=load.SUBSCRIPTIONS, seconds=load.SECONDS,
    )  # fmt: skip


TEXT = """# Several processes on one PostgreSQL

Written by `make bench-workers`. {machine}, {day}; server, receiver and all processes share
the machine, which bounds what more of them can do. Posts go by webhook to {channels} channels at
one slot, up to 1,000 a second; each came once, in order. Look-ups are of names that are right,
mistyped and unknown, in a small archive. Parts that are claimed and recorded are posted nowhere:
it is the ledger's own rate, with a token for each process.

| what | a second | against SQLite |
| --- | ---: | ---: |
{rows}

How long it takes until another process has the lease, after the one that posts is ended or frozen,
with a lease of {lease} seconds, in 3 runs:

| signal | median, seconds | longest |
| --- | ---: | ---: |
{spans}
"""


LOAD_TEXT = """# Several processes under load

Written by `make bench-workers`. {machine}, {day}; server, a loopback Discord, who asks and all
processes share the machine: what is more than its cores can do waits. {subscriptions:,}
subscriptions of one Discord token have a slot at the same moment; so many commands a second
(`/help`, `/paper`, `/week`, `/find` in turn) come for {seconds:.0f} seconds as signed requests,
to each process in turn, at an even pace, whether or not the answers keep up. Discord permits 50
requests a second to post, and waits 3 seconds for the first word. CPU is the share of all cores
that the processes had.

| processes | commands a second | first word in time | half, s | 99 %, s | posts a second | CPU |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{rows}
"""


def main() -> None:
    """Measure, and write the results."""
    os.environ.pop("PAPERBOY_DATABASE_URL", None)
    parts = {"rates": ("RESULTS.md", measure), "load": ("LOAD.md", measure_load)}
    wanted = sys.argv[1:] or list(parts)
    run_files.begin_run()
    try:
        for name in wanted:
            file, measured = parts[name]
            text = asyncio.run(measured())
            print(text)
            Path(__file__).with_name(file).write_text(text, encoding="utf-8")
    finally:
        run_files.end_run()


if __name__ == "__main__":
    main()
