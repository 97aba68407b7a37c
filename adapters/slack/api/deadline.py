"""Deadlines of requests: what is not sent in time is never sent."""

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass

import aiohttp

from bot.lib.send_signal import signal_sent


@dataclass(slots=True)
class Attempt:
    """A request and its deadline."""

    until: float
    """Deadline, in seconds of the event loop's clock."""
    was_sent: bool = False


ATTEMPT: ContextVar[Attempt] = ContextVar("attempt")
"""The request that is being made in this task."""


def deadline_trace() -> aiohttp.TraceConfig:
    """Return a trace that aborts a request whose deadline passed before it was sent.

    A process that was suspended would otherwise send it before noticing its timeout, when another
    process that took over the lease may have sent the same message.
    """
    traced = aiohttp.TraceConfig()

    async def check(*_: object) -> None:
        attempt = ATTEMPT.get()
        if asyncio.get_running_loop().time() > attempt.until:
            raise TimeoutError

    async def send(*_: object) -> None:
        await check()
        ATTEMPT.get().was_sent = True
        signal_sent()

    traced.on_connection_create_end.append(check)
    traced.on_connection_reuseconn.append(check)
    traced.on_request_headers_sent.append(send)
    # What has a body is written with it, by a task of its own, which may begin later.
    traced.on_request_chunk_sent.append(check)
    return traced
