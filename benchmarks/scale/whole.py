"""Lets the whole program serve many channels whose slot is the same, and people ask meanwhile."""

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.answers.peers import Discord
from benchmarks.answers.program import Program
from tests import discord_server
from tests.bot_process import DeliveryScenario, prepare

_ASKED = ("paper ring atention", "week 2023-10-09", "help")
_TIMES, _PAUSE = 30, 0.5
_PERMITTED = 50


@dataclass(frozen=True)
class Whole:
    """What was measured, in seconds."""

    first_part: float
    """From the connection to Discord until the first message."""
    slowest_answer: float
    """Of commands, one after the other, while messages were sent and slots planned."""
    share_of_rate: float
    """Of the permitted rate, meanwhile."""
    refused: int
    resident_mib: int


async def measure_whole(size: int) -> Whole:
    """Serve so many channels for a while, at a Discord that keeps to its rates."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.sqlite3"
        scene = DeliveryScenario(channels=size, platform="discord")
        await prepare(scene, path)
        rules = {"validates": False, "per_second": _PERMITTED, "bucket_seconds": 5.0}
        async with discord_server.Server(**rules) as server:  # type: ignore[arg-type]
            for number in range(size):
                channel = scene.target(number).channel
                server.channels[channel] = {
                    "id": channel, "type": 0, "guild_id": discord_server.GUILD, "name": "papers",
                }  # fmt: skip
            peer = Discord(server)
            async with Program(["-m", "bot", "run"], path, peer.environment()) as program:
                await peer.connected()
                connected = time.monotonic()
                await server.wait_until(lambda: bool(server.posted_at))
                first = server.posted_at[0] - connected
                begun, before = time.monotonic(), len(server.posted_at)
                answers = []
                for number in range(_TIMES):
                    answers.append(await peer.ask(_ASKED[number % len(_ASKED)], 0))
                    await asyncio.sleep(_PAUSE)
                rate = (len(server.posted_at) - before) / (time.monotonic() - begun)
                return Whole(
                    first,
                    max(each.answered for each in answers),
                    rate / _PERMITTED,
                    server.refused[429],
                    program.resident_kib // 1024,
                )
