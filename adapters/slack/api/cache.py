"""Bounded in-memory caches: results that expire, and identifiers seen before."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class TtlCache(Generic[T]):
    """Results by key; fetched again once they expire, or after a fetch that failed."""

    def __init__(self, max_size: int, ttl_seconds: float) -> None:
        self._max_size = max_size
        self._ttl_seconds = ttl_seconds
        self._entries: OrderedDict[str, tuple[float, asyncio.Task[T]]] = OrderedDict()

    async def get(self, key: str, fetch: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the cached result, or fetch it; concurrent callers share one fetch.

        Raises what `fetch` raises; an exception is not cached.
        """
        now = asyncio.get_running_loop().time()
        expires_at, task = self._entries.get(key, (0.0, None))
        if task is None or now > expires_at or _has_failed(task):
            task = asyncio.create_task(fetch())
            task.add_done_callback(_has_failed)
            self._entries[key] = (now + self._ttl_seconds, task)
            self._entries.move_to_end(key)
            if len(self._entries) > self._max_size:
                self._entries.popitem(last=False)
        # A caller that is cancelled must not cancel the fetch of the others.
        return await asyncio.shield(task)


def _has_failed(task: "asyncio.Task[Any]") -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


class DuplicateFilter:
    """Identifiers seen before; the oldest are evicted beyond `max_size`."""

    def __init__(self, max_size: int) -> None:
        self._max_size = max_size
        self._entries: OrderedDict[str, None] = OrderedDict()

    def is_duplicate(self, identifier: str) -> bool:
        """Return whether it was seen before, and record it; an empty one never was."""
        if not identifier:
            return False
        if identifier in self._entries:
            return True
        self._entries[identifier] = None
        if len(self._entries) > self._max_size:
            self._entries.popitem(last=False)
        return False
