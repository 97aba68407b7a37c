"""Asks 200 things at once on a platform, and writes RESULTS.md or SLACK.md.

Run as `make bench-answers`. Ends with 1 where the platform would have shown that no answer came.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.answers.peers import WORDS, Peer, Wait, peer_of
from benchmarks.machine import described, percentile
from bot.papers.tagging import Vocabulary
from bot.sources.importer import with_inferred_tags
from bot.sources.parsers.detect import parse_source
from config import vocabulary
from storage import sqlite
from storage.store import ArchiveStore
from tests import samples
from tests.bot_process import BotProcess, DeliveryScenario

RESULTS = {"discord": "RESULTS.md", "slack": "SLACK.md"}
"""The files that the figures of each platform are written to."""
AT_ONCE, ROUNDS = 200, 5
DEADLINE = 3.0
"""Seconds after which both platforms tell the asker that no answer came."""


async def measure(platform: str) -> bool:
    """Ask, and write the figures down; return whether every acknowledgement was in time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.sqlite3"
        papers = await _filled(path)
        async with peer_of(platform, AT_ONCE) as peer:
            program = BotProcess(path, dict(peer.environment()), DeliveryScenario())
            await program.start()
            await peer.connected()
            rows, worst = [], 0.0
            for name, words in WORDS.items():
                waits = [wait for _ in range(ROUNDS) for wait in await _ask(peer, words)]
                worst = max([worst, *(wait.acknowledged for wait in waits)])
                rows += _rows(name, waits)
            await program.stop()
    results = Path(__file__).with_name(RESULTS[platform])
    results.write_text(
        TEXT.format(
            title=peer.title, count=AT_ONCE, rounds=ROUNDS, papers=papers,
            machine=described(peer.context), rows="\n".join(rows),
            late="none" if worst < DEADLINE else "some",
        ),
        encoding="utf-8",
    )  # fmt: skip
    print(results.read_text(encoding="utf-8"))
    return worst < DEADLINE


async def _filled(path: Path) -> int:
    """Fill an archive with the reference data, or else with a sample; return its papers."""
    sqlite.prepare(path)
    store = ArchiveStore.open(path)
    words = Vocabulary.of(vocabulary.load())
    folder = Path(os.environ.get("PAPERBOY_REFERENCE_DATA", ".")) / "dair" / "years"
    for file in sorted(folder.glob("*.md")):
        await store.save(
            [
                with_inferred_tags(each, words)
                for each in parse_source(file.read_bytes(), file.name).issues
            ]
        )
    await store.save([samples.issue()])
    totals = await store.totals()
    await store.close()
    return totals.papers


async def _ask(peer: Peer, words: Sequence[str]) -> list[Wait]:
    """Ask many things at once; return how long each waited."""
    asking = (peer.ask(words[number % len(words)], number) for number in range(AT_ONCE))
    return await asyncio.gather(*asking)


def _rows(name: str, waits: list[Wait]) -> list[str]:
    """Return the figures of the acknowledgements, and of the answers where they are apart."""
    acknowledged = [wait.acknowledged for wait in waits]
    answered = [wait.answered for wait in waits]
    rows = [_row(name, acknowledged)]
    if answered != acknowledged:
        rows.append(_row(f"{name}: the answer itself", answered, is_bound=False))
    return rows


def _row(name: str, waits: list[float], *, is_bound: bool = True) -> str:
    half, most = percentile(waits, 0.5), percentile(waits, 0.99)
    late = f"{sum(wait > DEADLINE for wait in waits)} of {len(waits)}" if is_bound else ""
    return f"| {name} | {half:.2f} | {most:.2f} | {max(waits):.2f} | {late} |"


TEXT = """# How long people wait for an answer on {title}

Written by `make bench-answers`: {count} commands at the same moment, {rounds} times over, from a
loopback server that shares the machine; {papers} papers. {machine}.
Seconds from the command to the first word, or to the acknowledgement where that is apart; {title}
waits for 3. Late: {late}.

| what | half of them | 99 of 100 | the slowest | late |
| --- | ---: | ---: | ---: | ---: |
{rows}
"""


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Measure how long people wait for an answer.")
    asked.add_argument("--platform", choices=sorted(RESULTS), default="discord")
    sys.exit(not asyncio.run(measure(asked.parse_args().platform)))
