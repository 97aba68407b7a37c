"""Several real processes on one PostgreSQL, killed, frozen and cut off: each part comes once."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

import pytest

from storage.postgresql import PostgresqlDatabase
from tests import postgresql_server
from tests.bot_process import BotProcess, DeliveryScenario, count_posted, is_all_sent, prepare
from tests.crash_scenarios import compare_deliveries
from tests.cutting_proxy import CuttingProxy
from tests.platform_servers import PlatformServer, run_platform_server
from tests.waiting import wait_until

pytestmark = pytest.mark.long

SCENE = DeliveryScenario(channels=60, per_second=60, request_timeout=2)
"""A second of posts, which is longer than a part of what happens meanwhile."""


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
    place: PostgresqlDatabase, peer: PlatformServer, count: int, *arguments: str
) -> AsyncIterator[list[BotProcess]]:
    """Start so many programs, and end them afterwards."""
    programs = [BotProcess(place, peer.environment(), SCENE, *arguments) for _ in range(count)]
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
    held = [each for each in programs if re.search("Lease (acquired|taken over)", each.log)]
    return held[-1] if held else None


async def some_posted(empty: PostgresqlDatabase, programs: Sequence[BotProcess]) -> BotProcess:
    """Wait until the first posts are recorded; return the program that posts."""
    await wait_until(lambda: count_posted(empty) >= 5)
    await wait_until(lambda: holder(programs) is not None)
    found = holder(programs)
    assert found
    return found


async def delivered(empty: PostgresqlDatabase) -> None:
    await wait_until(lambda: is_all_sent(empty, SCENE))


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


async def test_one_that_wakes_past_its_lease_posts_nothing_that_was_posted(
    empty: PostgresqlDatabase,
) -> None:
    await prepare(SCENE, empty)
    async with (
        run_platform_server(SCENE) as peer,
        started(empty, peer, 2, "--role", "deliver") as programs,
    ):
        first = await some_posted(empty, programs)
        await first.freeze()
        (other,) = [program for program in programs if program is not first]
        await wait_until(lambda: "Lease taken over" in other.log)
        await wait_until(lambda: count_posted(empty) >= 20)
        first.send(signal.SIGCONT)
        await delivered(empty)
        await wait_until(lambda: "Lease lost" in first.log)

        assert compare_deliveries(peer, empty, SCENE).is_right


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
