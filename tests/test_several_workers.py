"""Several real processes on one PostgreSQL, killed, frozen and cut off: each part comes once."""

import asyncio
import itertools
import re
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from bot.model.source_edits import SourceEdits
from storage.database import DatabaseUnusable
from storage.postgresql.database import PostgresqlDatabase
from storage.store import ArchiveStore
from tests import discord_bot, postgresql_server
from tests.bot_process import BotProcess, DeliveryScenario, count_posted, is_all_sent, prepare
from tests.crash_scenarios import compare_deliveries
from tests.cutting_proxy import CuttingProxy
from tests.discord_bot import command
from tests.platform_servers import (
    LoopbackDiscord,
    LoopbackSlack,
    PlatformServer,
    run_platform_server,
)
from tests.request_stages import RequestStage
from tests.slack_user import SlackUser, free_port, visible_text, wait_for_port
from tests.waiting import wait_for, wait_until

pytestmark = pytest.mark.long

RARELY = {
    "PAPERBOY_DELIVERY_TICK_SECONDS": "3600",
    "PAPERBOY_DELIVERY_POLL_SECONDS": "3600",
    "PAPERBOY_DELIVERY_LEASE_SECONDS": "3600",
}
SCENE = DeliveryScenario(channels=60, per_second=60, request_timeout=2, settle=3)
"""A second of posts, which is longer than a part of what happens meanwhile.

A program that wakes may send until its deadline, and on a busy machine that arrives later.
"""


@pytest.fixture
def empty() -> Iterator[PostgresqlDatabase]:
    """Yield an empty archive of PostgreSQL."""
    try:
        with postgresql_server.lent_database() as lent:
            yield lent
    except postgresql_server.NoPostgresql as error:
        pytest.skip(f"skipped: {error}")


@asynccontextmanager
async def started(
    place: PostgresqlDatabase,
    peer: PlatformServer,
    count: int,
    *arguments: str,
    scene: DeliveryScenario = SCENE,
) -> AsyncIterator[list[BotProcess]]:
    """Start so many programs, and end them afterwards."""
    programs = [BotProcess(place, peer.environment(), scene, *arguments) for _ in range(count)]
    for program in programs:
        await program.start()
    try:
        yield programs
    finally:
        for program in programs:
            program.send(signal.SIGCONT)
            await program.stop()


def holder(programs: Sequence[BotProcess]) -> BotProcess | None:
    """Return the program that said last that it has the lease."""

    def last_said(program: BotProcess) -> str:
        said = re.findall(
            r'"at": "([^"]+)".*"event": "Lease (?:acquired|taken over)"', program.log
        )
        return str(said[-1]) if said else ""

    found = max(programs, key=last_said)
    return found if last_said(found) else None


async def some_posted(empty: PostgresqlDatabase, programs: Sequence[BotProcess]) -> BotProcess:
    """Wait until the first posts are recorded; return the program that posts."""
    await wait_until(lambda: count_posted(empty) >= 5)
    await wait_until(lambda: holder(programs) is not None)
    found = holder(programs)
    assert found
    return found


async def delivered(empty: PostgresqlDatabase, scene: DeliveryScenario = SCENE) -> None:
    await wait_until(lambda: is_all_sent(empty, scene))


async def test_the_part_of_one_that_is_killed_is_taken_over(empty: PostgresqlDatabase) -> None:
    await prepare(SCENE, empty)
    async with (
        run_platform_server(SCENE) as peer,
        started(empty, peer, 4, "--role", "deliver") as programs,
    ):
        first = await some_posted(empty, programs)
        first.send(signal.SIGKILL)
        others = [program for program in programs if program is not first]
        await delivered(empty)

        assert compare_deliveries(peer, empty, SCENE).is_right
        await wait_until(lambda: any("Lease taken over" in each.log for each in others))


async def freeze_after_an_answer(
    programs: Sequence[BotProcess], peer: PlatformServer
) -> BotProcess:
    """Freeze the program that posts after some of its posts were answered; return it.

    It is long before its next post then. What stands still between its last look at the clock and
    the write of a request sends it when it wakes (decision 30), of which no test may fail.
    """
    answered = itertools.count(1)
    frozen = asyncio.get_running_loop().create_future()

    async def freeze(stage: RequestStage) -> None:
        if stage is not RequestStage.ANSWERED or next(answered) <= 5 or frozen.done():
            return
        if found := holder(programs):
            frozen.set_result(found)
            await found.freeze()

    peer.hold(freeze)
    program: BotProcess = await wait_for(frozen)
    peer.hold(None)
    return program


