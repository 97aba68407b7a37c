"""The pages of an archive on a free port of the loopback interface, with a client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from adapters.site.admin import Admin
from adapters.site.app import Site, StaticCopy
from adapters.site.server import serve
from bot.commands.context import Context
from bot.commands.library import Library
from tests.waiting import GUARD, wait_for

PUBLIC_URL = "https://papers.example.org/ml/"


@asynccontextmanager
async def open_site(
    context: Context,
    *,
    per_minute: int = 1_000_000,
    public_url: str = PUBLIC_URL,
    copied: StaticCopy | None = None,
    admin: Admin | None = None,
) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield a client of the pages of an archive; redirects are not followed."""
    stop, ports = asyncio.Event(), asyncio.Queue[int]()
    site = Site(Library(context), public_url, per_minute, copied=copied, admin=admin)
    serving = asyncio.create_task(serve(site, "127.0.0.1", 0, stop, ports.put_nowait))
    try:
        port = await wait_for(ports.get())
        async with httpx2.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=GUARD, trust_env=False
        ) as client:
            yield client
    finally:
        stop.set()
        await serving
