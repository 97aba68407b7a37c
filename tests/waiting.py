"""Waits until a condition holds, with an end that only a fault reaches, on a busy machine too."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

GUARD = 120.0
"""Seconds after which what was waited for has failed; below the time limit of a whole test."""
_INTERVAL = 0.02
"""Seconds between two looks."""


async def wait_until(holds: Callable[[], object]) -> None:
    """Return once a condition holds; raise AssertionError where that takes longer than GUARD."""
    end = time.monotonic() + GUARD
    while not holds():
        assert time.monotonic() < end, f"this did not happen within {GUARD:g} seconds: {holds}"
        await asyncio.sleep(_INTERVAL)


async def wait_until_found(holds: Callable[[], object]) -> None:
    """Do the same in a thread, where a look takes its time: a server beside it goes on."""
    end = time.monotonic() + GUARD
    while not await asyncio.to_thread(holds):
        assert time.monotonic() < end, f"this did not happen within {GUARD:g} seconds: {holds}"
        await asyncio.sleep(_INTERVAL)


async def wait_for(work: Awaitable[T]) -> T:
    """Return the result of work; raise TimeoutError where that takes longer than GUARD."""
    return await asyncio.wait_for(work, GUARD)


def stand_still_past(until: float) -> None:
    """Let nothing of this process go on until a monotonic time is over, as a frozen one."""
    while time.monotonic() <= until:
        time.sleep(0.01)


async def let_pending_in() -> None:
    """Let this loop take in what lies in its sockets already.

    A loopback server that a busy machine held up finds a message and the question whether it is
    there at the same time. As a platform that was not held up, it has to take the message first.
    """
    for _ in range(50):
        await asyncio.sleep(0)
