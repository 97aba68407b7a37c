"""Joins calls of many tasks into few, as a transaction costs the same for one part and for ten."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from bot.lib.clock import Clock
from bot.ports.errors import StorageUnavailable

T = TypeVar("T")


class CallBatch(Generic[T]):
    """Collects what several tasks want to be done, and does it with one call."""

    def __init__(
        self,
        call: Callable[[Sequence[T]], Awaitable[object]],
        linger: Callable[[], float],
        clock: Clock,
    ) -> None:
        self._call = call
        self._linger = linger
        """How many seconds a call waits for more of its kind."""
        self._clock = clock
        self._wanted: list[T] = []
        self._lock = asyncio.Lock()
        """A call waits for the one before it, and collects meanwhile."""
        self._pending: asyncio.Task[None] | None = None

    async def add(self, item: T) -> None:
        """Return once the call that includes this item is done.

        Raises what the call raises. Where a call fails, but for an unavailable storage, each of
        its items is tried by itself, so that one item does not spoil the others.
        """
        self._wanted.append(item)
        if self._pending is None:
            self._pending = asyncio.create_task(self._run_once())
        pending = self._pending
        try:
            await asyncio.shield(pending)
        except StorageUnavailable:
            raise
        except Exception:  # noqa: BLE001 - whose fault it was is found out below
            await self._call((item,))

    async def _run_once(self) -> None:
        seconds = self._linger()
        if seconds:
            await self._clock.sleep(seconds)
        async with self._lock:
            wanted, self._wanted, self._pending = self._wanted, [], None
            await self._call(wanted)
