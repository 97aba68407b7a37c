"""How Paperboy receives interactions as signed requests: forgeries, replays, addresses."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.commands.context import Context
from bot.commands.service import command_service, context_of
from bot.ports.errors import Refused
from tests.discord_bot import (
    command,
    context,
    option,
    platform,
    server,
    visible_text,
)
from tests.discord_server import SIGNING_KEY, Server
from tests.slack_user import free_port, wait_for_port
from tests.waiting import wait_for

__all__ = ["context", "server"]


@asynccontextmanager
async def listening(server: Server, context: Context) -> AsyncIterator[int]:
    """Await interactions at a port."""
    port = free_port()
    here = platform(server, mode="http", http_port=port)
    service = command_service(context_of(context, here))
    serving = asyncio.create_task(here.serve(service))
    try:
        await wait_for_port(port)
        server.endpoints = [port]
        assert here.connection_state().is_connected
        yield port
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await here.close()


async def test_an_interaction_that_comes_as_a_request_is_answered_once(
    server: Server, context: Context
) -> None:
    async with listening(server, context) as port:
        assert await server.request(port, {"type": 1}) == (200, b'{"type": 1}')
        asked = command("paper", option("name", "ringattention"))
        answer = await server.settled(await server.interact(2, asked))
    assert "Ring Attention" in visible_text(answer)
    callbacks = [how for how in server.asked if how.startswith("POST /interactions/")]
    assert [server.asked[how] for how in callbacks] == [1]
    assert server.identified == 0


async def test_forged_and_repeated_interactions_are_refused(
    server: Server, context: Context
) -> None:
    ping: dict[str, Any] = {"type": 1}
    now = time.time()
    stamp = str(int(now))
    right = SIGNING_KEY.sign(stamp.encode() + b'{"type": 1}').hex()
    other = ("01" if right.startswith("00") else "00") + right[2:]
    async with listening(server, context) as port:
        for signature in ("00" * 64, "not hexadecimal", "ab", other):
            assert (await server.request(port, ping, signature=signature))[0] == 401
        for age in (-3600, 3600):
            assert (await server.request(port, ping, at=now + age))[0] == 401
        assert (await server.request(port, ping, at=now, signature=right))[0] == 200
        assert (await server.request(port, ping, at=now, signature=right))[0] == 401
        assert (await server.request(port, ping, at=now, signature=right.upper()))[0] == 401
        spaced = f"{right[:8]} {right[8:]}"
        assert (await server.request(port, ping, at=now, signature=spaced))[0] == 401


async def test_an_address_that_is_taken_is_told(server: Server, context: Context) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        here = platform(server, mode="http", http_port=port)
        service = command_service(context_of(context, here))
        with pytest.raises(Refused, match="PAPERBOY_DISCORD_HTTP_PORT"):
            await wait_for(here.serve(service))
        await here.close()


@pytest.mark.parametrize(
    ("mode", "endpoint", "said"),
    [
        ("http", "", "Interactions Endpoint URL"),
        ("gateway", "https://bot.example/discord/interactions", "mode = http"),
        ("http", "https://bot.example/discord/interactions", ""),
        ("gateway", "", ""),
    ],
)
async def test_it_is_told_where_discord_sends_interactions_elsewhere(
    server: Server, mode: str, endpoint: str, said: str
) -> None:
    server.endpoint_url = endpoint
    here = platform(server, mode=mode)
    problems = " ".join(await here.diagnose())
    await here.close()
    assert said in problems if said else not problems
