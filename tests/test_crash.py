"""The promise of delivery: whatever ends the program when, readers see each part once."""

from dataclasses import replace
from pathlib import Path

import pytest

from adapters import get_layouts
from bot.model.subscriptions import Layout
from tests.bot_process import CROWD, THREADS, DeliveryScenario, read_rows
from tests.crash_scenarios import (
    REQUEST_STAGES,
    KillPoint,
    KillStage,
    LostTime,
    kill_points,
    lost_times,
    run_scenario,
)

pytestmark = pytest.mark.long
END = KillPoint(KillStage.ANSWERED, 5)
"""Of seven posts, the one after which a program is ended whose time is lost."""


async def _is_kept(scene: DeliveryScenario, moment: KillPoint, folder: Path) -> bool:
    """Play it; return whether the program was ended. Everything has to be right all the same."""
    outcome = await run_scenario(scene, moment, folder)
    assert outcome.is_right, str(outcome)
    return outcome.was_killed


@pytest.mark.parametrize("at", REQUEST_STAGES, ids=lambda at: at.name.lower())
async def test_ended_at_a_request(at: KillStage, tmp_path: Path) -> None:
    assert await _is_kept(THREADS, KillPoint(at, 3), tmp_path)


@pytest.mark.parametrize(
    "at", [KillStage.LANDING, KillStage.ACCEPTED], ids=lambda at: at.name.lower()
)
@pytest.mark.parametrize("layout", Layout, ids=lambda layout: layout.value)
async def test_ended_at_a_request_of_discord(
    layout: Layout, at: KillStage, tmp_path: Path
) -> None:
    scene = DeliveryScenario(layout=layout, platform="discord")
    assert await _is_kept(scene, KillPoint(at, 1 if layout is Layout.OVERVIEW else 3), tmp_path)


@pytest.mark.parametrize(
    "at", [KillStage.LANDING, KillStage.ACCEPTED], ids=lambda at: at.name.lower()
)
@pytest.mark.parametrize("layout", get_layouts("slack"), ids=lambda layout: layout.value)
async def test_ended_at_a_request_of_slack(layout: Layout, at: KillStage, tmp_path: Path) -> None:
    scene = DeliveryScenario(layout=layout, platform="slack")
    assert await _is_kept(scene, KillPoint(at, 1 if layout is Layout.OVERVIEW else 3), tmp_path)


@pytest.mark.parametrize("number", range(1, 13))
async def test_ended_after_a_commit(number: int, tmp_path: Path) -> None:
    was_killed = await _is_kept(DeliveryScenario(), KillPoint(KillStage.COMMIT, number), tmp_path)
    assert was_killed or number > 1, "a commit was seen"


@pytest.mark.parametrize(
    "moment",
    [
        KillPoint(KillStage.COMMIT, 1),
        KillPoint(KillStage.COMMIT, 2),
        KillPoint(KillStage.LANDING, 1),
    ],
    ids=str,
)
async def test_ended_around_a_recap(moment: KillPoint, tmp_path: Path) -> None:
    scene = DeliveryScenario(platform="discord", discussed=3)
    assert await _is_kept(scene, moment, tmp_path)
    kept = read_rows(
        tmp_path / "archive.sqlite3",
        "SELECT json_extract(recap, '$.items[0][2]'), json_array_length(recap, '$.items')"
        " FROM deliveries",
    )
    assert [tuple(each) for each in kept] == [(6, 3)]


@pytest.mark.parametrize("moment", list(kill_points(20231009, 20)), ids=str)
async def test_ended_at_a_random_moment(moment: KillPoint, tmp_path: Path) -> None:
    await _is_kept(CROWD, moment, tmp_path)


@pytest.mark.parametrize(
    ("platform", "lost", "moment"),
    [
        ("webhook", LostTime(0, END), KillPoint(KillStage.COMMIT, 2)),
        ("discord", LostTime(3, END), KillPoint(KillStage.LANDING, 1)),
        ("slack", LostTime(0, END, by_hand=True), KillPoint(KillStage.COMMIT, 3)),
    ],
    ids=["webhook", "discord", "slack, by hand"],
)
async def test_ended_right_after_an_older_copy_was_put_back(
    platform: str, lost: LostTime, moment: KillPoint, tmp_path: Path
) -> None:
    outcome = await run_scenario(replace(THREADS, platform=platform), moment, tmp_path, lost)
    assert outcome.was_killed
    assert outcome.is_right, str(outcome)


@pytest.mark.parametrize(("lost", "moment"), list(lost_times(7, 4, 7)), ids=str)
async def test_ended_some_time_after_an_older_copy_was_put_back(
    lost: LostTime, moment: KillPoint, tmp_path: Path
) -> None:
    outcome = await run_scenario(THREADS, moment, tmp_path, lost)
    assert outcome.is_right, str(outcome)
