"""Wall-clock time, monotonic time and sleep, which tests replace."""

import asyncio
import time
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

_WRONG = timedelta(minutes=1)
"""A clock that differs by less is right enough."""


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """Return the wall-clock time, aware UTC; it may jump forward and back."""
        ...

    def monotonic(self) -> float:
        """Return the seconds of a monotonic clock, which never jumps."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds of the monotonic clock."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def wait_for_event(event: asyncio.Event, seconds: float, clock: Clock) -> bool:
    """Wait for an event, at most so many seconds; return whether it came."""
    if event.is_set():
        return True
    happened = asyncio.ensure_future(event.wait())
    passed = asyncio.ensure_future(clock.sleep(max(seconds, 0)))
    try:
        await asyncio.wait((happened, passed), return_when=asyncio.FIRST_COMPLETED)
    finally:
        happened.cancel()
        passed.cancel()
    return event.is_set()


async def run_until(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do work until an event comes; what is under way then is left.

    Raises what the work raises before that.
    """
    going = asyncio.ensure_future(work)
    waiting = asyncio.ensure_future(stop.wait())
    try:
        done, _ = await asyncio.wait((going, waiting), return_when=asyncio.FIRST_COMPLETED)
    finally:
        going.cancel()
        waiting.cancel()
        await asyncio.gather(going, waiting, return_exceptions=True)
    if going in done:
        going.result()


def clock_skew_problems(skew: timedelta, platform: str) -> tuple[str, ...]:
    """Return a sentence where this machine's clock is so far ahead of a platform's, or behind."""
    if abs(skew) < _WRONG:
        return ()
    direction = "ahead of" if skew > timedelta() else "behind"
    off = f"{abs(skew).total_seconds():.0f} s {direction}"
    return (f"This machine's clock is {off} {platform}'s; let the network set it (NTP).",)
