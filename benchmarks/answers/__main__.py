"""Asks 200 things at once over Discord's gateway, and writes RESULTS.md.

Run as `make bench-answers`. Ends with 1 where Discord would have shown that nobody answered.
"""

import asyncio
import os
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.machine import described, percentile
from bot.intake import tagged
from bot.sources.detect import read
from bot.tagging import Vocabulary
from config import vocabulary
from storage import database
from storage.store import Store
from tests import samples
from tests.discord_chat import command, option
from tests.discord_server import TOKEN, Server
from tests.program import Program, Scene

RESULTS = Path(__file__).with_name("RESULTS.md")
AT_ONCE, ROUNDS = 200, 5
DEADLINE = 3.0
"""Seconds after which Discord tells the asker that nobody answered."""
KINDS = {
    "`/help`, the reference: nothing is looked up": [command("help")],
    "`/paper`, `/week`, `/tag` and `/find` in turn": [
        command("paper", option("name", "ring atention")),
        command("week", option("day", "2023-10-09")),
        command("tag", option("name", "llm")),
        command("find", option("words", "long context")),
    ],
}


async def measure() -> bool:
    """Ask, and write the figures down; return whether every answer was in time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.sqlite3"
        papers = await _filled(path)
        async with Server(judges=False) as server:
            program = Program(path, _settings(server), Scene())
            await program.start()
            await server.connected()
            rows, worst = [], 0.0
            for name, asked in KINDS.items():
                waits = [wait for _ in range(ROUNDS) for wait in await _ask(server, asked)]
                worst = max(worst, *waits)
                rows.append(_row(name, waits))
            await program.stop()
    RESULTS.write_text(
        TEXT.format(
            count=AT_ONCE, rounds=ROUNDS, papers=papers, machine=described("discord.py"),
            rows="\n".join(rows), late="none" if worst < DEADLINE else "some",
        ),
        encoding="utf-8",
    )  # fmt: skip
    print(RESULTS.read_text(encoding="utf-8"))
    return worst < DEADLINE


async def _filled(path: Path) -> int:
    """Fill an archive with the reference data, or else with a sample; return its papers."""
    database.prepare(path)
    store = Store.open(path)
    words = Vocabulary.of(vocabulary.load())
    folder = Path(os.environ.get("PAPERBOY_REFERENCE_DATA", ".")) / "dair" / "years"
    for file in sorted(folder.glob("*.md")):
        await store.save(
            [tagged(each, words) for each in read(file.read_bytes(), file.name).issues]
        )
    await store.save([samples.issue()])
    totals = await store.totals()
    await store.close()
    return totals.papers


async def _ask(server: Server, asked: list[dict[str, object]]) -> list[float]:
    """Ask many things at once; return how long each waited for the first word."""

    async def one(number: int) -> float:
        begun = time.monotonic()
        with suppress(TimeoutError):
            await server.interact(2, asked[number % len(asked)])
        return time.monotonic() - begun

    return await asyncio.gather(*(one(number) for number in range(AT_ONCE)))


def _row(name: str, waits: list[float]) -> str:
    half, most = percentile(waits, 0.5), percentile(waits, 0.99)
    late = sum(wait > DEADLINE for wait in waits)
    return f"| {name} | {half:.2f} | {most:.2f} | {max(waits):.2f} | {late} of {len(waits)} |"


def _settings(server: Server) -> dict[str, str]:
    return {
        "PAPERBOY_DISCORD_TOKEN": TOKEN,
        "PAPERBOY_DISCORD_API_URL": server.api_url,
        "PAPERBOY_DISCORD_GATEWAY_URL": server.gateway_url,
    }


TEXT = """# How long people wait for an answer on Discord

Written by `make bench-answers`: {count} commands at the same moment, {rounds} times over, from a
loopback server that shares the machine; {papers} papers. {machine}.
Seconds from the command to the first word; Discord waits for 3. Late: {late}.

| what | half of them | 99 of 100 | the slowest | late |
| --- | ---: | ---: | ---: | ---: |
{rows}
"""


if __name__ == "__main__":
    sys.exit(not asyncio.run(measure()))
