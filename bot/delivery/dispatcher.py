"""Claims the parts of one platform whose turn is near, and follows each until it is recorded."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from bot.delivery.background import BackgroundTasks
from bot.delivery.backlog import Backlog
from bot.delivery.lease import LeaseHolder
from bot.delivery.preparer import Preparer
from bot.delivery.send_window import AHEAD_SECONDS, SendWindow
from bot.delivery.sender import Sender
from bot.lib.clock import Clock
from bot.model.deliveries import DuePart
from bot.ports.errors import StorageUnavailable
from bot.ports.outbox_ledger import OutboxLedger
from bot.ports.platform import OutgoingMessage

_LOG = logging.getLogger(__name__)


class Dispatcher:
    """Takes parts from the backlog, and passes them to the sender, each in a task of its own."""

    def __init__(  # noqa: PLR0913 - one part of an outbox, which puts it together
        self,
        platform: str,
        ledger: OutboxLedger,
        clock: Clock,
        lease_holder: LeaseHolder,
        *,
        backlog: Backlog,
        preparer: Preparer,
        sender: Sender,
        window: SendWindow,
        tasks: BackgroundTasks,
        guard: Callable[[DuePart], AbstractAsyncContextManager[None]],
        may_send: Callable[[], bool],
        is_halted: Callable[[], bool],
        wake: Callable[[], None],
    ) -> None:
        """Wrap all work on a part in `guard`, which handles what ends it."""
        self._platform = platform
        self._ledger = ledger
        self._clock = clock
        self._lease_holder = lease_holder
        self._backlog = backlog
        self._preparer = preparer
        self._sender = sender
        self._window = window
        self._tasks = tasks
        self._guard = guard
        self._may_send = may_send
        self._is_halted = is_halted
        self._wake = wake

    async def dispatch(self) -> None:
        """Claim parts whose turn is near, and send each in its turn. Raises StorageUnavailable."""
        if self._window.has_enough:
            return
        until = self._clock.monotonic() + AHEAD_SECONDS
        taken = self._backlog.take(until, self._window.room)
        composed: dict[int, OutgoingMessage | Exception] = {}
        wanted: list[tuple[DuePart, int]] = []
        claimed: tuple[DuePart, ...] = ()
        term = self._lease_holder.term
        try:
            for due_part in taken:
                messages = await self._preparer.prepare(due_part)
                await asyncio.sleep(0)  # rendering takes milliseconds; let other tasks run
                if messages:
                    composed[due_part.part.id] = messages[due_part.part.chunk]
                    wanted.append((due_part, len(messages)))
            if wanted:
                claimed = await self._ledger.claim(
                    self._lease_holder.owner, wanted, self._clock.now()
                )
        finally:
            # What was not claimed is found by the next poll, where it is still owed.
            self._backlog.release(
                {due_part.ordering_key for due_part in taken}
                - {due_part.ordering_key for due_part in claimed}
            )
        for due_part in claimed:
            self._window.open()
            self._tasks.spawn(self._send(due_part, composed[due_part.part.id], term))

    async def reconcile(self, due_part: DuePart) -> None:
        """Find out what became of a part in doubt, and free its channel."""
        async with self._guard(due_part):
            await self._sender.reconcile(due_part)
        await self._free(due_part.ordering_key)

    async def _send(
        self, due_part: DuePart, outgoing: OutgoingMessage | Exception, term: int
    ) -> None:
        def is_claim_valid() -> bool:
            return self._may_send() and self._lease_holder.term == term

        is_recorded = is_counted = False

        def on_sent() -> None:
            nonlocal is_counted
            if not is_counted:
                is_counted = True
                self._window.note_sent()

        if not isinstance(outgoing, Exception):
            outgoing = replace(outgoing, on_sent=on_sent)
        try:
            async with self._guard(due_part):
                is_recorded = await self._sender.send_part(due_part, outgoing, is_claim_valid)
        finally:
            on_sent()
            self._window.close()
        if is_recorded or self._is_halted():
            await self._free(due_part.ordering_key)
        else:
            self._wake()
            await self.reconcile(due_part)

    async def _free(self, channel: str) -> None:
        """Free a channel, and queue its next part."""
        if not self._may_send():
            self._backlog.release({channel})
            return
        try:
            await self._backlog.free(channel)
        except StorageUnavailable as error:
            log_unavailable(self._platform, error)


def log_unavailable(platform: str, error: Exception) -> None:
    """Log that the ledger of a platform cannot be used now; it is tried again."""
    fields = {"platform": platform, "error": str(error)}
    _LOG.error("Ledger unavailable", extra={"fields": fields})
