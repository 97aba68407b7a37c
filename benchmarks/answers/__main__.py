"""Asks 200 and 500 things at once on a platform, and writes RESULTS.md or SLACK.md.

Run as `make bench-answers`: of Paperboy, and of a bare bot that answers the same commands with a
LIKE, both with idle cores and beside a busy loop for each core. It is the answer that is waited
for. Ends with 1 where one did not come.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from adapters import sentence_encoder
from benchmarks.answers.peers import HELP, LOOK_UPS, WORDS, Peer, Wait, peer_of
from benchmarks.answers.program import Program
from benchmarks.machine import busy_cores, described, percentile
from bot.papers.tagging import Vocabulary
from bot.sources.importer import with_inferred_tags
from bot.sources.parsers.detect import parse_source
from config import vocabulary
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore
from tests import samples

RESULTS = {"discord": "RESULTS.md", "slack": "SLACK.md"}
"""The files that the figures of each platform are written to."""
CROWDS, ROUNDS = (200, 500), 3


@dataclass(frozen=True)
class Load:
    """How many ask at once, what, and beside what."""

    people: int
    words: str
    is_busy: bool

    @property
    def name(self) -> str:
        """Return what the table calls it."""
        cores = "busy" if self.is_busy else "idle"
        return f"{self.people} at once, {self.words}, {cores} cores"


LOADS = (
    Load(200, HELP, is_busy=False),
    *(Load(people, LOOK_UPS, is_busy=busy) for people in CROWDS for busy in (False, True)),
)


@dataclass(frozen=True)
class Figures:
    """How long people waited for one bot under one load."""

    waits: tuple[Wait, ...]
    cpu: float
    """Milliseconds of CPU an answer."""

    @property
    def answered(self) -> int:
        """Return how many were answered."""
        return sum(isfinite(wait.answered) for wait in self.waits)


async def measure(platform: str) -> bool:
    """Ask, and write the figures down; return whether Paperboy answered everything."""
    bots = {"Paperboy": ["-m", "bot", "run"], "bare": ["-m", "benchmarks.answers.bare", platform]}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.sqlite3"
        papers = await _filled(path)
        bots["bare"].append(str(path))
        measured = {name: await _measure_bot(platform, bots[name], path) for name in bots}
    rows = [
        _row(load, name, measured[name][load], measured["bare"][load])
        for load in LOADS
        for name in bots
    ]
    package = {"discord": "discord.py", "slack": "slack-bolt"}[platform]
    results = Path(__file__).with_name(RESULTS[platform])
    results.write_text(
        TEXT.format(
            title=platform.capitalize(), package=package, rounds=ROUNDS, papers=papers,
            extra="with" if sentence_encoder.connect() else "without",
            machine=described(package), rows="\n".join(rows),
        ),
        encoding="utf-8",
    )  # fmt: skip
    print(results.read_text(encoding="utf-8"))
    return all(len(each.waits) == each.answered for each in measured["Paperboy"].values())


async def _measure_bot(platform: str, arguments: Sequence[str], path: Path) -> dict[Load, Figures]:
    """Ask a bot under every load."""
    found = {}
    async with (
        peer_of(platform, max(CROWDS)) as peer,
        Program(arguments, path, peer.environment()) as program,
    ):
        await peer.connected()
        await _ask(peer, WORDS[LOOK_UPS], 20)  # what is loaded at the first command
        for load in LOADS:
            with busy_cores() if load.is_busy else nullcontext():
                used, waits = program.cpu_seconds(), []
                for _ in range(ROUNDS):
                    waits += await _ask(peer, WORDS[load.words], load.people)
                used = program.cpu_seconds() - used
            found[load] = Figures(tuple(waits), 1000 * used / len(waits))
    return found


async def _filled(path: Path) -> int:
    """Fill an archive with the reference data, or else with a sample; return its papers."""
    SqliteDatabase(path).prepare()
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


async def _ask(peer: Peer, words: Sequence[str], people: int) -> list[Wait]:
    """Ask many things at once; return how long each waited."""
    asking = (peer.ask(words[number % len(words)], number) for number in range(people))
    return await asyncio.gather(*asking)


def _row(load: Load, bot: str, found: Figures, bare: Figures) -> str:
    first = max(wait.first for wait in found.waits)
    answered = [wait.answered for wait in found.waits]
    half, most = percentile(answered, 0.5), max(answered)
    waited = " | ".join(
        f"{each:.2f}" if isfinite(each) else "never" for each in (first, half, most)
    )
    return (
        f"| {load.name} | {bot} | {waited} | "
        f"{found.answered} of {len(found.waits)} | {found.cpu:.1f} | {found.cpu / bare.cpu:.1f} |"
    )


TEXT = """# How long people wait for an answer on {title}

Written by `make bench-answers`: so many commands at the same moment, {rounds} times over, from a
loopback server that shares the machine; {papers} papers, {extra} the extra [meaning]. {machine}.
Beside Paperboy stands a bare bot on {package} that answers the same commands with a LIKE, without
deferral, cards, languages or limits. Seconds from the command to the first word (on Slack the
acknowledgement), and to the answer itself. Look-ups are `/paper`, `/week`, `/tag` and `/find` in
turn. {title} waits 3 seconds for the first word; what comes later is an error to the person, and
"never" here.

| load | bot | slowest first word | half answered | slowest | answered | ms CPU | times bare |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |
{rows}

Until these figures the table of Discord ended at the first word, which for a slow answer is
"thinking…"; neither table had a load beside the bot, nor another bot to compare with. Measured
like this, look-ups then took 14 ms of CPU (5 to 6 times the bare bot's), and 500 of them 11 s:
every statement of the archive was a turn of the event loop, which a whole transaction is now.
"""


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Measure how long people wait for an answer.")
    asked.add_argument("--platform", choices=sorted(RESULTS), default="discord")
    sys.exit(not asyncio.run(measure(asked.parse_args().platform)))
