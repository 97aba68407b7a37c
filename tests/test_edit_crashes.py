"""The promise of edits: whatever ends the program when, readers see what is right, in place."""

from itertools import cycle, islice
from pathlib import Path

import pytest

from bot.model.subscriptions import Layout
from tests.bot_process import DeliveryScenario
from tests.crash_scenarios import KillPoint, KillStage
from tests.edit_scenarios import EditScenario

pytestmark = pytest.mark.long

KILLS = (
    KillPoint(KillStage.ACCEPTED, 2),
    KillPoint(KillStage.ARRIVED, 1),
    KillPoint(KillStage.ANSWERED, 1),
)
MOODS = tuple(islice(cycle(["", "429", "", "lost", ""]), 10))


@pytest.mark.parametrize(
    ("platform", "channels", "kills"), [("webhook", 4, 3), ("discord", 2, 2), ("slack", 1, 1)]
)
async def test_a_correction_survives_kills_refusals_and_lost_answers(
    platform: str, channels: int, kills: int, tmp_path: Path
) -> None:
    scene = DeliveryScenario(
        channels=channels, layout=Layout.THREADS, platform=platform, per_second=20
    )
    outcome = await EditScenario(scene, KILLS[:kills], MOODS, deleted=1).play(tmp_path)
    assert outcome.kills == kills, outcome.log
    assert outcome.to_edit == 3 * channels - 1, "overview, message and opening of the paper"
    assert outcome.is_right, str(outcome)
    # What was accepted and not recorded is done again, which changes nothing.
    assert outcome.repeated <= MOODS.count("lost") + 4 * kills


@pytest.mark.parametrize("layout", [Layout.OVERVIEW, Layout.FORUM])
async def test_other_layouts_of_discord(layout: Layout, tmp_path: Path) -> None:
    scene = DeliveryScenario(channels=2, layout=layout, platform="discord")
    moments = (KillPoint(KillStage.ACCEPTED, 1),)
    outcome = await EditScenario(scene, moments).play(tmp_path)
    assert outcome.kills == 1, outcome.log
    assert outcome.is_right, str(outcome)
