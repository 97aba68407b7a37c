"""Records what became of a part: posted, to be retried, failed, or its channel paused."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.delivery.batch import CallBatch
from bot.lib.backoff import Backoff, BackoffPolicy
from bot.lib.clock import Clock, wait_for_event
from bot.lib.marker import _
from bot.lib.rate_limit import RateLimiter
from bot.model.channels import MessageRef
from bot.model.deliveries import DuePart, PostedPart
from bot.ports.errors import RefusalScope, Refused, StorageUnavailable, TryLater
from bot.ports.outbox_ledger import DeliveryLedger

_JITTER = 0.5
"""Delays are spread over half of their length, so that channels do not retry all at once."""
_NOT_RECORDED = _("It could not be recorded that the message was posted.")

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryTiming:
    """Durations of delivery; each is a setting."""

    lease: timedelta
    """How long after its holder's last renewal no other program may post."""
    settle_time: timedelta
    """How long after its timeout a request may still take effect on the platform."""
    poll_interval: timedelta
    """How often the ledger is asked for due parts."""
    initial_backoff: timedelta
    """The delay after a first failure; it doubles with each further one."""
    max_backoff: timedelta
    give_up_after: timedelta
    """How long after its first attempt a part that keeps failing is given up."""


class AccountRefused(Exception):
    """The platform refused the account; nothing more can be sent."""


class PartRecorder:
    """Records the outcome of parts in the ledger, and how long their channels must wait."""

    def __init__(  # noqa: PLR0913 - one part of a sender, which puts it together
        self,
        ledger: DeliveryLedger,
        limiter: RateLimiter,
        timing: DeliveryTiming,
        clock: Clock,
        *,
        may_send: Callable[[], bool],
        linger: Callable[[], float],
    ) -> None:
        self._ledger = ledger
        self._posted = CallBatch(ledger.mark_posted, linger, clock)
        self._limiter = limiter
        self._timing = timing
        self._clock = clock
        self._may_send = may_send
        self._stop = asyncio.Event()
        policy = BackoffPolicy(timing.initial_backoff, timing.max_backoff, _JITTER)
        self.backoff = Backoff(policy)
        """By channel: failures in a row count whichever part met them."""

    def stop(self) -> None:
        """End every wait; parts in doubt are searched for after the next start."""
        self._stop.set()

    async def wait(self, delay: timedelta) -> None:
        """Wait so long, or until the sender stops."""
        await wait_for_event(self._stop, delay.total_seconds(), self._clock)

    def has_expired(self, due_part: DuePart) -> bool:
        """Return whether a part has failed for so long that it is given up."""
        tried = due_part.part.first_tried_at
        return tried is not None and self._now() - tried > self._timing.give_up_after

    async def record_posted(
        self, due_part: DuePart, ref: MessageRef, content: str, *, is_for_followers: bool = False
    ) -> None:
        """Record that a part was posted, as which message, and what it shows if that is known."""
        self.backoff.reset(due_part.ordering_key)
        try:
            posted = PostedPart(due_part.part, ref, self._now(), content, is_for_followers)
            await self.write_until_stored(lambda: self._posted.add(posted))
        except Exception:  # noqa: BLE001 - what cannot be stored must not be posted again
            _LOG.exception("Failed to record posted part", extra=self._fields(due_part))
            await self.give_up(due_part, _NOT_RECORDED, is_unconfirmed=True)
            return
        _LOG.info("Part posted", extra=self._fields(due_part, message=ref.id))

    async def release(self, due_part: DuePart, reason: str = "") -> None:
        """Record that a claimed part was not sent and is due at once."""
        await self.write_until_stored(
            lambda: self._ledger.mark_owed(due_part.part, self._now(), reason)
        )

    async def retry_or_give_up(self, due_part: DuePart, error: TryLater) -> None:
        """Schedule another attempt of a part that was not sent, or give it up."""
        if self.has_expired(due_part):
            await self.give_up(due_part, str(error), is_unconfirmed=False)
            return
        delay = error.retry_after
        if delay is None:
            delay = self.backoff.next_delay(due_part.ordering_key)
        if error.is_global:
            self._limiter.hold_all(self._clock.monotonic() + delay.total_seconds())
        await self.schedule_retry(due_part, delay, str(error))

    async def schedule_retry(self, due_part: DuePart, delay: timedelta, reason: str) -> None:
        """Record that a part is to be tried again after a delay; its channel waits as long."""
        until = self._clock.monotonic() + delay.total_seconds()
        self._limiter.hold(due_part.ordering_key, until)
        await self.write_until_stored(
            lambda: self._ledger.mark_owed(due_part.part, self._now() + delay, reason)
        )
        fields = self._fields(due_part, seconds=delay.total_seconds(), error=reason)
        _LOG.warning("Retrying part", extra=fields)

    async def give_up(self, due_part: DuePart, reason: str, *, is_unconfirmed: bool) -> None:
        """Record that a part failed; `is_unconfirmed` where it may have been posted."""
        await self.write_until_stored(
            lambda: self._ledger.mark_failed(
                due_part, reason, self._now(), is_unconfirmed=is_unconfirmed
            )
        )
        fields = self._fields(due_part, error=reason, is_unconfirmed=is_unconfirmed)
        _LOG.error("Failed to post part", extra=fields)

    async def pause_or_halt(self, due_part: DuePart, error: Refused) -> None:
        """Act on a refusal that concerns more than the part.

        Raises AccountRefused where it concerns the account.
        """
        if error.scope is RefusalScope.ACCOUNT:
            raise AccountRefused(error.reason)
        target = due_part.subscription.target
        if error.scope is RefusalScope.WORKSPACE:
            await self.write_until_stored(
                lambda: self._ledger.pause_workspace(target, error.reason, self._now())
            )
            fields = self._fields(due_part, workspace=target.workspace, error=error.reason)
            _LOG.error("Workspace paused", extra=fields)
            return
        await self.write_until_stored(
            lambda: self._ledger.pause_channel(target, error.reason, self._now())
        )
        _LOG.error("Channel paused", extra=self._fields(due_part, error=error.reason))

    async def write_until_stored(self, write: Callable[[], Awaitable[object]]) -> None:
        """Write to the ledger, again while it is unavailable: what was sent must be recorded.

        A program that stops leaves the part in doubt; it is searched for after the next start.
        """
        backoff = Backoff(BackoffPolicy(self._timing.initial_backoff, self._timing.max_backoff))
        while True:
            try:
                await write()
            except StorageUnavailable as error:
                fields = {"error": str(error)}
                _LOG.error("Failed to record part", extra={"fields": fields})
                if not self._may_send():
                    return
                await self.wait(backoff.next_delay())
            else:
                return

    def log_unconfirmed(self, due_part: DuePart, error: Exception) -> None:
        """Log that the platform did not say whether a part was posted."""
        _LOG.warning("Part unconfirmed", extra=self._fields(due_part, error=str(error)))

    def _now(self) -> datetime:
        return self._clock.now()

    def _fields(self, due_part: DuePart, **more: object) -> dict[str, dict[str, object]]:
        """Return the facts of a part for a log line."""
        part, target = due_part.part, due_part.subscription.target
        late = self._now() - due_part.delivery.due_at
        fields: dict[str, object] = {
            "platform": target.platform,
            "channel": target.channel,
            "series": due_part.subscription.series,
            "week": str(due_part.delivery.week),
            "part": part.kind,
            "position": part.position,
            "chunk": part.chunk,
            "key": part.key,
            "attempt": part.attempts,
            "lag": round(late.total_seconds(), 3),
        }
        return {"fields": {**fields, **more}}
