"""Goes round the sources while the bot runs: asks each when it is due, and tells what came."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.lib.clock import Clock, run_until
from bot.ports.errors import StorageUnavailable
from bot.ports.source_state import SourceStateStore
from bot.sources.crawlers.pages import Source
from bot.sources.poll_interval import is_due
from bot.sources.sync import Synchronizer, SyncResult

_MIN_SLEEP, _MAX_SLEEP = 1.0, 300.0
"""Seconds between two looks at who is due; the clock may jump meanwhile."""

_RETRY_AFTER = timedelta(minutes=1)
"""How long is waited where another program syncs, or the database cannot be used."""

_LOG = logging.getLogger(__name__)


class Poller:
    """The rounds of one program; of two on one database only one syncs at a time."""

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
        self._register = source_states
        self._clock = clock
        self._wake = on_new_issues
        """Called when there is something new to be delivered."""
        self._due: dict[str, datetime] = {}
        self._failures: dict[str, str] = {}
        """What was told of each source that fails; it is told once."""

    async def run(self, stop: asyncio.Event) -> None:
        """Go round until told to stop; what is under way then is left, and begun anew some day."""
        await run_until(stop, self._go())

    async def _go(self) -> None:
        while True:
            for source in self._sources:
                if is_due(self._due.get(source.name), self._clock.now()):
                    await self._safely(source)
            rest = min(self._due.values()) - self._clock.now()
            await self._clock.sleep(min(max(rest.total_seconds(), _MIN_SLEEP), _MAX_SLEEP))

    async def _safely(self, source: Source) -> None:
        """Sync a source; whatever goes wrong, it is tried again."""
        self._due[source.name] = self._clock.now() + _RETRY_AFTER
        try:
            with self._register.sync_lock() as is_ours:
                if is_ours:
                    self._due[source.name] = await self._one(source)
        except StorageUnavailable as error:
            _LOG.error("%s is not asked for new weeks: %s", source.name, error)
        except Exception:  # noqa: BLE001 - one bad page must not end all rounds
            _LOG.exception("%s is not asked for new weeks", source.name)

    async def _one(self, source: Source) -> datetime:
        """Sync a source that is due, and return when it is due next."""
        state = await self._register.source(source.name)
        is_same = state.place == source.identity
        if is_same and state.next_at and not is_due(state.next_at, self._clock.now()):
            return state.next_at  # it was asked by another program, or before a restart
        if not state.weeks:
            _LOG.info("%s: all its weeks are loaded, the newest first", source.name)
        synced = await self._sync.sync(source, _LOG.info)
        self._tell(synced)
        if synced.has_changes:
            self._wake()
        return synced.state.next_at or self._clock.now() + _RETRY_AFTER

    def _tell(self, synced: SyncResult) -> None:
        name, state = synced.source.name, synced.state
        if synced.has_changes:
            _LOG.info(
                "%s: papers %d new, %d changed; %d weeks in all",
                name, synced.added, synced.updated, len(state.weeks),
            )  # fmt: skip
        if synced.problems:
            _LOG.info(
                "%s: lines that could not be used as they stand: %d; see paperboy sources",
                name, len(synced.problems),
            )  # fmt: skip
        for line in synced.alarms:
            _LOG.warning("ALARM of %s: %s", name, line)
        if synced.alarms:
            _LOG.warning(
                "%s is not taken so, what was there stays; to take it as it is now: "
                "paperboy sync --accept %s", name, name,
            )  # fmt: skip
        if synced.is_recovered:
            _LOG.info("%s is whole again", name)
        if state.failure != self._failures.get(name, ""):
            if state.failure:
                _LOG.warning(
                    "%s has nothing to say: %s All that was stored stays; it is asked again.",
                    name, state.failure,
                )  # fmt: skip
            else:
                _LOG.info("%s answers again", name)
        self._failures[name] = state.failure
