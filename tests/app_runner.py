"""Lets an application of the tests' own listen on a free port of this machine."""

from aiohttp import web


async def start_app(app: web.Application) -> tuple[web.AppRunner, int]:
    """Return what runs it, to be cleaned up in the end, and the port."""
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, runner.addresses[0][1]
