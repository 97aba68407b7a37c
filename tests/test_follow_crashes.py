"""Direct messages come once each, whatever ends the program when."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.digests.follows import FollowPlanner
from bot.model.channels import Person
from bot.model.people import Follow, FollowKind, FollowTerms, PersonSettings
from storage.store import ArchiveStore
from tests.bot_process import BotProcess, DeliveryScenario, prepare, read_rows
from tests.crash_scenarios import KilledProcess, KillPoint, KillStage
from tests.platform_servers import run_platform_server
from tests.slack_workspace import ADMIN, READER, TEAM
from tests.test_follows import Clock

pytestmark = pytest.mark.long
PEOPLE = {"discord": (("501", "7501"), ("502", "7502")),
          "slack": ((READER, "D0001"), (ADMIN, "D0002"))}  # fmt: skip
"""The people of each platform, with the channels of their direct messages."""


async def owe_messages(path: Path, platform: str) -> None:
    """Let every person be owed a message since yesterday."""
    store, clock = ArchiveStore.open(path), Clock(datetime.now(UTC) - timedelta(days=1))
    people, earlier = store.people(), clock.at - timedelta(days=1)
    for number, _ in PEOPLE[platform]:
        person = Person(platform, number)
        workspace = TEAM if platform == "slack" else ""
        settings = PersonSettings(workspace, "en", time(9), "UTC")
        await people.set_settings(person, settings, earlier)
        wanted = Follow(FollowKind.TAG, "agents", FollowTerms(tags=("agents",)))
        await people.follow(person, wanted, 9, earlier)
    await FollowPlanner(people, clock).tick()
    await store.close()


@pytest.mark.parametrize("at", [KillStage.LANDING, KillStage.ACCEPTED])
@pytest.mark.parametrize("platform", PEOPLE)
async def test_a_program_that_is_killed_tells_each_person_once(
    platform: str, at: KillStage, tmp_path: Path
) -> None:
    scene, path = DeliveryScenario(platform=platform), tmp_path / "archive.sqlite3"
    await prepare(scene, path)
    await owe_messages(path, platform)
    async with run_platform_server(scene) as peer:
        first = KilledProcess(KillPoint(at, 2), BotProcess(path, peer.environment(), scene))
        peer.hold(first.hold)
        log = await first.run(path)
        peer.hold(None)
        again = BotProcess(path, peer.environment(), scene)
        await again.start()
        assert await again.deliver_all(), log + again.log
        await again.stop()
        keys = [key for (key,) in read_rows(path, "SELECT key FROM parts WHERE kind = 'direct'")]
        came = [peer.accepted_keys(channel, keys) for _, channel in PEOPLE[platform]]
    assert first.was_killed
    assert sorted(map(len, came)) == [1, 1], log + again.log
    assert {key for some in came for key in some} == set(keys)
