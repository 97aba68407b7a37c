"""Bounded caches for asynchronous code: results of calls for a while, and identifiers seen."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from cachetools import FIFOCache, TTLCache

T = TypeVar("T")


class CallCache(Generic[T]):
    """Results of asynchronous calls by key, each for a time to live.

    Concurrent calls of one key share one call. A call that failed is not kept.
    """

    def __init__(self, max_size: int, ttl_seconds: float) -> None:
        self._calls: TTLCache[object, asyncio.Task[T]] = TTLCache(
            max_size, ttl_seconds, timer=lambda: asyncio.get_running_loop().time()
        )

    async def get(self, key: object, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the kept result of a key, or else that of the call. Raises what it raises."""
        task = self._calls.get(key)
        if task is None or _has_failed(task):
            task = asyncio.create_task(call())
            task.add_done_callback(_has_failed)
            self._calls[key] = task
        # A caller that is cancelled does not cancel the call of the others.
        return await asyncio.shield(task)


def _has_failed(task: "asyncio.Task[Any]") -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


class DuplicateFilter:
    """Identifiers that were seen; of more than `max_size` the oldest are forgotten."""

    def __init__(self, max_size: int) -> None:
        self._seen: FIFOCache[str, None] = FIFOCache(max_size)

    def is_duplicate(self, identifier: str) -> bool:
        """Return whether an identifier was seen before, and keep it; an empty one never was."""
        if not identifier:
            return False
        if identifier in self._seen:
            return True
        self._seen[identifier] = None
        return False
