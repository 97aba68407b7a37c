"""Serves what is measured: the pages of an archive, or a bare Starlette page; says its port."""

import argparse
import asyncio
import resource
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from adapters.site import server
from adapters.site.app import Site
from bot.app.archive import build_context
from bot.commands.library import Library
from config.settings import Settings
from storage.store import ArchiveStore

_UNLIMITED = 1_000_000_000


async def _pages(path: Path) -> None:
    store = ArchiveStore.open(path)
    library = Library(build_context(Settings(), store))
    site = Site(library, "http://127.0.0.1/", _UNLIMITED)
    server.spare_pauses()
    try:
        await server.serve(site, "127.0.0.1", 0, await _ended(), _say)
    finally:
        await store.close()


async def _bare(size: int) -> None:
    """Serve one page of so many bytes, as Starlette and uvicorn do out of the box."""
    body = "<!doctype html><title>Bare</title>" + "x" * size

    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse(body)

    app = Starlette(routes=[Route("/", page)])
    stop = await _ended()
    running = uvicorn.Server(
        uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="off")
    )
    serving = asyncio.create_task(running.serve())
    while not running.started:  # noqa: ASYNC110 - it has no event
        await asyncio.sleep(0.01)
    _say(running.servers[0].sockets[0].getsockname()[1])
    await stop.wait()
    running.should_exit = True
    await serving


def _say(port: int) -> None:
    print(port, flush=True)


async def _ended() -> asyncio.Event:
    """Return what is set when the input ends; then the memory that was used is said."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def read() -> None:
        if not sys.stdin.buffer.read(1):
            stop.set()
            loop.remove_reader(sys.stdin)

    loop.add_reader(sys.stdin, read)
    return stop


def main() -> None:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bare", type=int, default=0, help="bytes of a bare page")
    parser.add_argument("path", nargs="?", type=Path)
    wanted = parser.parse_args()
    asyncio.run(_bare(wanted.bare) if wanted.bare else _pages(wanted.path))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_maxrss, used.ru_utime + used.ru_stime, flush=True)


if __name__ == "__main__":
    main()
