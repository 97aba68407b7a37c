"""Talks to Paperboy on a loopback Slack, as members and admins do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from adapters import connect
from adapters.slack.platform import Slack
from bot.commands.context import Context
from bot.commands.service import command_service
from bot.lib.rate_limit import RateLimit
from bot.ports.conversation import CommandService
from bot.runtime import Runtime
from tests.fast_delivery import TIMING
from tests.slack_server import Server
from tests.slack_workspace import APP_TOKEN, BOT_TOKEN

SECRET = "loopback-signing-secret"


def platform(server: Server, **more: Any) -> Slack:
    options = {
        "bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "signing_secret": SECRET,
        "mode": "socket", "command_prefix": "", "managers": (), "timeout_seconds": 15,
        "api_url": server.api_url, "http_host": "127.0.0.1", "http_port": 0,
        "public_url": "",
        "client_id": "", "client_secret": "", "token_key": "",
    }  # fmt: skip
    return connect("slack", options | more)  # type: ignore[return-value]


@asynccontextmanager
async def strict_server() -> AsyncIterator[Server]:
    """Run a Slack, which in the end has seen no wrong body and refused nothing as too early."""
    async with Server() as running:
        yield running
        assert running.here.wrong == []
        assert not running.here.too_early


@asynccontextmanager
async def run_bot(server: Server, context: Context, **more: Any) -> AsyncIterator[CommandService]:
    """Post what is owed, faster than Slack would take it; yield what answers people."""
    stop, here = asyncio.Event(), platform(server, **more)
    here.timeout = timedelta(seconds=0.2)
    server.here.per_second = 1000
    here.rate_limit = RateLimit(1000, timedelta(seconds=0.005))
    service = Runtime(context, TIMING, timedelta(seconds=0.1))
    at_work = asyncio.create_task(service.run([here], stop))
    try:
        yield command_service(replace(context, threads={here.name: here}))
    finally:
        stop.set()
        await at_work
