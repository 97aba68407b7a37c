"""Ends the real program at every point that can be seen from outside, and counts what came."""

import asyncio
import itertools
import random
import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from storage.sqlite import SqliteDatabase
from tests.bot_process import BotProcess, DeliveryScenario, Place, prepare, read_rows
from tests.command_line import CommandLine
from tests.platform_servers import PlatformServer, run_platform_server
from tests.request_stages import RequestStage
from tests.waiting import wait_until


class KillStage(Enum):
    """Where the program is ended."""

    ARRIVED = "before a request is accepted; it never is"
    LANDING = "before a request is accepted; it is all the same"
    ACCEPTED = "after it is accepted, before the answer"
    ANSWERED = "after the answer"
    COMMIT = "after a commit to the database"


REQUEST_STAGES = {
    KillStage.ARRIVED: RequestStage.ARRIVED,
    KillStage.LANDING: RequestStage.ARRIVED,
    KillStage.ACCEPTED: RequestStage.ACCEPTED,
    KillStage.ANSWERED: RequestStage.ANSWERED,
}
"""Where each is seen by the receiver."""


@dataclass(frozen=True, slots=True)
class KillPoint:
    """The n-th time (from 1) that a point is passed, and a little later."""

    at: KillStage
    number: int
    later: float = 0.0
    """Seconds."""

    def __str__(self) -> str:
        return f"{self.at.name.lower()}-{self.number}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What readers saw."""

    missing: int = 0
    doubled: int = 0
    disordered: int = 0
    """In how many channels the order was wrong."""
    was_killed: bool = False
    log: str = ""

    @property
    def is_right(self) -> bool:
        """Whether each part came once and in order."""
        return not (self.missing or self.doubled or self.disordered)


@dataclass(frozen=True, slots=True)
class LostTime:
    """What a program did between a copy of its database and its end, which the copy lacks."""

    copied_at: int
    """The post (from 1) before which the copy is made; 0 for before the first start."""
    ended: KillPoint
    by_hand: bool = False
    """Whether the copy is put back with `cp`, in place of `paperboy restore`."""

    def __str__(self) -> str:
        return f"copy-{self.copied_at}-{self.ended}{'-by-hand' if self.by_hand else ''}"


async def run_scenario(
    scene: DeliveryScenario, moment: KillPoint, folder: Path, lost: LostTime | None = None
) -> Outcome:
    """End the program at a moment, start it again, and say what readers saw.

    With `lost`, a copy of the database is put back before the program that is ended starts.
    """
    path = folder / "archive.sqlite3"
    if lost is None:
        return await run_ended(scene, moment, path)
    await prepare(scene, path)
    async with run_platform_server(scene) as peer:
        log = await _lose_time(peer, path, scene, lost)
        return await _end_and_start_again(peer, scene, moment, path, log)


async def run_ended(scene: DeliveryScenario, moment: KillPoint, path: Place) -> Outcome:
    """End the program at a moment, start it again on the same archive, and compare."""
    await prepare(scene, path)
    async with run_platform_server(scene) as peer:
        return await _end_and_start_again(peer, scene, moment, path, "")


async def _end_and_start_again(
    peer: PlatformServer, scene: DeliveryScenario, moment: KillPoint, path: Place, log: str
) -> Outcome:
    first = KilledProcess(moment, BotProcess(path, peer.environment(), scene))
    peer.hold(first.hold)
    log += await first.run(path)
    peer.hold(None)
    if first.was_killed:
        again = BotProcess(path, peer.environment(), scene)
        await again.start()
        is_over = await again.deliver_all()
        await again.stop()
        log += again.log + ("" if is_over else "it did not end")
    return replace(compare_deliveries(peer, path, scene), was_killed=first.was_killed, log=log)


async def _lose_time(
    peer: PlatformServer, path: Path, scene: DeliveryScenario, lost: LostTime
) -> str:
    """Put back a copy of the database that lacks what was posted since; return the log."""
    copy = path.with_name("copy.sqlite3")
    if not lost.copied_at:
        SqliteDatabase(path).copy_to(copy)
    program = KilledProcess(lost.ended, BotProcess(path, peer.environment(), scene))
    posts = itertools.count(1)

    async def hold(stage: RequestStage) -> None:
        if stage is RequestStage.ARRIVED and next(posts) == lost.copied_at:
            await asyncio.to_thread(SqliteDatabase(path).copy_to, copy)
        await program.hold(stage)

    peer.hold(hold)
    log = await program.run(path)
    peer.hold(None)
    if lost.by_hand:
        for side in ("", "-wal", "-shm"):
            path.with_name(path.name + side).unlink(missing_ok=True)
        shutil.copyfile(copy, path)
    else:
        restored = await asyncio.to_thread(CommandLine(path.parent).child, "restore", str(copy))
        assert restored[0] == 0, restored
    return log


