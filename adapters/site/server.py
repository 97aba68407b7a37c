"""Runs the pages on a port, until they are to stop."""

import asyncio
import gc
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from adapters.site.app import Site
from adapters.site.markup import load_templates

_COLLECT_EVERY = (2_000, 10, 50)
"""New objects, and younger collections, after which each generation is collected."""

_LOG = logging.getLogger(__name__)
_GRACE_SECONDS = 5


class _Server(uvicorn.Server):
    """A server inside a program that handles signals by itself."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the program."""
        yield


async def serve(
    site: Site,
    host: str,
    port: int,
    stop: asyncio.Event,
    started: Callable[[int], None] = lambda _: None,
) -> None:
    """Serve the pages until `stop` is set; `started` is given the port.

    Raises OSError where the port cannot be used.
    """
    # A client of the loopback interface is a proxy, and says for whom it asks.
    config = uvicorn.Config(
        site.app, log_config=None, access_log=False, lifespan="off", proxy_headers=True,
        forwarded_allow_ips="127.0.0.1", server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )  # fmt: skip
    load_templates()
    await site.warm_up()
    server = _Server(config)
    listening = _listen(host, port)
    number = listening.getsockname()[1]
    serving = asyncio.create_task(server.serve([listening]))
    stopping = asyncio.create_task(stop.wait())
    _LOG.info("Pages served", extra={"fields": {"host": host, "port": number}})
    started(number)
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        server.should_exit = True
        await serving
        listening.close()


def spare_pauses() -> None:
    """Let the garbage collector pass over what the program consists of, for good.

    A full collection looked through all of it, which took 70 to 100 ms every few seconds of load.
    What is kept since, such as pages, takes 30 ms, and is looked through less often than Python
    would. To be called once, when the program has started.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_EVERY)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=2048)
    # Its connections inherit it; asyncio sets it only where the protocol of the socket is named.
    # Without it a body waits up to 40 ms for the other side to say that it has the headers.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
