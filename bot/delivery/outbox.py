"""Pays what is owed on one platform: every part once, in the order of its channel, in pace."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence

from bot.delivery.composer import Contents
from bot.delivery.lease import Tenure
from bot.delivery.notifier import Telling
from bot.delivery.sender import Halted, Payment, Timing
from bot.digests import slots
from bot.digests.decision import PUNCTUAL
from bot.lib.clock import Clock, wait
from bot.lib.rate_limit import Pacer, Queue
from bot.model.deliveries import Owed, PartState
from bot.ports.errors import Refused, Scope, Unavailable
from bot.ports.ledger import Payments
from bot.ports.platform import Outgoing, Platform

_BATCH = 24
"""How many parts are claimed ahead of their turn at most: few, as a crash leaves each in doubt."""

_AHEAD = 0.5
"""Seconds by which a part may be claimed before its channel is allowed to be sent to."""

_MANY = 200
"""How many channels are looked at, beside those that are busy."""

_ENOUGH = 100
"""With so many queued it is not looked for more."""

_LOG = logging.getLogger(__name__)


class Outbox:
    """Pays on one platform while it has the right to; of several programs one has it."""

    def __init__(
        self,
        platform: Platform,
        ledger: Payments,
        contents: Contents,
        timing: Timing,
        clock: Clock,
    ) -> None:
        self._platform = platform
        self._ledger = ledger
        self._contents = contents
        self._timing = timing
        self._clock = clock
        self._pacer = Pacer(lambda: platform.pace, clock)
        self._queue: Queue[Owed] = Queue(self._pacer)
        self._tenure = Tenure(platform.name, ledger, clock, timing.lease)
        self._payment = Payment(
            platform, ledger, self._pacer, timing, clock, may_send=self._may_send
        )
        self._telling = Telling(platform, ledger, self._pacer, contents.catalogues, clock)
        self._busy: set[str] = set()
        """The channels with a part that is queued or under way."""
        self._freed: set[str] = set()
        """Those that were busy at some time since the last look began."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._tells = False
        self._under_way = 0
        self._woken = asyncio.Event()
        self._stops = False
        self._refused: Refused | None = None
        self._looked_at = float("-inf")

    @property
    def owner(self) -> str:
        """Return the name under which it holds the right to post."""
        return self._tenure.owner

    async def run(self, stop: asyncio.Event) -> Refused | None:
        """Pay until told to stop; then finish what is in hand, and leave.

        Where the platform refuses the account it ends too, the reason is kept and returned.
        """
        await self._tenure.beat()
        beating = asyncio.create_task(self._tenure.keep(stop))
        stopping = asyncio.create_task(self._stop_with(stop))
        try:
            await self._watched(self._ledger.halt(self._platform.name, ""))
            while not self._stops:
                if self._tenure.is_held():
                    await self._round()
                await self._rest()
        finally:
            self._stop()
            while self._tasks:
                await asyncio.wait(self._tasks)
            beating.cancel()
            stopping.cancel()
            await self._tenure.leave()
        return self._refused

    async def _round(self) -> None:
        try:
            if self._clock.ticks() - self._looked_at >= self._poll:
                self._looked_at = self._clock.ticks()
                await self._look()
                if not self._tells:
                    self._tells = True
                    self._start(self._tell())
            await self._dispatch()
        except Unavailable as error:
            _LOG.error("what is owed on %s is not seen: %s", self._platform.name, error)

    async def _tell(self) -> None:
        try:
            await self._telling.tell()
        finally:
            self._tells = False

    async def _stop_with(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._stop()

    def _stop(self) -> None:
        self._stops = True
        self._payment.stop()
        self._woken.set()

    def _may_send(self) -> bool:
        return not self._stops and self._tenure.is_held()

    async def _rest(self) -> None:
        """Wait until there may be something to do."""
        until = min(self._queue.next_at() - _AHEAD / 2 - self._clock.ticks(), self._poll)
        if not self._tenure.is_held() or self._under_way >= _BATCH // 2:
            until = self._poll
        if not self._stops:
            await wait(self._woken, max(until, 0.001), self._clock)
        self._woken.clear()

    @property
    def _poll(self) -> float:
        return self._timing.poll.total_seconds()

    async def _look(self) -> None:
        """Queue the first unpaid part of every channel that is not busy."""
        if len(self._queue) > _ENOUGH:
            return
        self._freed.clear()
        found = await self._ledger.heads(
            self._platform.name, self._clock.now(), _MANY + len(self._busy)
        )
        for owed in found:
            # What was under way while the ledger was read may look as if a crash had left it.
            if owed.channel not in self._busy | self._freed:
                self._enqueue(owed)

    def _enqueue(self, owed: Owed) -> None:
        self._busy.add(owed.channel)
        if owed.part.state is PartState.SENDING:
            # Left behind by a crash, or by a program that had the right before.
            self._start(self._resolve(owed))
        else:
            self._queue.put(owed.channel, owed)

    async def _dispatch(self) -> None:
        """Claim parts whose turn is near, and send each in its turn."""
        if self._under_way > _BATCH // 2:
            return
        room = _BATCH - self._under_way
        taken = self._queue.take(self._clock.ticks() + _AHEAD, room)
        worded: dict[int, Outgoing | Exception] = {}
        wanted: list[tuple[Owed, int]] = []
        claimed: tuple[Owed, ...] = ()
        try:
            for owed in taken:
                if await self._waits_for_morning(owed):
                    continue
                messages = await self._worded(owed)
                await asyncio.sleep(0)  # wording takes milliseconds; others have their turn now
                if owed.part.chunk >= len(messages):
                    await self._ledger.withdraw(owed.part)
                    continue
                worded[owed.part.id] = messages[owed.part.chunk]
                wanted.append((owed, len(messages)))
            if wanted:
                claimed = await self._ledger.claim(self._tenure.owner, wanted, self._clock.now())
        finally:
            # What was not claimed is found by the next look, where it is still owed.
            self._free({owed.channel for owed in taken} - {owed.channel for owed in claimed})
        for owed in claimed:
            self._under_way += 1
            self._start(self._pay(owed, worded[owed.part.id]))

    async def _worded(self, owed: Owed) -> Sequence[Outgoing | Exception]:
        """Return the messages of a part; an error of its wording in place of its own message."""
        try:
            return await self._contents.outgoing(self._platform, owed)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one part that cannot be worded stops no other
            return (error,) * (owed.part.chunk + 1)

    async def _waits_for_morning(self, owed: Owed) -> bool:
        """Put off what is late and would be posted at night, unless it has begun."""
        now, subscription = self._clock.now(), owed.subscription
        is_late = owed.is_first and now - owed.delivery.due_at > PUNCTUAL
        if not is_late or not slots.is_quiet(subscription, now):
            return False
        await self._ledger.put_off(owed.part, slots.quiet_until(subscription, now))
        return True

    async def _pay(self, owed: Owed, outgoing: Outgoing | Exception) -> None:
        is_kept = True
        try:
            is_kept = await self._payment.pay(owed, outgoing)
        except Halted as error:
            await self._halt(str(error))
        finally:
            self._under_way -= 1
        if is_kept:
            await self._go_on(owed.channel)
        else:
            self._woken.set()
            await self._resolve(owed)

    async def _resolve(self, owed: Owed) -> None:
        try:
            await self._payment.resolve(owed)
        except Halted as error:
            await self._halt(str(error))
        await self._go_on(owed.channel)

    async def _go_on(self, channel: str) -> None:
        """Queue what comes next in a channel."""
        found: tuple[Owed, ...] = ()
        try:
            if self._may_send():
                found = await self._ledger.heads(
                    self._platform.name, self._clock.now(), 1, channel
                )
        except Unavailable as error:
            _LOG.error("what is owed in %s is not seen: %s", channel, error)
        self._free({channel})
        for owed in found:
            if owed.part.state is PartState.OWED:
                self._enqueue(owed)

    def _free(self, channels: set[str]) -> None:
        self._busy -= channels
        self._freed |= channels

    async def _halt(self, reason: str) -> None:
        if self._refused:
            return
        self._refused = Refused(reason, Scope.ACCOUNT)
        self._stop()
        _LOG.critical("nothing is posted on %s any more: %s", self._platform.name, reason)
        try:
            await self._ledger.halt(self._platform.name, reason)
        except Unavailable as error:
            _LOG.error("that cannot be kept: %s", error)

    def _start(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(self._watched(work))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def _watched(self, work: Coroutine[object, object, None]) -> None:
        try:
            await work
        except Unavailable as error:
            _LOG.error("the ledger of %s cannot be used: %s", self._platform.name, error)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        self._woken.set()
        if not task.cancelled() and task.exception():
            _LOG.critical("an outbox task failed", exc_info=task.exception())
