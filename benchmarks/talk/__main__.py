"""Tells a bot of 1,000 replies and reactions a second for a minute, and writes RESULTS.md.

Run as `make bench-talk`. Meanwhile people ask, and wait for the first word: Discord gives three
seconds for it. The same questions are asked before, without events, in the same run. Ends with 1
where a command came too late or the memory grew without an end.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from benchmarks.answers.peers import Discord, Wait
from benchmarks.answers.program import Program
from benchmarks.machine import described, percentile
from bot.model.channels import MessageRef, Target
from bot.model.discussions import PaperThread, ThreadCounts
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore
from tests import samples
from tests.discord_gateway import GUILD
from tests.discord_server import CHANNEL, Server

SECONDS, QUIET_SECONDS = 60, 20
EVENTS_A_SECOND, EVENTS_AT_ONCE = 1000, 50
THREADS, SHARE = 20, 10
"""Threads of papers; every tenth event is about one of them, the others are elsewhere."""
ASKS_A_SECOND = 5
LATEST = 3.0
"""Seconds that Discord waits for the first word."""
MOST_GROWTH = 10 * 1024
"""How many KiB of memory the second half of the minute may add to the first."""
_LONGEST_START, _IDLE = 60, 0.05
"""Seconds that are waited for a bot to be idle, and seconds of CPU a second that it has then."""
_WORDS = ("paper ring attention", "week 2023-10-09", "tag agents", "find devices")


@dataclass
class Figures:
    """What was measured in a time."""

    waits: list[Wait] = field(default_factory=list)
    cpu: float = 0.0
    """Seconds of CPU that the bot used."""
    seconds: float = 0.0
    events: int = 0
    memory: list[int] = field(default_factory=list)
    """KiB of resident memory, second by second."""

    @property
    def firsts(self) -> list[float]:
        """Return how long each waited for the first word."""
        return [wait.first for wait in self.waits]

    @property
    def growth(self) -> int:
        """Return how many KiB more the second half had at most."""
        half = len(self.memory) // 2
        return max(self.memory[half:]) - max(self.memory[:half])


async def measure() -> bool:
    """Measure both times, write the figures down, and return whether they are good."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.sqlite3"
        threads = await _filled(path)
        async with Server(validates=False) as server:
            for number in threads:
                server.threads[number] = {
                    "id": number, "type": 11, "guild_id": GUILD, "parent_id": CHANNEL,
                    "thread_metadata": {"archived": False, "locked": False},
                }  # fmt: skip
            peer = Discord(server)
            async with Program(["-m", "bot", "run"], path, peer.environment()) as program:
                await peer.connected()
                await asyncio.gather(*(peer.ask(words, 0) for words in _WORDS * 3))
                await _wait_until_idle(program)
                quiet = await _run(server, peer, program, QUIET_SECONDS, ())
                busy = await _run(server, peer, program, SECONDS, threads)
    results = Path(__file__).with_name("RESULTS.md")
    results.write_text(_text(quiet, busy), encoding="utf-8")
    print(results.read_text(encoding="utf-8"))
    return max(busy.firsts) <= LATEST and busy.growth <= MOST_GROWTH


async def _filled(path: Path) -> Sequence[str]:
    """Fill an archive, with threads of its papers; return the ids of the threads."""
    SqliteDatabase(path).prepare()
    store = ArchiveStore.open(path)
    await store.save([samples.issue()])
    papers, ledger = await store.papers_after(0, 9), store.ledger()
    threads = [str(10_000 + number) for number in range(THREADS)]
    for number, thread in enumerate(threads):
        ref = MessageRef(Target("discord", GUILD, f"3{number}"), thread, thread)
        kept = PaperThread(papers[number % len(papers)].id, ref, counts=ThreadCounts())
        await ledger.record_thread(kept, datetime.now(UTC))
    await store.close()
    return threads


async def _wait_until_idle(program: Program) -> None:
    """Wait until what a bot does after its start is done, such as the vectors of papers."""
    for _ in range(_LONGEST_START):
        used = program.cpu_seconds()
        await asyncio.sleep(1)
        if program.cpu_seconds() - used < _IDLE:
            return


