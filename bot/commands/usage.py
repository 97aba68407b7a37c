"""Counts what is asked and read, in memory, and stores the counts now and then."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from bot.model.usage import PAGE, SITE, Usage, UsageKey
from bot.model.weeks import Month
from bot.ports.errors import StorageUnavailable
from bot.ports.usage import UsageStore

_SECONDS = 30.0
"""After which counts are stored: a reply is not to wait for a transaction."""

_LOG = logging.getLogger(__name__)


class UsageCounter:
    """Counts by month, community and command; of the persons it knows nothing."""

    def __init__(self, store: UsageStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._pending: Counter[UsageKey] = Counter()
        self._task: asyncio.Task[None] | None = None

    def count(self, platform: str, workspace: str, name: str) -> None:
        """Count something; it is stored within half a minute, or by `flush`."""
        now = self._now()
        self._pending[UsageKey(Month(now.year, now.month), platform, workspace, name)] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._flush_later())

    def count_page(self) -> None:
        """Count a page that was read on the web."""
        self.count(SITE, "", PAGE)

    async def read(self, platform: str, workspace: str) -> Usage:
        """Return the counts of a server or team, the newest ones too."""
        await self.flush()
        return await self._store.usage(platform, workspace)

    async def flush(self) -> None:
        """Store what was counted."""
        counts, self._pending = self._pending, Counter()
        if not counts:
            return
        try:
            await self._store.add_usage(counts)
        except StorageUnavailable as error:
            self._pending.update(counts)
            _LOG.warning("Failed to store counts", extra={"fields": {"error": str(error)}})

    async def close(self) -> None:
        """Store what was counted, and end."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self.flush()

    async def _flush_later(self) -> None:
        await asyncio.sleep(_SECONDS)
        await self.flush()
