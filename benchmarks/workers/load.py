"""Measures several processes under 10,000 subscriptions and 200 commands a second."""

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from math import inf

from benchmarks.machine import cpu_seconds, percentile
from storage.postgresql.database import PostgresqlDatabase
from tests import discord_server, postgresql_server
from tests.bot_process import BotProcess, DeliveryScenario, count_posted, prepare
from tests.discord_bot import command, option
from tests.platform_servers import LoopbackDiscord
from tests.slack_user import free_port, wait_for_port

SUBSCRIPTIONS = 10_000
SCENE = DeliveryScenario(channels=1, platform="discord", request_timeout=15)
SECONDS = 30.0
PATIENCE = 3.0
"""Seconds that Discord waits for the first word."""
ASKED = (
    command("help"),
    command("paper", option("name", "ring atention")),
    command("week", option("day", "2023-10-09")),
    command("find", option("words", "long context")),
)

_COPY = """
INSERT INTO subscriptions (SELECT (jsonb_populate_record(s, jsonb_build_object(
    'id', s.id + n, 'channel', (s.channel::bigint + 10 * n)::text, 'token', 't' || n))).*
FROM subscriptions AS s, generate_series(1, %s) AS n)
"""


@dataclass(frozen=True)
class Load:
    """What several processes did at once."""

    workers: int
    per_second: int
    posts: float
    """Posts a second, meanwhile."""
    waits: Sequence[float]
    """Seconds until the first word to each command; infinite where none came in time."""
    cpu: float
    """The share of the machine's cores that these processes had."""

    def row(self) -> str:
        """Return a row of the table."""
        said = [each for each in self.waits if each < inf]
        share = len(said) / len(self.waits)
        half, most = (percentile(list(self.waits), each) for each in (0.5, 0.99))
        shown = [f"{each:.2f}" if each < inf else "never" for each in (half, most)]
        return (
            f"| {self.workers} | {self.per_second} | {share:.1%} | {shown[0]} | {shown[1]} | "
            f"{self.posts:.0f} | {self.cpu:.0%} |"
        )


async def measure(workers: int, per_second: int) -> Load:
    """Let so many processes deliver to all subscriptions, and ask them so much meanwhile."""
    with postgresql_server.lent_database() as place:
        await prepare(SCENE, place)
        _multiply(place)
        async with discord_server.Server(validates=False) as server, AsyncExitStack() as stack:
            peer = LoopbackDiscord(server, SCENE)
            for number in range(1, SUBSCRIPTIONS):
                channel = SCENE.target(number).channel
                server.channels[channel] = server.channels[discord_server.CHANNEL] | {
                    "id": channel
                }
            ports = [free_port() for _ in range(workers)]
            programs = []
            for port in ports:
                mode = {"PAPERBOY_DISCORD_MODE": "http", "PAPERBOY_DISCORD_HTTP_PORT": str(port)}
                program = BotProcess(place, peer.environment() | mode, SCENE)
                await program.start()
                stack.push_async_callback(program.stop)
                programs.append(program)
            for port in ports:
                await wait_for_port(port)
            server.endpoints = ports
            while count_posted(place) < 100:  # noqa: ASYNC110 - once it is under way
                await asyncio.sleep(0.2)
            await asyncio.gather(*(_ask(server, number) for number in range(8 * workers)))
            posted, started = count_posted(place), time.perf_counter()
            used = sum(cpu_seconds(each.pid) for each in programs)
            waits = await _ask_for_a_while(server, per_second)
            lasted = time.perf_counter() - started
            used = sum(cpu_seconds(each.pid) for each in programs) - used
            posts = (count_posted(place) - posted) / lasted
            for program in programs:
                program.send(signal.SIGKILL)
    return Load(workers, per_second, posts, waits, used / lasted / (os.cpu_count() or 1))


def _multiply(place: PostgresqlDatabase) -> None:
    with place.connect() as connection:
        connection.execute(_COPY, (SUBSCRIPTIONS - 1,))


async def _ask_for_a_while(server: discord_server.Server, per_second: int) -> list[float]:
    """Ask at an even pace, whether or not the answers keep up."""
    clock = asyncio.get_running_loop().time
    begun, asking = clock(), []
    for number in range(int(SECONDS * per_second)):
        await asyncio.sleep(max(begun + number / per_second - clock(), 0))
        asking.append(asyncio.create_task(_ask(server, number)))
    return await asyncio.gather(*asking)


async def _ask(server: discord_server.Server, number: int) -> float:
    started = time.perf_counter()
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(PATIENCE):
            await server.interact(2, ASKED[number % len(ASKED)])
            return time.perf_counter() - started
    return inf
