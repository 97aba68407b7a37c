"""Measures planning and the ledger with 1,000 and 10,000 subscriptions whose slot is the same.

The event loop is watched meanwhile: the longest time that it was held is what a command waits.
"""

import asyncio
import os
import tempfile
import time
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from benchmarks.scale.whole import Whole, measure_whole
from bot.digests.planner import Planner
from bot.lib.clock import SystemClock
from bot.model.channels import Target
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week
from bot.ports.archive import Archive
from storage.deliveries.ledger import SqlLedger
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore
from tests import samples
from tests.fakes import FakeIssueArchive
from tests.virtual_time import inline_transactions

RESULTS = Path(__file__).with_name("RESULTS.md")
SIZES = (1_000, 10_000)
_WATCH_SECONDS = 0.005


@dataclass(frozen=True)
class Figures:
    """What was measured, in seconds."""

    first_part: float
    """Until the first part can be claimed."""
    planning: float
    """Until all are planned and recorded."""
    planning_cpu: float
    loop_held: float
    """The longest time that the event loop was held meanwhile."""
    next_parts: float
    """One poll of the outbox, with all parts unsent."""
    platform_stats: float
    idle_tick: float
    """A tick with nothing to decide."""


async def measure(size: int) -> Figures:
    """Plan so many subscriptions whose slot has just passed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.sqlite3"
        SqliteDatabase(path).prepare()
        now = datetime.now(UTC)
        with inline_transactions(path) as quick:
            await _subscribe(SqlLedger(quick), size, now)
        store = ArchiveStore.open(path)
        week = Week.of((now - timedelta(days=7)).date())
        archive = FakeIssueArchive([replace(samples.issue(), week=week)])
        ledger = store.ledger()
        planner = Planner(cast("Archive", archive), ledger, SystemClock())
        held = [0.0]
        watching = asyncio.create_task(_watch(held))
        started, cpu = time.monotonic(), time.process_time()
        first = asyncio.create_task(_first_part(ledger, started))
        await planner.tick()
        planning, used = time.monotonic() - started, time.process_time() - cpu
        first_part = await first
        watching.cancel()
        figures = Figures(
            first_part,
            planning,
            used,
            held[0],
            await _seconds(ledger.next_parts("webhook", datetime.now(UTC), 200)),
            await _seconds(ledger.platform_stats(datetime.now(UTC))),
            await _seconds(planner.tick()),
        )
        await store.close()
        return figures


async def _subscribe(ledger: SqlLedger, size: int, now: datetime) -> None:
    slot = now - timedelta(minutes=1)
    for number in range(size):
        wanted = Subscription(
            Target("webhook", "", f"c{number}"),
            "dair",
            weekday=slot.weekday(),
            at=slot.time().replace(second=0, microsecond=0),
            language="en",
        )
        await ledger.subscribe(wanted, now - timedelta(minutes=10))


async def _first_part(ledger: SqlLedger, started: float) -> float:
    while not await ledger.next_parts("webhook", datetime.now(UTC), 1):  # noqa: ASYNC110
        await asyncio.sleep(_WATCH_SECONDS)
    return time.monotonic() - started


async def _watch(held: list[float]) -> None:
    while True:
        before = time.monotonic()
        await asyncio.sleep(_WATCH_SECONDS)
        held[0] = max(held[0], time.monotonic() - before - _WATCH_SECONDS)


async def _seconds(work: object) -> float:
    started = time.monotonic()
    await work  # type: ignore[misc]
    return time.monotonic() - started


def report(measured: dict[int, Figures], whole: Whole) -> str:
    """Return the results as a table, with growth factors."""
    small, large = SIZES
    rows = [
        f"| {field.name} | {a:.3f} | {b:.3f} | {b / a if a else 0:.1f} |"
        for field in fields(Figures)
        for a, b in [(getattr(measured[small], field.name), getattr(measured[large], field.name))]
    ]
    load = os.getloadavg()[0]
    return "\n".join([
        "# How planning grows with the number of subscriptions",
        "",
        "Written by `make bench-scale`: subscriptions whose slot is the same, on a real",
        f"database, in seconds; {os.cpu_count()} cores, with a load of {load:.0f} at the end.",
        "",
        f"| figure | {small:,} | {large:,} | growth |",
        "| --- | ---: | ---: | ---: |",
        *rows,
        "",
        f"The whole program with {large:,} channels, at a loopback Discord that permits 50",
        "requests a second, while it plans, sends and is asked:",
        "",
        "| first part after connecting | slowest answer | share of the rate | refused | MiB |",
        "| ---: | ---: | ---: | ---: | ---: |",
        (
            f"| {whole.first_part:.2f} s | {whole.slowest_answer:.2f} s | "
            f"{whole.share_of_rate:.1%} | {whole.refused} | {whole.resident_mib} |"
        ),
        "",
    ])  # fmt: skip


def main() -> None:
    """Measure both sizes and write the results."""
    measured = {size: asyncio.run(measure(size)) for size in SIZES}
    whole = asyncio.run(measure_whole(SIZES[-1]))
    RESULTS.write_text(report(measured, whole), encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