@pytest.mark.parametrize("is_late", [False, True])
async def test_one_that_wakes_past_its_lease_posts_nothing_that_was_posted(
    empty: PostgresqlDatabase, *, is_late: bool
) -> None:
    scene = replace(SCENE, channels=16, per_second=8)
    await prepare(scene, empty)
    async with (
        run_platform_server(scene) as peer,
        started(empty, peer, 2, "--role", "deliver", scene=scene) as programs,
    ):
        first = await freeze_after_an_answer(programs, peer)
        (other,) = [program for program in programs if program is not first]
        await other.wait_for_log("Lease taken over")
        if is_late:
            await delivered(empty, scene)
        first.send(signal.SIGCONT)
        await delivered(empty, scene)
        await first.wait_for_log("Lease lost")
        await first.stop()

        assert compare_deliveries(peer, empty, scene).is_right


async def test_one_that_stands_still_in_a_transaction_keeps_the_others_for_seconds(
    empty: PostgresqlDatabase,
) -> None:
    store = ArchiveStore.open(empty)
    now = datetime.now(UTC)
    held = await store.ledger().acquire_or_renew("fake", "one that runs", None, now)
    engine = empty.open_engine("ledger")
    with engine.connect() as still:
        assert still.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar() == "10s"
        still.exec_driver_sql("SELECT * FROM outboxes FOR UPDATE")
        taken = await store.ledger().acquire_or_renew("fake", "another", held, now)
        with pytest.raises(DatabaseUnusable), empty.translate_errors():
            still.exec_driver_sql("UPDATE outboxes SET owner = 'one that stood still'")
    engine.dispose()
    await store.close()

    assert taken.owner == "another"


async def test_what_is_cut_off_from_the_database_posts_each_part_once(
    empty: PostgresqlDatabase,
) -> None:
    await prepare(SCENE, empty)
    port = empty.url.port
    assert port
    async with CuttingProxy(port, delay=0.002) as proxy, run_platform_server(SCENE) as peer:
        behind = PostgresqlDatabase.of(empty.url.set(port=proxy.port))
        async with started(behind, peer, 2) as programs:
            await some_posted(empty, programs)
            for _ in range(3):
                proxy.cut()
                await asyncio.sleep(0.1)
            proxy.is_silent = True
            await asyncio.sleep(0.5)
            proxy.is_silent = False
            proxy.is_away = True
            proxy.cut()
            await asyncio.sleep(1)
            proxy.is_away = False
            await delivered(empty)

            assert compare_deliveries(peer, empty, SCENE).is_right
            assert all(program.is_running() for program in programs)


async def test_what_another_process_writes_is_acted_on_at_once(empty: PostgresqlDatabase) -> None:
    """The database is asked once an hour: whatever happens sooner was told."""
    scene = replace(SCENE, channels=4)
    await prepare(replace(scene, channels=2), empty)
    port = empty.url.port
    assert port
    store, now = ArchiveStore.open(empty, SourceEdits.EVERYTHING), datetime.now(UTC)
    kept = (await store.ledger().subscriptions())[0]

    async def follow(channel: int) -> None:
        wanted = replace(kept, id=0, target=scene.target(channel))
        await store.ledger().subscribe(wanted, now - timedelta(hours=1))

    async with CuttingProxy(port) as proxy, run_platform_server(scene) as peer:
        behind = PostgresqlDatabase.of(empty.url.set(port=proxy.port))
        environment = peer.environment() | RARELY
        first = BotProcess(behind, environment, scene, "--role", "deliver")
        second = BotProcess(behind, environment, scene, "--role", "deliver")
        try:
            await first.start()
            await wait_until(lambda: count_posted(empty) == 2)
            await follow(2)
            await wait_until(lambda: count_posted(empty) == 3)

            proxy.cut()
            await wait_until(lambda: first.log.count("Listening for changes") == 2)
            (issue,) = [each async for each in store.issues(None, None)]
            await store.save([replace(issue, intros={"en": "Mended."})])
            channel = scene.target(0).channel
            await wait_until(lambda: peer.shown(channel)[0].edits == 1)

            await second.start()
            await second.wait_for_log("Listening for changes")
            await first.stop()
            await second.wait_for_log("Lease acquired")
            await follow(3)
            await wait_until(lambda: count_posted(empty) == 4)
        finally:
            await store.close()
            for program in (first, second):
                program.send(signal.SIGKILL)
        assert compare_deliveries(peer, empty, scene).is_right


