"""Ends the real program while it edits messages, and counts what readers saw."""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, repeat
from pathlib import Path

from bot.model.curation import CorrectText
from storage.store import ArchiveStore
from tests import samples
from tests.bot_process import BotProcess, DeliveryScenario, prepare
from tests.crash_scenarios import KilledProcess, KillPoint
from tests.curators import ADA
from tests.platform_servers import PlatformServer, ShownMessage, run_platform_server
from tests.waiting import wait_until

RIGHT = {"en": "Ring Attention, put right", "ko": "링 어텐션, 바로잡음"}


@dataclass(frozen=True, slots=True)
class EditOutcome:
    """What readers saw of a correction."""

    to_edit: int
    """How many messages showed what was corrected, the deleted ones apart."""
    wrong: int = 0
    """How many of them show it still."""
    disturbed: int = 0
    """How many others were edited, or came or went."""
    repeated: int = 0
    """How many edits there were beyond one for each message."""
    kills: int = 0
    seconds: float = 0
    """From the correction to the last edit."""
    log: str = ""

    @property
    def is_right(self) -> bool:
        """Whether each message shows what is right, and nothing else happened."""
        return not (self.wrong or self.disturbed)


@dataclass
class EditScenario:
    """A correction that reaches channels, while the program is ended again and again."""

    scene: DeliveryScenario
    moments: Sequence[KillPoint] = ()
    """When the program is ended; after each it is started again."""
    moods: Iterable[str] = field(default_factory=tuple)
    """How edits fail; see `PlatformServer.harm_edits`."""
    deleted: int = 0
    """In how many channels the first message is deleted before the correction."""

    async def play(self, folder: Path) -> EditOutcome:
        """Play it, and say what readers saw."""
        path = folder / "archive.sqlite3"
        await prepare(self.scene, path)
        async with run_platform_server(self.scene) as peer:
            program = BotProcess(path, peer.environment(), self.scene)
            await program.start()
            assert await program.deliver_all()
            if self.moments:
                await program.stop()
            channels = [self.scene.target(each).channel for each in range(self.scene.channels)]
            for channel in channels[: self.deleted]:
                peer.delete_first(channel)
            before = [message for channel in channels for message in peer.shown(channel)]
            await _correct(path)
            peer.harm_edits(chain(self.moods, repeat("")))
            started = time.monotonic()
            kills, log = await self._edit(path, peer) if self.moments else (0, "")
            if not self.moments:
                await _wait_until_edited(path)
            seconds = time.monotonic() - started
            await program.stop()
            after = [message for channel in channels for message in peer.shown(channel)]
        return _outcome(before, after, kills, seconds, program.log + log)

    async def _edit(self, path: Path, peer: PlatformServer) -> tuple[int, str]:
        log, kills = "", 0
        for moment in self.moments:
            doomed = KilledProcess(moment, BotProcess(path, peer.environment(), self.scene))
            peer.hold(doomed.hold)
            log += await doomed.run(path, lambda: not count_edits(path))
            peer.hold(None)
            kills += doomed.was_killed
        last = BotProcess(path, peer.environment(), self.scene)
        await last.start()
        await _wait_until_edited(path)
        await last.stop()
        return kills, log + last.log


async def _correct(path: Path) -> None:
    store = ArchiveStore.open(path)
    try:
        for language, text in RIGHT.items():
            await store.curate(CorrectText(samples.RING.key, "title", language, text), ADA)
    finally:
        await store.close()


async def _wait_until_edited(path: Path) -> None:
    left = count_edits(path)
    while left:
        await wait_until(partial(_has_fewer, path, left))
        left = count_edits(path)


def _has_fewer(path: Path, left: int) -> bool:
    return count_edits(path) < left


def count_edits(path: Path) -> int:
    """Return how many messages are still to be edited."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM message_edits").fetchone()[0])


def _outcome(
    before: Sequence[ShownMessage],
    after: Sequence[ShownMessage],
    kills: int,
    seconds: float,
    log: str,
) -> EditOutcome:
    old = tuple(samples.RING.titles.values())
    pairs = list(zip(before, after, strict=False))
    meant = [(b, a) for b, a in pairs if any(title in b.text for title in old)]
    others = [(b, a) for b, a in pairs if not any(title in b.text for title in old)]
    return EditOutcome(
        len(meant),
        wrong=sum(
            any(title in a.text for title in old) or not any(t in a.text for t in RIGHT.values())
            for _, a in meant
        ),
        disturbed=sum(b != a for b, a in others) + abs(len(before) - len(after)),
        repeated=sum(a.edits for _, a in meant) - len(meant),
        kills=kills,
        seconds=seconds,
        log=log,
    )
