"""Talks to Paperboy on a loopback Discord, as members and admins do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters import connect
from adapters.discord.platform import Discord
from bot.commands.context import Context
from bot.commands.service import command_service, context_of
from bot.ports.conversation import CommandService
from bot.runtime import Runtime
from tests import discord_rules, samples
from tests.discord_server import TOKEN, Server
from tests.fast_delivery import TIMING


def platform(server: Server, **more: Any) -> Discord:
    options = {
        "token": TOKEN, "look": "components", "guild": "", "manager_role": "77",
        "shard_count": 1, "timeout_seconds": 15,
        "api_url": server.api_url, "gateway_url": server.gateway_url,
    }  # fmt: skip
    return connect("discord", options | more)  # type: ignore[return-value]


@asynccontextmanager
async def strict_server() -> AsyncIterator[Server]:
    """Run a Discord, which in the end has seen no wrong body and refused nothing as too early."""
    async with Server() as running:
        yield running
        assert running.wrong == []
        assert running.refused[429] == running.injected_faults["429"]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """Yield a Discord that judges what it is sent."""
    async with strict_server() as running:
        yield running


@pytest.fixture
async def discord(server: Server) -> AsyncIterator[Discord]:
    """Yield the platform on it."""
    found = platform(server)
    yield found
    await found.close()


@pytest.fixture
async def context(context: Context) -> Context:
    """Return a library with the sample issue, for Discord."""
    await context.archive.save([samples.issue()])
    return replace(context, platforms=frozenset({"discord"}), series=("dair",))


@asynccontextmanager
async def run_service(
    server: Server, context: Context, **more: Any
) -> AsyncIterator[CommandService]:
    """Answer people on a server."""
    here = platform(server, **more)
    desk = command_service(context_of(context, here))
    talking = asyncio.create_task(here.serve(desk))
    try:
        await server.connected()
        yield desk
    finally:
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
        await here.close()
        server.forget()


@asynccontextmanager
async def run_bot(server: Server, context: Context, **more: Any) -> AsyncIterator[Discord]:
    """Answer people and post what is owed."""
    stop, here = asyncio.Event(), platform(server, **more)
    here.timeout = timedelta(seconds=0.2)
    # The headers of the server tell how fast it may be, which is faster than Discord's.
    here.rate_limit = replace(here.rate_limit, per_channel=timedelta(seconds=0.05))
    service = Runtime(context, TIMING, timedelta(seconds=0.1))
    at_work = asyncio.create_task(service.run([here], stop))
    try:
        await server.connected()
        yield here
    finally:
        stop.set()
        await at_work
        server.forget()


def command(name: str, *options: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "1", "name": name, "type": 1, "options": list(options), **more}


def option(name: str, value: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": 3, "value": value, **more}


def visible_text(answer: dict[str, Any]) -> str:
    return "\n".join(discord_rules.texts(answer["data"]))


def is_private(answer: dict[str, Any]) -> bool:
    return bool(answer["data"].get("flags", 0) & 64)


def find_control(answer: dict[str, Any], word: str) -> str:
    """Return the custom_id of the first control whose label has a word in it."""
    each = discord_rules.components(answer["data"])
    return next(
        str(c["custom_id"]) for c in each if word in c.get("label", "") and "custom_id" in c
    )
