"""Ends the real program at every point and at random moments, and writes RESULTS.md.

Run as `make crash`. Ends with 1 where a reader saw something twice, too late or never.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

from adapters import get_layouts
from benchmarks.machine import described
from tests.bot_process import CROWD, THREADS, DeliveryScenario
from tests.crash_scenarios import (
    REQUEST_STAGES,
    KillPoint,
    KillStage,
    Outcome,
    kill_points,
    run_scenario,
)

RESULTS = {"webhook": "RESULTS.md", "discord": "DISCORD.md", "slack": "SLACK.md"}
"""The files that the figures of each platform are written to."""


def scenes(platform: str, count: int) -> list[tuple[DeliveryScenario, KillPoint]]:
    """Return what is played on a platform: every point, and on the quick one random moments."""
    if platform != "webhook":
        each = [
            DeliveryScenario(layout=layout, platform=platform) for layout in get_layouts(platform)
        ]
        return [
            (scene, KillPoint(at, n)) for scene in each for at in KillStage for n in (1, 2, 3, 5)
        ]
    every = [(THREADS, KillPoint(at, number)) for at in REQUEST_STAGES for number in range(1, 11)]
    every += [(THREADS, KillPoint(KillStage.COMMIT, number)) for number in range(1, 41)]
    return every + [(CROWD, moment) for moment in kill_points(1, count)]


async def measure(
    every: list[tuple[DeliveryScenario, KillPoint]], parallel: int, results: Path
) -> bool:
    """Play every moment and write the figures down; return whether all was right."""
    free = asyncio.Semaphore(parallel)

    async def one(scene: DeliveryScenario, moment: KillPoint) -> tuple[str, Outcome]:
        async with free:
            with tempfile.TemporaryDirectory() as folder:
                outcome = await run_scenario(scene, moment, Path(folder))
        if not outcome.is_right:
            print(moment, outcome, sep="\n", flush=True)
        return f"{_named(scene)}, {moment.at.value}", outcome

    found = await asyncio.gather(*(one(scene, moment) for scene, moment in every))
    results.write_text(_text(found), encoding="utf-8")
    print(results.read_text(encoding="utf-8"))
    return all(outcome.is_right for _, outcome in found)


def _named(scene: DeliveryScenario) -> str:
    if scene.platform != "webhook":
        return f"{scene.platform.title()}, {scene.layout.value}"
    return "20 channels" if scene is CROWD else "1 channel"


def _text(found: list[tuple[str, Outcome]]) -> str:
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
    return TEXT.format(machine=described(), rows="\n".join(rows))


TEXT = """# What readers see when the program is ended

Written by `make crash`. The program runs as a child process against a platform that knows no key
again, is ended (SIGKILL) at a moment, and started anew. {machine}. Where it was over before the
moment came, nothing was ended. Messages that are missing, came twice, or channels out of order:

| where | runs | ended | missing | twice | out of order |
| --- | ---: | ---: | ---: | ---: | ---: |
{rows}
"""


def main() -> None:
    """Run them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--platform", choices=RESULTS, default="webhook")
    parser.add_argument("--moments", type=int, default=300)
    parser.add_argument("--parallel", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    results = Path(__file__).with_name(RESULTS[given.platform])
    every = scenes(given.platform, given.moments)
    sys.exit(not asyncio.run(measure(every, given.parallel, results)))


if __name__ == "__main__":
    main()
