"""Ends the real program at every point and at random moments, and writes RESULTS.md.

Run as `make crash`. Ends with 1 where a reader saw something twice, too late or never. With
`--only restored` or `--only thousand` a part of it is run, and nothing written. With
`--database postgresql` the archive is on a server that is started for it; its copies are those of
pg_dump, so that none is put back.
"""

import argparse
import asyncio
import itertools
import os
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from adapters import get_layouts
from benchmarks.machine import described
from bot.model.subscriptions import Layout
from tests import postgresql_server, run_files
from tests.bot_process import CROWD, THREADS, DeliveryScenario
from tests.crash_scenarios import (
    REQUEST_STAGES,
    KillPoint,
    KillStage,
    LostTime,
    Outcome,
    kill_points,
    lost_times,
    run_ended,
    run_scenario,
)

_POSTGRESQL = "POSTGRESQL.md"
RESULTS = {"webhook": "RESULTS.md", "discord": "DISCORD.md", "slack": "SLACK.md"}
"""The files that the figures of each platform are written to."""
_CROWD = replace(CROWD, request_timeout=4)
_THOUSAND = DeliveryScenario(channels=1000, per_second=1000, request_timeout=10)
"""A server that shares two cores with the program and other work takes seconds for so many."""
_THOUSANDS = {"webhook": 6, "discord": 4, "slack": 3}
"""How often a digest to 1,000 channels is ended; a platform's pace makes it take minutes."""
_POSTS = {Layout.OVERVIEW: 1, Layout.THREADS: 7, Layout.FORUM: 4}
"""The posts of a digest in one channel."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is played once."""

    where: str
    """Its row of the table, before the moment's."""
    scene: DeliveryScenario
    moment: KillPoint
    lost: LostTime | None = None


def runs(platform: str, count: int) -> dict[str, list[Run]]:
    """Return what is played on a platform, by kind: so many random moments on the quick one."""
    restored = [
        Run(_named(scene, lost), scene, moment, lost)
        for scene, times in _restored_scenes(platform, count)
        for lost, moment in lost_times(3, times, _POSTS[scene.layout] * scene.channels)
    ]
    thousand = replace(_THOUSAND, platform=platform)
    many = [
        Run(_named(thousand), thousand, moment)
        for moment in kill_points(5, _THOUSANDS[platform], thousand.channels)
    ]
    return {"ended": _ended(platform, count), "restored": restored, "thousand": many}


def _ended(platform: str, count: int) -> list[Run]:
    """Return every point, and on the quick platform random moments."""
    if platform != "webhook":
        each = [
            DeliveryScenario(layout=layout, platform=platform) for layout in get_layouts(platform)
        ]
        return [
            Run(_named(scene), scene, KillPoint(at, n))
            for scene in each
            for at in KillStage
            for n in (1, 2, 3, 5)
        ]
    every = [(THREADS, KillPoint(at, number)) for at in REQUEST_STAGES for number in range(1, 11)]
    every += [(THREADS, KillPoint(KillStage.COMMIT, number)) for number in range(1, 41)]
    every += [(_CROWD, moment) for moment in kill_points(1, count)]
    return [Run(_named(scene), scene, moment) for scene, moment in every]


