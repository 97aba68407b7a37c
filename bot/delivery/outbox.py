"""Sends the due parts of one platform: each once, in the order of its channel, within the rate."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import assert_never

from bot.delivery.background import BackgroundTasks
from bot.delivery.backlog import Backlog
from bot.delivery.composer import Composer
from bot.delivery.crossposter import Crossposter
from bot.delivery.dispatcher import Dispatcher, log_unavailable
from bot.delivery.lease import LeaseHolder
from bot.delivery.message_editor import MessageEditor
from bot.delivery.notifier import Notifier
from bot.delivery.poll_timer import PollTimer
from bot.delivery.preparer import Preparer
from bot.delivery.recorder import AccountRefused, DeliveryTiming
from bot.delivery.send_window import AHEAD_SECONDS, SendWindow
from bot.delivery.sender import Sender
from bot.lib.clock import Clock, wait_for_event
from bot.lib.rate_limit import RateLimiter
from bot.model.deliveries import DuePart
from bot.ports.changes import Change, ChangeFeed
from bot.ports.errors import RefusalScope, Refused, StorageUnavailable
from bot.ports.outbox_ledger import OutboxLedger
from bot.ports.platform import Platform

STOP_SECONDS = 8.0
"""How long what is under way may take after a stop: supervisors kill after ten seconds."""

_LOG = logging.getLogger(__name__)


class Outbox:
    """Sends on one platform while it holds the lease; of several programs one does."""

    def __init__(  # noqa: PLR0913 - the one that is built of all the others
        self,
        platform: Platform,
        ledger: OutboxLedger,
        composer: Composer,
        timing: DeliveryTiming,
        clock: Clock,
        *,
        changes: ChangeFeed | None = None,
    ) -> None:
        """Send what the ledger has; `changes` tells of what is written there, see `note`."""
        self._platform = platform
        self._ledger = ledger
        self._timing = timing
        self._clock = clock
        self._limiter = RateLimiter(lambda: platform.rate_limit, clock)
        self._window = SendWindow(self._limiter)
        self._tasks = BackgroundTasks(self._on_task_done)
        self._wakeup = asyncio.Event()
        self._lease_holder = LeaseHolder(platform.name, ledger, clock, timing.lease)
        self._sender = Sender(
            platform,
            ledger,
            self._limiter,
            timing,
            clock,
            may_send=self._may_send,
            linger=self._window.linger,
        )
        preparer = Preparer(
            platform, ledger, composer, self._limiter, clock, spawn=self._tasks.spawn
        )
        self._backlog = Backlog(
            platform.name,
            ledger,
            self._limiter,
            clock,
            take_up=self._take_up,
            wake=self._wakeup.set,
        )
        self._dispatcher = Dispatcher(
            platform.name,
            ledger,
            clock,
            self._lease_holder,
            backlog=self._backlog,
            preparer=preparer,
            sender=self._sender,
            window=self._window,
            tasks=self._tasks,
            guard=self._guarding,
            may_send=self._may_send,
            is_halted=lambda: self._refused is not None,
            wake=self._wakeup.set,
        )
        self._notifier = Notifier(platform, ledger, self._limiter, composer, clock)
        self._editor = MessageEditor(
            platform,
            ledger,
            composer,
            self._limiter,
            timing=timing,
            clock=clock,
            owner=self.owner,
            may_send=self._may_edit,
            linger=self._window.linger,
        )
        self._crossposter = Crossposter(platform, ledger, timing, clock)
        self._is_stopping = False
        self._refused: Refused | None = None
        self._poll_timer = PollTimer(self._poll, clock, changes)
        self._polled_term = 0
        """The holding of the lease in which the ledger was read last."""

    @property
    def owner(self) -> str:
        """Return the name under which it holds the lease."""
        return self._lease_holder.owner

    @property
    def limiter(self) -> RateLimiter:
        """Return what its messages wait for, with how long they did."""
        return self._limiter

    def has_lease(self) -> bool:
        """Return whether it is the one that sends."""
        return self._lease_holder.is_held()

    def note(self, change: Change) -> None:
        """Act on what was written to the ledger, perhaps by another program."""
        match change:
            case Change.OUTBOX:
                self._poll_timer.tell()
                self._wakeup.set()
            case Change.LEASE:
                self._lease_holder.look()
            case Change.PLAN:
                pass
            case _:
                assert_never(change)

    async def run(self, stop: asyncio.Event) -> Refused | None:
        """Send until `stop` is set; then finish what is in hand, and release the lease.

        Ends too where the platform refuses the account; the reason is stored and returned.
        """
        await self._lease_holder.acquire_or_renew()
        renewing = asyncio.create_task(self._lease_holder.renew_until_stopped(stop))
        stopping = asyncio.create_task(self._stop_on(stop))
        try:
            await self._record_halt("")
            while not self._is_stopping:
                if self._lease_holder.is_held():
                    await self._run_once()
                await self._wait_for_work()
        finally:
            self._stop()
            await self._finish_tasks()
            renewing.cancel()
            stopping.cancel()
            await self._lease_holder.release()
        return self._refused

    async def _finish_tasks(self) -> None:
        """Wait for what is under way, for as long as a supervisor waits before it kills.

        What is cut off then stays in the state `sending`, as after a crash: the program that sends
        next looks whether it is there.
        """
        if not await self._tasks.finish(STOP_SECONDS):
            fields = {"platform": self._platform.name, "parts": self._window.in_flight}
            _LOG.warning("Stopped with parts in doubt", extra={"fields": fields})

    async def _run_once(self) -> None:
        try:
            if self._polled_term != self._lease_holder.term:
                self._polled_term = self._lease_holder.term
                self._poll_timer.tell()  # others sent meanwhile
            is_current = self._backlog.is_current
            if not self._is_polling and self._poll_timer.is_due(is_current=is_current):
                self._poll_timer.begin()
                # Meanwhile what is queued goes on: a busy disk may take long.
                self._tasks.spawn_once(self._poll_ledger)
                self._tasks.spawn_once(self._send_notices)
                if self._may_edit():
                    self._tasks.spawn_once(self._edit_messages)
            await self._dispatcher.dispatch()
        except StorageUnavailable as error:
            log_unavailable(self._platform.name, error)

    async def _send_notices(self) -> None:
        try:
            await self._notifier.send_pending()
        except StorageUnavailable as error:
            log_unavailable(self._platform.name, error)

    async def _edit_messages(self) -> None:
        try:
            await self._crossposter.publish_due()
            await self._editor.edit_due()
        except* AccountRefused as refusals:
            await self._halt(str(refusals.exceptions[0]))
        except* StorageUnavailable as errors:
            log_unavailable(self._platform.name, errors.exceptions[0])
        except* Exception:  # noqa: BLE001 - edits that fail must not end deliveries
            _LOG.exception("Unexpected error while editing messages")

    def _may_edit(self) -> bool:
        """Return whether edits may take turns: posts come first."""
        return self._may_send() and not self._window.has_enough

    async def _stop_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._stop()

    def _stop(self) -> None:
        self._is_stopping = True
        self._sender.stop()
        self._lease_holder.look()
        self._wakeup.set()

    def _may_send(self) -> bool:
        return not self._is_stopping and self._lease_holder.is_held()

    @property
    def _is_polling(self) -> bool:
        return self._tasks.is_running(self._poll_ledger)

    async def _wait_for_work(self) -> None:
        """Wait until there may be something to do."""
        begin = self._backlog.next_at() - AHEAD_SECONDS / 2
        until = min(begin - self._clock.monotonic(), self._poll)
        if not self._lease_holder.is_held() or self._window.is_full:
            until = self._poll
        elif self._window.has_enough:
            until = min(max(until, self._window.seconds_to_spare()), self._poll)
        if not self._is_polling and self._lease_holder.is_held():
            until = min(until, self._poll_timer.delay(is_current=self._backlog.is_current))
        if not self._is_stopping:
            await wait_for_event(self._wakeup, max(until, 0.001), self._clock)
        self._wakeup.clear()

    @property
    def _poll(self) -> float:
        return self._timing.poll_interval.total_seconds()

    async def _poll_ledger(self) -> None:
        try:
            await self._backlog.poll()
            if self._poll_timer.hears_changes:
                now = self._clock.now()
                due_at = await self._ledger.next_due(self._platform.name, now)
                self._poll_timer.expect((due_at - now).total_seconds() if due_at else None)
        except StorageUnavailable as error:
            log_unavailable(self._platform.name, error)

    def _take_up(self, due_part: DuePart) -> None:
        """Work on what a crash left behind, or a program that held the lease before."""
        self._tasks.spawn(self._dispatcher.reconcile(due_part))

    @asynccontextmanager
    async def _guarding(self, due_part: DuePart) -> AsyncIterator[None]:
        """Handle what ends the work on a part, so that its channel is freed whatever happens."""
        try:
            yield
        except AccountRefused as error:
            await self._halt(str(error))
        except StorageUnavailable as error:
            log_unavailable(self._platform.name, error)
        except Exception:  # noqa: BLE001 - a bug that one part meets must not silence its channel
            target = due_part.subscription.target
            fields = {"platform": target.platform, "channel": target.channel}
            _LOG.exception("Unexpected error in delivery", extra={"fields": fields})

    async def _halt(self, reason: str) -> None:
        if self._refused:
            return
        self._refused = Refused(reason, RefusalScope.ACCOUNT)
        self._stop()
        fields = {"platform": self._platform.name, "error": reason}
        _LOG.critical("Platform halted", extra={"fields": fields})
        await self._record_halt(reason)

    async def _record_halt(self, reason: str) -> None:
        try:
            await self._ledger.record_halt(self._platform.name, reason)
        except StorageUnavailable as error:
            log_unavailable(self._platform.name, error)

    def _on_task_done(self) -> None:
        if self._is_stopping or not self._window.has_enough:
            self._wakeup.set()
