"""The promise of delivery: whatever ends the program when, readers see each part once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters import layouts
from bot.model.subscriptions import Layout
from tests.crash import POINTS, At, Moment, moments, play
from tests.program import CROWD, THREADS, Program, Scene

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
async def _nothing_stays() -> AsyncIterator[None]:
    yield
    Program.end_all()


async def _is_kept(scene: Scene, moment: Moment, folder: Path) -> bool:
    """Play it; return whether the program was ended. Everything has to be right all the same."""
    outcome = await play(scene, moment, folder)
    assert outcome.is_right, str(outcome)
    return outcome.was_killed


@pytest.mark.parametrize("at", POINTS, ids=lambda at: at.name.lower())
async def test_ended_at_a_request(at: At, tmp_path: Path) -> None:
    assert await _is_kept(THREADS, Moment(at, 3), tmp_path)


@pytest.mark.parametrize("at", [At.LANDING, At.ACCEPTED], ids=lambda at: at.name.lower())
@pytest.mark.parametrize("layout", Layout, ids=lambda layout: layout.value)
async def test_ended_at_a_request_of_discord(layout: Layout, at: At, tmp_path: Path) -> None:
    scene = Scene(layout=layout, platform="discord")
    assert await _is_kept(scene, Moment(at, 1 if layout is Layout.OVERVIEW else 3), tmp_path)


@pytest.mark.parametrize("at", [At.LANDING, At.ACCEPTED], ids=lambda at: at.name.lower())
@pytest.mark.parametrize("layout", layouts("slack"), ids=lambda layout: layout.value)
async def test_ended_at_a_request_of_slack(layout: Layout, at: At, tmp_path: Path) -> None:
    scene = Scene(layout=layout, platform="slack")
    assert await _is_kept(scene, Moment(at, 1 if layout is Layout.OVERVIEW else 3), tmp_path)


@pytest.mark.parametrize("number", range(1, 13))
async def test_ended_after_a_commit(number: int, tmp_path: Path) -> None:
    assert await _is_kept(Scene(), Moment(At.COMMIT, number), tmp_path) or number > 6


@pytest.mark.parametrize("moment", list(moments(20231009, 20)), ids=str)
async def test_ended_at_a_random_moment(moment: Moment, tmp_path: Path) -> None:
    await _is_kept(CROWD, moment, tmp_path)