def _restored_scenes(platform: str, count: int) -> list[tuple[DeliveryScenario, int]]:
    """Return on what copies are put back, and how often."""
    if platform == "webhook":
        return [(THREADS, 20), (_CROWD, count // 5)]
    return [
        (DeliveryScenario(layout=layout, platform=platform), 8)
        for layout in get_layouts(platform)
        if layout is not Layout.OVERVIEW
    ]


def bounded_runs() -> list[Run]:
    """Return points for a database on a server; of 20 channels many parts are claimed at once."""
    every = [
        (scene, KillPoint(at, number))
        for scene, numbers in ((THREADS, (1, 5)), (_CROWD, (30, 130)))
        for at in REQUEST_STAGES
        for number in numbers
    ]
    every += [(THREADS, KillPoint(KillStage.COMMIT, number)) for number in range(1, 10, 2)]
    every += [(_CROWD, KillPoint(KillStage.COMMIT, number)) for number in range(2, 17, 2)]
    return [Run(_named(scene), scene, moment) for scene, moment in every]


async def measure(
    every: list[Run], parallel: int, *, on_server: bool = False
) -> list[tuple[str, Outcome]]:
    """Play them; return by row of the table what readers saw. Tell at once what went wrong."""
    free, done = asyncio.Semaphore(parallel), itertools.count(1)

    async def one(run: Run) -> tuple[str, Outcome]:
        async with free:
            if on_server:
                with postgresql_server.lent_database() as lent:
                    outcome = await run_ended(run.scene, run.moment, lent)
            else:
                with tempfile.TemporaryDirectory() as folder:
                    outcome = await run_scenario(run.scene, run.moment, Path(folder), run.lost)
        print(f"{next(done)} of {len(every)}", run.where, run.moment, file=sys.stderr, flush=True)
        if not outcome.is_right:
            print(run, outcome, sep="\n", flush=True)
        return f"{run.where}, {run.moment.at.value}", outcome

    return await asyncio.gather(*(one(run) for run in every))


def _named(scene: DeliveryScenario, lost: LostTime | None = None) -> str:
    channels = "1 channel" if scene.channels == 1 else f"{scene.channels:,} channels"
    if scene.platform != "webhook":
        layout = f"{scene.platform.title()}, {scene.layout.value}"
        channels = layout if scene.channels == 1 else f"{layout}, {channels}"
    if lost is None:
        return channels
    return f"{channels}, copy put back " + ("by hand" if lost.by_hand else "by `restore`")


def _text(found: list[tuple[str, Outcome]], copies: str) -> str:
    runs, ended = Counter(kind for kind, _ in found), Counter[str]()
    missing, doubled, disordered = Counter[str](), Counter[str](), Counter[str]()
    for kind, outcome in found:
        ended[kind] += outcome.was_killed
        missing[kind] += outcome.missing
        doubled[kind] += outcome.doubled
        disordered[kind] += outcome.disordered
    rows = [
        f"| {kind} | {runs[kind]} | {ended[kind]} | {missing[kind]} | {doubled[kind]} | "
        f"{disordered[kind]} |"
        for kind in sorted(runs)
    ]
    return TEXT.format(machine=described(), copies=copies, rows="\n".join(rows))


TEXT = """# What readers see when the program is ended

Written by `make crash`. The program runs as a child process against a platform that knows no key
again, is ended (SIGKILL) at a moment, and started anew. {machine}. Where it was over before the
moment came, nothing was ended.{copies}
Every channel's slot is the same one. Messages that are missing, came twice, or channels out of
order:

| where | runs | ended | missing | twice | out of order |
| --- | ---: | ---: | ---: | ---: | ---: |
{rows}
"""

_COPIES = """ "Copy put back": a program delivers and is ended; an older copy of
its database is put back; the program that starts on it is ended at the moment, and begun again."""


def main() -> None:
    """Run them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--platform", choices=RESULTS, default="webhook")
    parser.add_argument("--moments", type=int, default=300)
    parser.add_argument("--parallel", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", choices=("ended", "restored", "thousand"))
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    given = parser.parse_args()
    if given.database == "postgresql":
        sys.exit(_measure_on_server(given.parallel))
    results = Path(__file__).with_name(RESULTS[given.platform])
    kinds = runs(given.platform, given.moments)
    every = kinds[given.only] if given.only else [run for kind in kinds.values() for run in kind]
    found = asyncio.run(measure(every, given.parallel))
    text = _text(found, _COPIES)
    print(text)
    if not given.only:
        results.write_text(text, encoding="utf-8")
    sys.exit(not all(outcome.is_right for _, outcome in found))


def _measure_on_server(parallel: int) -> int:
    """Play the bounded runs on PostgreSQL, by webhook; return the exit code."""
    run_files.begin_run()
    try:
        found = asyncio.run(measure(bounded_runs(), parallel, on_server=True))
    finally:
        run_files.end_run()
    text = _text(found, "").replace("`make crash`", "`make crash DATABASE=postgresql`")
    print(text)
    Path(__file__).with_name(_POSTGRESQL).write_text(text, encoding="utf-8")
    return int(not all(outcome.is_right for _, outcome in found))


if __name__ == "__main__":
    main()