async def test_a_restart_of_the_database_loses_and_doubles_nothing() -> None:
    try:
        with postgresql_server.restartable_server() as server:
            await _deliver_through_restarts(server)
    except postgresql_server.NoPostgresql as error:
        pytest.skip(f"skipped: {error}")


def _has_posted(place: PostgresqlDatabase, least: int) -> bool:
    return count_posted(place) >= least


async def _deliver_through_restarts(server: postgresql_server.RestartableServer) -> None:
    place = server.database
    await prepare(SCENE, place)
    async with run_platform_server(SCENE) as peer, started(place, peer, 2) as programs:
        for posted, how in ((5, "fast"), (20, "immediate")):
            await wait_until(partial(_has_posted, place, posted))
            await asyncio.to_thread(server.control, "restart", "-w", "-m", how)
        await delivered(place)

        assert compare_deliveries(peer, place, SCENE).is_right
        assert all(program.is_running() for program in programs)
        # Each hears of changes again.
        await wait_until(
            lambda: all(each.log.count("Listening for changes") >= 2 for each in programs)
        )


@pytest.mark.parametrize("name", ["discord", "slack"])
async def test_each_command_is_answered_once_by_one_of_several(
    empty: PostgresqlDatabase, name: str
) -> None:
    scene = DeliveryScenario(platform=name)
    await prepare(scene, empty)
    async with run_platform_server(scene) as peer, AsyncExitStack() as stack:
        ports = [free_port(), free_port()]
        programs = []
        for port in ports:
            mode = {"PAPERBOY_DISCORD_MODE": "http", "PAPERBOY_DISCORD_HTTP_PORT": str(port)}
            program = BotProcess(empty, peer.environment() | mode, scene, "--role", "answer")
            await program.start()
            stack.push_async_callback(program.stop)
            programs.append(program)
        if isinstance(peer, LoopbackDiscord):
            for port in ports:
                await wait_for_port(port)
            peer.server.endpoints = ports
            answers = [await peer.server.interact(2, command("help")) for _ in range(4)]
            assert all("/paper" in discord_bot.visible_text(each) for each in answers)
            asked = peer.server.asked
            callbacks = [asked[how] for how in asked if how.startswith("POST /interactions/")]
            assert callbacks == [1] * len(answers)
        if isinstance(peer, LoopbackSlack):
            sockets = peer.server.sockets
            await wait_until(lambda: sockets.opened == 2)
            sockets.takes_turns = True
            user = SlackUser(peer.server, sockets)
            urls = [await user.begin("/help") for _ in range(4)]
            said = [await user.wait_for_answer(url) for url in urls]
            assert all("/paper" in visible_text(each) for each in said)
            assert set(sockets.acknowledged.values()) == {1}
            assert all(len(peer.server.responded(url)) == 1 for url in urls)
        for program in programs:
            assert program.is_running()


async def test_each_role_does_its_share_alone(empty: PostgresqlDatabase) -> None:
    await prepare(SCENE, empty)
    async with (
        run_platform_server(SCENE) as peer,
        started(empty, peer, 1, "--role", "answer") as answering,
        started(empty, peer, 1, "--role", "sync") as syncing,
    ):
        await wait_until(lambda: all("Started" in each.log for each in (*answering, *syncing)))
        await asyncio.sleep(1)
        assert count_posted(empty) == 0
        async with started(empty, peer, 1, "--role", "deliver"):
            await delivered(empty)

        assert compare_deliveries(peer, empty, SCENE).is_right
        assert not any("Lease" in program.log for program in (*answering, *syncing))
