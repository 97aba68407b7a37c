"""Corrects a paper in 200 channels with two messages each, and writes RESULTS.md.

Run as `make bench-edits`, which takes half an hour, as Slack's rate is low. Ends with 1 where a
message shows what was wrong, or another one was touched.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from benchmarks.machine import described
from bot.model.subscriptions import Layout
from tests.bot_process import BotProcess, DeliveryScenario
from tests.crash_scenarios import KillPoint, KillStage
from tests.edit_scenarios import EditOutcome, EditScenario

_MOODS = ("", "", "429", "", "", "lost", "", "")
_KILLS = tuple(
    KillPoint(at, number)
    for at, number in (
        (KillStage.ACCEPTED, 20), (KillStage.ANSWERED, 50), (KillStage.ARRIVED, 30),
        (KillStage.LANDING, 40), (KillStage.COMMIT, 8),
    )
)  # fmt: skip
_SLOW_KILLS = tuple(
    KillPoint(at, number)
    for at, number in (
        (KillStage.ACCEPTED, 5), (KillStage.ANSWERED, 12), (KillStage.ARRIVED, 8),
        (KillStage.LANDING, 10), (KillStage.COMMIT, 3),
    )
)  # fmt: skip
"""The same after fewer edits, for a platform that takes less than one a second."""
_RATES = {"webhook": 50.0, "discord": 50.0, "slack": 50 / 60}
"""Edits a second that each platform permits."""


@dataclass(frozen=True, slots=True)
class _Run:
    platform: str
    channels: int
    is_harmed: bool

    @property
    def scenario(self) -> EditScenario:
        scene = DeliveryScenario(
            channels=self.channels,
            layout=Layout.THREADS,
            platform=self.platform,
            per_second=_RATES["webhook"],
            request_timeout=4,
        )
        if not self.is_harmed:
            return EditScenario(scene)
        kills = _SLOW_KILLS if self.platform == "slack" else _KILLS
        moods = tuple(islice(cycle(_MOODS), self.channels))
        return EditScenario(scene, kills, moods, deleted=self.channels // 20)


_RUNS = (
    _Run("webhook", 200, is_harmed=False),
    _Run("webhook", 200, is_harmed=True),
    _Run("discord", 200, is_harmed=False),
    _Run("discord", 200, is_harmed=True),
    _Run("slack", 200, is_harmed=False),
    _Run("slack", 200, is_harmed=True),
)


async def _play(run: _Run) -> EditOutcome:
    with tempfile.TemporaryDirectory() as folder:
        try:
            return await run.scenario.play(Path(folder))
        finally:
            BotProcess.end_all()


def _row(run: _Run, outcome: EditOutcome) -> str:
    floor = outcome.to_edit / _RATES[run.platform]
    cells = [
        run.platform, "yes" if run.is_harmed else "no", run.channels, outcome.to_edit,
        outcome.kills, outcome.wrong, outcome.disturbed, outcome.repeated,
        f"{floor:.1f}", f"{outcome.seconds:.1f}",
    ]  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def main(names: Sequence[str]) -> int:
    """Play all, or those of some platforms, and write what was measured."""
    wanted = [run for run in _RUNS if not names or run.platform in names]
    rows, is_right = [], True
    for run in wanted:
        outcome = asyncio.run(_play(run))
        rows.append(_row(run, outcome))
        print(rows[-1], flush=True)
        is_right = is_right and outcome.is_right
    if not names:
        results = Path(__file__).with_name("RESULTS.md")
        results.write_text(_TEXT + "\n".join(rows) + "\n", encoding="utf-8")
    return 0 if is_right else 1


_TEXT = f"""# A correction in many channels

`make bench-edits` writes this file. {described()}

A paper's title is corrected in both languages after a digest with threads: the overview, the
message of the paper and what opens its thread show it. *Floor* is the number of messages at the
platform's rate (Slack: 50 calls of `chat.update` a minute), of which Paperboy uses 94 %. With
harm, the program is ended at several points and started again, refusals (429) and lost answers
come in turn, and in each twentieth channel the overview was deleted; an end costs the start of a
program, its lease, and the wait until nothing of the former one can be under way. *Wrong* counts
messages that show the old text, *disturbed* others that were touched, *again* edits that were
sent once more, as it was not known whether they had been taken; readers see nothing of those.

| platform | harm | channels | messages | kills | wrong | disturbed | again | floor, s | took, s |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
