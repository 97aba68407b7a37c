"""Remembers a bounded number of things for a while: what was asked, and what was seen."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class TtlCache(Generic[T]):
    """What was asked for, by name; it is asked again once it is old, or where asking failed."""

    def __init__(self, max_size: int, ttl_seconds: float) -> None:
        self._most = max_size
        self._seconds = ttl_seconds
        self._kept: OrderedDict[str, tuple[float, asyncio.Task[T]]] = OrderedDict()

    async def get(self, name: str, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what is remembered, or else what asking brings; many who ask at once ask once."""
        now = asyncio.get_running_loop().time()
        until, asking = self._kept.get(name, (0.0, None))
        if asking is None or now > until or _has_failed(asking):
            asking = asyncio.create_task(ask())
            asking.add_done_callback(_has_failed)
            self._kept[name] = (now + self._seconds, asking)
            self._kept.move_to_end(name)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        # Whoever waits no longer takes nothing from the others.
        return await asyncio.shield(asking)


def _has_failed(asking: "asyncio.Task[Any]") -> bool:
    return asking.done() and (asking.cancelled() or asking.exception() is not None)


class DuplicateFilter:
    """What was seen before; of more than it can remember the oldest is forgotten."""

    def __init__(self, max_size: int) -> None:
        self._most = max_size
        self._kept: OrderedDict[str, None] = OrderedDict()

    def is_duplicate(self, name: str) -> bool:
        """Tell whether this was seen before, and remember it; what has no name never was."""
        if not name:
            return False
        if name in self._kept:
            return True
        self._kept[name] = None
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return False
