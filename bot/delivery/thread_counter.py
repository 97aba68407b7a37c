"""Counts the threads of papers on one platform: soon where an event tells of a change."""

import asyncio
import logging
from collections import defaultdict
from datetime import timedelta

from bot.lib.clock import Clock, wait_for_event
from bot.model.channels import MessageRef, Target
from bot.model.discussions import PaperThread
from bot.ports.discussion_ledger import DiscussionLedger
from bot.ports.errors import Refused, StorageUnavailable, TargetDeleted, TryLater, Unknown
from bot.ports.platform import SupportsThreads

_TURN_SECONDS = 5.0
"""Between two looks at what is to be counted."""
_PAUSE_SECONDS = 1.5
"""Between two threads: 40 a minute, fewer than the 50 readings that Slack takes in a workspace."""
_LEAST_SECONDS = 30.0
"""Between two countings of a thread, however much is written in it."""
_RELOAD_SECONDS = 60.0
"""Between two readings of which threads there are."""
_STALE_SECONDS = 6 * 3600.0
"""After this a thread is counted without an event, which may have been missed."""
_WATCHED = timedelta(days=28)
"""Threads that neither began nor were written in since are not watched."""
_MOST_WATCHED = 2000
_MOST_A_TURN = 20
_LATER = timedelta(minutes=1)
"""How long nothing is counted where the platform asks to wait and does not say how long."""

_LOG = logging.getLogger(__name__)

_Key = tuple[Target, str]


class ThreadCounter:
    """Keeps the numbers of threads right: events say where to look, the platform says how many.

    So an event that is repeated, lost or out of order does no harm, nor does a restart: every
    watched thread is counted again, the newest first. What is remembered of events is whether a
    watched thread has changed.
    """

    def __init__(
        self, name: str, platform: SupportsThreads, ledger: DiscussionLedger, clock: Clock
    ) -> None:
        self._name = name
        self._platform = platform
        self._ledger = ledger
        self._clock = clock
        self._watched: dict[_Key, PaperThread] = {}
        self._by_id: dict[str, list[_Key]] = {}
        self._changed: set[_Key] = set()
        self._counted: dict[_Key, float] = {}
        """When each was counted by this program, in monotonic seconds."""
        self._reloaded = float("-inf")
        self._resting_until = float("-inf")

    def note(self, target: Target, thread: str) -> None:
        """Remember that a thread has changed; see `bot.ports.conversation.ThreadListener`."""
        for key in self._by_id.get(thread, ()):
            place = key[0]
            if place.workspace == target.workspace and target.channel in {"", place.channel}:
                self._changed.add(key)

    async def run(self, stop: asyncio.Event) -> None:
        """Count until `stop` is set."""
        while not await wait_for_event(stop, _TURN_SECONDS, self._clock):
            try:
                await self._count_due(stop)
            except StorageUnavailable as error:
                fields = {"platform": self._name, "error": str(error)}
                _LOG.warning("Counting skipped", extra={"fields": fields})
            except Exception:  # noqa: BLE001 - counting that fails must not end the platform
                _LOG.exception("Counting failed", extra={"fields": {"platform": self._name}})

    async def _count_due(self, stop: asyncio.Event) -> None:
        now = self._clock.monotonic()
        if now < self._resting_until:
            return
        if now - self._reloaded >= _RELOAD_SECONDS:
            await self._reload()
            self._reloaded = now
        for key in self._due(now)[:_MOST_A_TURN]:
            await self._count(key)
            is_over = await wait_for_event(stop, _PAUSE_SECONDS, self._clock)
            if is_over or self._clock.monotonic() < self._resting_until:
                return

    async def _reload(self) -> None:
        since = self._clock.now() - _WATCHED
        found = await self._ledger.recent_threads(self._name, since, _MOST_WATCHED)
        self._watched = {(each.thread.target, each.thread.thread): each for each in found}
        by_id: defaultdict[str, list[_Key]] = defaultdict(list)
        for key in self._watched:
            by_id[key[1]].append(key)
        self._by_id = dict(by_id)
        self._changed &= self._watched.keys()
        self._counted = {key: at for key, at in self._counted.items() if key in self._watched}

    def _due(self, now: float) -> list[_Key]:
        """Return what is to be counted: what has changed, then what was not counted for long."""
        never = float("-inf")
        changed = [
            key for key in self._changed if now - self._counted.get(key, never) >= _LEAST_SECONDS
        ]
        stale = [
            key
            for key in self._watched
            if key not in self._changed and now - self._counted.get(key, never) >= _STALE_SECONDS
        ]
        return changed + stale

    async def _count(self, key: _Key) -> None:
        known = self._watched[key]
        # Before it is read: what is written meanwhile changes it again.
        self._changed.discard(key)
        self._counted[key] = self._clock.monotonic()
        try:
            state = await self._platform.read_thread(known.thread, known.own_messages)
        except TargetDeleted:
            await self._forget(known.paper, known.thread)
        except TryLater as error:
            self._changed.add(key)
            rest = (error.retry_after or _LATER).total_seconds()
            self._resting_until = self._clock.monotonic() + rest
        except (Refused, Unknown) as error:
            fields = {"platform": self._name, "thread": known.thread.thread, "error": str(error)}
            _LOG.info("Thread not counted", extra={"fields": fields})
        else:
            counted = PaperThread(known.paper, known.thread, counts=state.counts)
            await self._ledger.record_thread(counted, self._clock.now())

    async def _forget(self, paper: int, thread: MessageRef) -> None:
        await self._ledger.forget_discussion(thread.target, paper, thread)
        fields = {"platform": self._name, "channel": thread.target.channel}
        _LOG.info("Thread gone", extra={"fields": fields | {"thread": thread.thread}})
