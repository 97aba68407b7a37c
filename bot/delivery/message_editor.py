"""Edits posted messages whose text has changed: each once, in place, below the rate."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.delivery.batch import CallBatch
from bot.delivery.composer import Composer
from bot.delivery.native_messages import has_same_text
from bot.delivery.recorder import AccountRefused, DeliveryTiming
from bot.lib.backoff import BackoffPolicy
from bot.lib.clock import Clock
from bot.lib.rate_limit import RateLimit, RateLimiter
from bot.model.message_edits import DueEdit, EditBatch, FinishedEdit
from bot.ports.errors import MessageDeleted, RefusalScope, Refused, StorageUnavailable, TryLater
from bot.ports.outbox_ledger import EditLedger
from bot.ports.platform import OutgoingMessage, Platform

_AHEAD = 1.0
"""Seconds by which edits are claimed before their turn."""
_FEWEST_AHEAD = 8
_LANES = 50
"""The most workspaces in which messages are edited at the same time."""
_CHANNEL_PAUSE = timedelta(minutes=10)
"""How long a channel that refuses edits is left alone at first; each time it doubles."""
_LONGEST_PAUSE = timedelta(hours=6)

_LOG = logging.getLogger(__name__)


class MessageEditor:
    """Edits the messages of one platform, while its outbox has nothing that is more urgent."""

    def __init__(  # noqa: PLR0913 - one part of an outbox, which puts it together
        self,
        platform: Platform,
        ledger: EditLedger,
        composer: Composer,
        limiter: RateLimiter,
        *,
        timing: DeliveryTiming,
        clock: Clock,
        owner: str,
        may_send: Callable[[], bool],
        linger: Callable[[], float],
    ) -> None:
        self._platform = platform
        self._ledger = ledger
        self._composer = composer
        self._limiter = limiter
        self._timing = timing
        self._clock = clock
        self._owner = owner
        self._may_send = may_send
        """Whether this program holds the lease, and posts are not waiting for the rate."""
        self._finished = CallBatch(self._finish, linger, clock)
        self._retry = BackoffPolicy(timing.initial_backoff, timing.max_backoff)
        self._refusal = BackoffPolicy(_CHANNEL_PAUSE, _LONGEST_PAUSE)
        self._limiters: dict[str, RateLimiter] = {}
        """By workspace, where edits have a rate of their own in each."""

    async def edit_due(self) -> None:
        """Edit what is due, until nothing is. Raises AccountRefused and StorageUnavailable."""
        name = self._platform.name
        places = await self._ledger.workspaces_with_edits(name, self._clock.now())
        if not places:
            return
        if self._platform.rate_limit.edits_per_second is None:
            await self._run_lane(None)
            return
        turns = asyncio.Semaphore(_LANES)

        async def run(workspace: str) -> None:
            async with turns:
                await self._run_lane(workspace)

        async with asyncio.TaskGroup() as lanes:
            for workspace in places:
                lanes.create_task(run(workspace))

    async def _run_lane(self, workspace: str | None) -> None:
        """Edit all that is due in a workspace, or everywhere, with some edits on their way."""
        limiter = self._lane_limiter(workspace)
        ahead = max(round(_AHEAD / limiter.interval), _FEWEST_AHEAD)
        tasks: set[asyncio.Task[None]] = set()
        try:
            while self._may_send():
                if len(tasks) <= ahead // 2:
                    wanted = EditBatch(self._platform.name, ahead - len(tasks), workspace)
                    due = await self._ledger.due_edits(wanted, self._clock.now())
                    tasks |= await self._begin(due, limiter)
                    if not due and not tasks:
                        return
                    if due:
                        continue
                done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for each in done:
                    each.result()
        finally:
            if tasks:
                await asyncio.wait(tasks)
                for each in tasks:
                    each.exception()

    def _lane_limiter(self, workspace: str | None) -> RateLimiter:
        if workspace is None:
            return self._limiter
        if workspace not in self._limiters:
            self._limiters[workspace] = RateLimiter(self._edit_rate, self._clock)
        return self._limiters[workspace]

    def _edit_rate(self) -> RateLimit:
        return RateLimit(self._platform.rate_limit.edits_per_second or 1, timedelta())

    async def _begin(
        self, due: Sequence[DueEdit], limiter: RateLimiter
    ) -> set[asyncio.Task[None]]:
        """Claim what is to be edited, and begin with it; what shows the same is settled."""
        composed: dict[int, tuple[OutgoingMessage, ...]] = {}
        same: list[FinishedEdit] = []
        for edit in due:
            messages = await self._compose(edit)
            await asyncio.sleep(0)  # rendering takes milliseconds; let other tasks run
            part = edit.due_part.part
            if not messages:
                continue
            if part.content and part.content == messages[part.chunk].content:
                same.append(FinishedEdit(edit))
            else:
                composed[part.id] = messages
        now = self._clock.now()
        if same:
            await self._ledger.finish_edits(same, now)
        wanted = [edit for edit in due if edit.due_part.part.id in composed]
        if not wanted:
            return set()
        # An edit is due again once no request of this claim can be under way.
        waits = len(wanted) * limiter.interval + self._platform.rate_limit.per_channel.seconds
        longest = timedelta(seconds=waits + _AHEAD) + self._platform.timeout
        until = self._clock.monotonic() + longest.total_seconds()
        claimed = await self._ledger.claim_edits(
            self._owner, wanted, now, now + longest + self._timing.settle_time
        )
        return {
            asyncio.create_task(self._edit(each, composed[each.due_part.part.id], limiter, until))
            for each in claimed
        }

    async def _compose(self, edit: DueEdit) -> tuple[OutgoingMessage, ...]:
        """Return the messages that are to be shown; nothing where they cannot be composed."""
        try:
            return await self._composer.compose_edit(self._platform, edit)
        except StorageUnavailable:
            raise
        except Exception:  # noqa: BLE001 - one message that cannot be composed stops no other
            _LOG.exception("Failed to compose edit", extra=_fields(edit))
            delay = self._retry.delay(1)
            await self._ledger.postpone_edit(edit, self._clock.now() + delay)
            return ()

    async def _edit(
        self,
        edit: DueEdit,
        messages: tuple[OutgoingMessage, ...],
        limiter: RateLimiter,
        until: float,
    ) -> None:
        """Edit one message in its turn. Raises AccountRefused and StorageUnavailable."""
        part = edit.due_part.part
        outgoing = messages[part.chunk]
        is_own_lane = limiter is not self._limiter
        channel = None if is_own_lane else edit.due_part.ordering_key
        turn = await limiter.acquire(channel, is_pending=True)

        def on_sent() -> None:
            turn.mark_sent(self._clock.monotonic())

        try:
            if not self._may_send() or self._clock.monotonic() > until or part.ref is None:
                return  # it is due again
            await self._platform.edit(part.ref, replace(outgoing, until=until, on_sent=on_sent))
        except Exception as error:  # noqa: BLE001 - what one message meets stops no other
            await self._handle(edit, error, limiter)
            return
        finally:
            turn.settle()
        is_text = not has_same_text(part.content, outgoing.content)
        edited_at = self._clock.now() if is_text else None
        await self._finished.add(FinishedEdit(edit, outgoing.content, edited_at, len(messages)))
        _LOG.info("Message edited", extra=_fields(edit, message=part.ref.id))

    async def _handle(self, edit: DueEdit, error: Exception, limiter: RateLimiter) -> None:
        """Record what became of an edit that failed. Raises AccountRefused."""
        match error:
            case MessageDeleted():
                await self._finished.add(FinishedEdit(edit, is_deleted=True))
                _LOG.info("Edited message is gone", extra=_fields(edit))
            case Refused(scope=RefusalScope.ACCOUNT):
                raise AccountRefused(error.reason) from error
            case Refused(scope=RefusalScope.PART):
                await self._give_up(edit, error)
            case Refused():
                await self._postpone(edit, error, self._refusal.delay(edit.attempts))
            case TryLater():
                delay = error.retry_after or self._retry.delay(edit.attempts)
                if error.is_global or limiter is not self._limiter:
                    limiter.hold_all(self._clock.monotonic() + delay.total_seconds())
                await self._postpone(edit, error, delay)
            case _:
                # It may be under way, or land late: it is due again once it cannot any more.
                delay = self._platform.timeout + self._timing.settle_time
                await self._postpone(edit, error, delay)

    async def _postpone(self, edit: DueEdit, error: Exception, delay: timedelta) -> None:
        now = self._clock.now()
        age = now - (edit.first_tried_at or now)
        if age > self._timing.give_up_after:
            await self._give_up(edit, error)
            return
        await self._ledger.postpone_edit(edit, now + delay)
        fields = _fields(edit, seconds=delay.total_seconds(), error=str(error))
        _LOG.warning("Retrying edit", extra=fields)

    async def _give_up(self, edit: DueEdit, error: Exception) -> None:
        await self._finished.add(FinishedEdit(edit))
        _LOG.error("Failed to edit message", extra=_fields(edit, error=str(error)))

    async def _finish(self, finished: Sequence[FinishedEdit]) -> None:
        await self._ledger.finish_edits(finished, self._clock.now())


def _fields(edit: DueEdit, **more: object) -> dict[str, dict[str, object]]:
    part, target = edit.due_part.part, edit.due_part.subscription.target
    fields: dict[str, object] = {
        "platform": target.platform,
        "channel": target.channel,
        "week": str(edit.due_part.delivery.week),
        "part": part.kind,
        "position": part.position,
        "chunk": part.chunk,
        "key": part.key,
        "attempt": edit.attempts,
    }
    return {"fields": {**fields, **more}}