async def _run(
    server: Server, peer: Discord, program: Program, seconds: int, threads: Sequence[str]
) -> Figures:
    """Ask for so long, beside events about these threads and others, if there are threads."""
    found, used, begun = Figures(), program.cpu_seconds(), time.monotonic()
    telling = asyncio.create_task(_tell(server, found, threads)) if threads else None
    asking: list[asyncio.Task[Wait]] = []
    for turn in range(seconds * ASKS_A_SECOND):
        await asyncio.sleep(max(begun + turn / ASKS_A_SECOND - time.monotonic(), 0))
        asking.append(asyncio.create_task(peer.ask(_WORDS[turn % len(_WORDS)], turn)))
        if not turn % ASKS_A_SECOND:
            found.memory.append(program.resident_kib)
    if telling:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
    found.waits = await asyncio.gather(*asking)
    found.seconds, found.cpu = time.monotonic() - begun, program.cpu_seconds() - used
    return found


async def _tell(server: Server, found: Figures, threads: Sequence[str]) -> None:
    """Tell of replies, and of a reaction after each four, at the rate; late ones are caught up."""
    begun = time.monotonic()
    for number in count(0, EVENTS_AT_ONCE):
        await asyncio.sleep(max(begun + number / EVENTS_A_SECOND - time.monotonic(), 0))
        for each in range(number, number + EVENTS_AT_ONCE):
            is_of_paper = not each % SHARE
            place = threads[each // SHARE % len(threads)] if is_of_paper else str(50_000 + each)
            said = {"id": str(900_000 + each), "channel_id": place, "guild_id": GUILD}
            who = {"id": str(500 + each % 100)}
            if each % 5:
                await server.tell("MESSAGE_CREATE", {**said, "author": who, "content": ""})
            else:
                emoji = {"id": None, "name": "👍"}
                reaction = {**said, "message_id": said["id"], "user_id": who["id"], "emoji": emoji}
                await server.tell("MESSAGE_REACTION_ADD", reaction)
            found.events += 1


def _text(quiet: Figures, busy: Figures) -> str:
    rows = "\n".join(
        f"| {name} | {len(each.waits)} | {percentile(each.firsts, 0.5):.3f} | "
        f"{percentile(each.firsts, 0.99):.3f} | {max(each.firsts):.3f} | "
        f"{1000 * each.cpu / each.seconds:.0f} | {each.memory[0] / 1024:.0f} | "
        f"{max(each.memory) / 1024:.0f} |"
        for name, each in (("no events", quiet), ("events", busy))
    )
    ratio = percentile(busy.firsts, 0.5) / percentile(quiet.firsts, 0.5)
    return TEXT.format(
        machine=described("discord.py"), rows=rows, rate=busy.events / busy.seconds,
        events=busy.events, ratio=ratio, growth=busy.growth / 1024,
        cost=1_000_000 * (busy.cpu - quiet.cpu / quiet.seconds * busy.seconds) / busy.events,
    )  # fmt: skip


TEXT = """# Talk: {events} events in a minute

Written by `make bench-talk`: Discord tells of replies (four of five) and reactions, every tenth in
one of 20 threads of papers, {rate:.0f} a second as they came to be sent; meanwhile 5 commands a
second are asked. {machine}, shared with the loopback server.
Seconds until the first word of the answer; of the bot, CPU and resident memory.

| beside | commands | half in s | 99 % | slowest | ms of CPU a second | MiB first | MiB most |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{rows}

An event takes {cost:.0f} µs of CPU. Half of the commands waited {ratio:.1f} times as long as
without events; Discord's limit is 3 seconds. The second half of the minute had
{growth:.1f} MiB more than the first at most: of events the bot keeps whether a watched thread has
changed, and at most 5,000 reactions that wait to be looked at. Slack tells an app of 30,000 events
an hour, 8 a second.
"""


if __name__ == "__main__":
    sys.exit(not asyncio.run(measure()))