def compare_deliveries(peer: PlatformServer, path: Place, scene: DeliveryScenario) -> Outcome:
    """Compare what a platform accepted with what was owed."""
    missing = doubled = disordered = 0
    rows = read_rows(path, "SELECT place, key FROM parts ORDER BY sequence")
    places = {place for place, _ in rows}
    for place in places:
        due = [key for each, key in rows if each == place]
        came = peer.accepted_keys(place.rpartition("/")[2], due)
        missing += len(set(due) - set(came))
        doubled += len(came) - len(set(came))
        disordered += [key for key in due if key in came] != list(dict.fromkeys(came))
    return Outcome(missing + scene.channels - len(places), doubled, disordered)


class KilledProcess:
    """A program that is ended at a moment."""

    def __init__(self, moment: KillPoint, program: BotProcess) -> None:
        self.was_killed = False
        self._moment = moment
        self._program = program
        self._passed: Counter[RequestStage] = Counter()

    async def run(self, path: Place, is_over: Callable[[], bool] | None = None) -> str:
        """Run it until it is ended, or has nothing more to do; return its log.

        `is_over` says when that is; without it, when everything is delivered.
        """
        watching = asyncio.create_task(self._watch_commits(path))
        await self._program.start()
        if is_over is None:
            await self._program.deliver_all()
        else:
            await wait_until(lambda: is_over() or not self._program.is_running())
        await self._program.stop()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        return self._program.log

    async def hold(self, point: RequestStage) -> None:
        """See a request pass a point."""
        self._passed[point] += 1
        if point is not REQUEST_STAGES.get(self._moment.at):
            return
        if self._passed[point] != self._moment.number:
            return
        await asyncio.sleep(self._moment.later)
        self._kill()
        if self._moment.at is KillStage.ARRIVED:
            raise ConnectionAbortedError

    async def _watch_commits(self, path: Place) -> None:
        """End it after the n-th change of the database that is seen.

        Commits between two looks are one change; a busy machine looks less often.
        """
        if self._moment.at is not KillStage.COMMIT:
            return
        with closing(
            sqlite3.connect(path) if isinstance(path, Path) else path.connect()
        ) as connection:
            # A server is asked less often, as every look takes its time.
            pause = 0 if isinstance(path, Path) else 0.003
            before, changes = _version(connection), 0
            while changes < self._moment.number:
                await asyncio.sleep(pause)
                version = _version(connection)
                changes += version != before
                before = version
        await asyncio.sleep(self._moment.later)
        self._kill()

    def _kill(self) -> None:
        self.was_killed = self._program.send(signal.SIGKILL) or self.was_killed


def _version(connection: Any) -> int:
    """Return a number that changes with every commit of another connection."""
    if isinstance(connection, sqlite3.Connection):
        return int(connection.execute("PRAGMA data_version").fetchone()[0])
    return int(connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())").fetchone()[0])


def kill_points(seed: int, count: int, posts: int = 180) -> Iterable[KillPoint]:
    """Return random moments of so many posts; 180 are a digest to 20 channels, with threads."""
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    for _ in range(count):
        at = chance.choice(list(KillStage))
        last = 40 if at is KillStage.COMMIT else posts
        yield KillPoint(at, chance.randint(1, last), later=chance.uniform(0, 0.02))


def lost_times(seed: int, count: int, posts: int) -> Iterable[tuple[LostTime, KillPoint]]:
    """Return copies of random moments among so many posts, and when the next program ends.

    That program first looks for what its copy lacks: it is ended within its first commits too.
    """
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    for number in range(count):
        copied_at = chance.choice([0, chance.randint(1, posts)])
        ended = KillPoint(KillStage.ANSWERED, chance.randint(max(copied_at, 1), posts))
        at = KillStage.COMMIT if number % 2 else chance.choice(list(REQUEST_STAGES))
        moment = KillPoint(at, chance.randint(1, posts // 4 + 1), later=chance.uniform(0, 0.02))
        yield LostTime(copied_at, ended, by_hand=number % 4 > 1), moment
