"""Polls the sources while the bot runs, each when it is due, and logs the outcome."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from bot.lib.clock import Clock, run_until
from bot.ports.errors import StorageUnavailable
from bot.ports.source_state import SourceStateStore
from bot.sources.crawlers.pages import Source
from bot.sources.poll_interval import is_due
from bot.sources.sync import Synchronizer, SyncResult

_MIN_SLEEP, _MAX_SLEEP = 1.0, 300.0
"""Bounds, in seconds, of the time between two checks for due sources: the clock may jump."""

_RETRY_AFTER = timedelta(minutes=1)
"""The delay if another process holds the lock, or the database is unavailable."""

_LOG = logging.getLogger(__name__)


class Poller:
    """Polls the sources; of several processes on one database only one syncs at a time."""

    def __init__(
        self,
        sources: Sequence[Source],
        sync: Synchronizer,
        source_states: SourceStateStore,
        clock: Clock,
        on_new_issues: Callable[[], None] = lambda: None,
    ) -> None:
        self._sources = sources
        self._sync = sync
        self._states = source_states
        self._clock = clock
        self._on_new_issues = on_new_issues
        """Called when papers were added or updated."""
        self._due: dict[str, datetime] = {}
        self._failures: dict[str, str] = {}
        """The last logged failure of each source; it is logged once."""

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until `stop` is set; a running sync is cancelled and repeated at the next start."""
        await run_until(stop, self._poll_forever())

    async def _poll_forever(self) -> None:
        while True:
            for source in self._sources:
                if is_due(self._due.get(source.name), self._clock.now()):
                    await self._sync_safely(source)
            rest = min(self._due.values()) - self._clock.now()
            await self._clock.sleep(min(max(rest.total_seconds(), _MIN_SLEEP), _MAX_SLEEP))

    async def _sync_safely(self, source: Source) -> None:
        """Sync a source; an error is logged, and the source is polled again later."""
        self._due[source.name] = self._clock.now() + _RETRY_AFTER
        fields: dict[str, object] = {"source": source.name}
        try:
            with self._states.sync_lock() as is_ours:
                if is_ours:
                    self._due[source.name] = await self._sync_if_due(source)
        except StorageUnavailable as error:
            _LOG.error("Failed to sync source", extra={"fields": fields | {"reason": str(error)}})
        except Exception:  # noqa: BLE001 - one bad page must not end the poller
            _LOG.exception("Failed to sync source", extra={"fields": fields})

    async def _sync_if_due(self, source: Source) -> datetime:
        """Sync a source if it is due, and return when it is due next."""
        state = await self._states.get(source.name)
        is_same = state.place == source.identity
        if is_same and state.next_at and not is_due(state.next_at, self._clock.now()):
            return state.next_at  # another process polled it, or this one before a restart
        if not state.weeks:
            _LOG.info("Loading all weeks of source", extra={"fields": {"source": source.name}})
        result = await self._sync.sync(source, partial(_log_progress, source.name))
        self._log_result(result)
        if result.has_changes:
            self._on_new_issues()
        return result.state.next_at or self._clock.now() + _RETRY_AFTER

    def _log_result(self, result: SyncResult) -> None:
        source, state = {"source": result.source.name}, result.state
        if result.has_changes:
            counts = {"added": result.added, "updated": result.updated, "weeks": len(state.weeks)}
            _LOG.info("Synced source", extra={"fields": source | counts})
        if result.problems:
            count = {"count": len(result.problems)}
            _LOG.info("Source has unusable lines", extra={"fields": source | count})
        for line in result.alarms:
            _LOG.warning("Source raised alarm", extra={"fields": source | {"reason": line}})
        if result.alarms:
            accept = {"to_accept": f"paperboy sync --accept {result.source.name}"}
            _LOG.warning("Source not saved while alarm lasts", extra={"fields": source | accept})
        if result.is_recovered:
            _LOG.info("Alarm of source ended", extra={"fields": source})
        self._log_failure(result.source.name, state.failure)

    def _log_failure(self, name: str, failure: str) -> None:
        """Log a failure once, and its end."""
        if failure != self._failures.get(name, ""):
            if failure:
                fields = {"source": name, "reason": failure}
                _LOG.warning("Source failed", extra={"fields": fields})
            else:
                _LOG.info("Source recovered", extra={"fields": {"source": name}})
        self._failures[name] = failure


def _log_progress(name: str, progress: str) -> None:
    _LOG.info("Saved weeks of source", extra={"fields": {"source": name, "progress": progress}})
