"""Pays a part: posts it once, and finds out what became of it when the platform does not say."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.delivery.pins import Pins
from bot.lib.clock import Clock
from bot.lib.clock import wait_for_event as wait_for
from bot.lib.marker import _
from bot.lib.rate_limit import RateLimiter
from bot.model.channels import MessageRef
from bot.model.deliveries import DuePart
from bot.ports.errors import RefusalScope, Refused, StorageUnavailable, TryLater, Unknown
from bot.ports.ledger import DeliveryLedger
from bot.ports.platform import MessageFound, MessageUnknown, OutgoingMessage, Platform

_SKEW = timedelta(days=1)
"""How wrong our clock may be, where a platform is asked for what was posted since."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryTiming:
    """How long is waited for what; each is a setting."""

    lease: timedelta
    """For how long nobody else may post after the holder's last sign of life."""
    settle_time: timedelta
    """How long after its timeout a request may still land on the platform."""
    poll_interval: timedelta
    """How often the ledger is asked for what is owed."""
    initial_backoff: timedelta
    """How long is waited after a first failure; each further one doubles it."""
    max_backoff: timedelta
    give_up_after: timedelta
    """After this a part that fails again and again is given up."""


class ChannelBackoff:
    """How long a channel is left alone after failures in a row, whatever part they met."""

    def __init__(self, timing: DeliveryTiming) -> None:
        self._timing = timing
        self._failures: dict[str, int] = {}
        self._chance = random.Random()  # noqa: S311 - it spreads retries, it keeps no secret

    def clear(self, channel: str) -> None:
        """Forget the failures of a channel."""
        self._failures.pop(channel, None)

    def next_delay(self, channel: str) -> timedelta:
        """Count a failure and return how long to wait: between half and the whole of the step."""
        failures = self._failures.get(channel, 0)
        self._failures[channel] = failures + 1
        # 2.0 ** 1024 would not be a number any more.
        step = min(
            self._timing.initial_backoff.total_seconds() * 2.0 ** min(failures, 100),
            self._timing.max_backoff.total_seconds(),
        )
        return timedelta(seconds=step * self._chance.uniform(0.5, 1))


class AccountRefused(Exception):
    """The platform refused the account; nothing more is to be sent."""


class Sender:
    """Pays the parts of one platform, each in a task of its own."""

    def __init__(  # noqa: PLR0913 - one part of an outbox, which puts it together
        self,
        platform: Platform,
        ledger: DeliveryLedger,
        limiter: RateLimiter,
        timing: DeliveryTiming,
        clock: Clock,
        *,
        may_send: Callable[[], bool],
    ) -> None:
        self._platform = platform
        self._ledger = ledger
        self._limiter = limiter
        self._timing = timing
        self._clock = clock
        self._may_send = may_send
        """Whether this program still has the right to post, and was not told to stop."""
        self._stop = asyncio.Event()
        self._backoff = ChannelBackoff(timing)
        self._pins = Pins(platform, ledger, limiter, self._wait_before_pin_retry)

    def stop(self) -> None:
        """Wait for nothing any more; parts in doubt are looked for at the next start."""
        self._stop.set()

    async def send_part(self, due_part: DuePart, outgoing: OutgoingMessage | Exception) -> bool:
        """Post a part that was claimed, in its turn; return whether what became of it is kept.

        Where it is not, the part is in doubt: see `resolve`. What could not even be worded is
        tried again like what could not be posted. Raises Halted where the platform refuses the
        account.
        """
        if isinstance(outgoing, Exception):
            await self._retry_or_give_up(
                due_part, TryLater(None, f"it cannot be worded: {outgoing!r}")
            )
            return True
        try:
            thread = await self._resolve_thread(due_part, outgoing)
            await self._limiter.acquire(due_part.ordering_key)
            if not self._may_send():
                await self._write_until_stored(
                    lambda: self._ledger.mark_owed(due_part.part, self._now(), "")
                )
                return True
            target = due_part.subscription.target
            ref = await self._platform.post(target, replace(outgoing, thread=thread))
        except TryLater as error:
            await self._retry_or_give_up(due_part, error)
        except Refused as error:
            await self._handle_refusal(due_part, error)
        except Unknown as error:
            self._log(logging.WARNING, "in doubt", due_part, error=str(error))
            return False
        except Exception:  # noqa: BLE001 - a bug of an adapter must not lose the part
            _LOG.exception("whether a part was posted is to be found out")
            return False
        else:
            await self._record_posted(due_part, ref if ref.thread else replace(ref, thread=thread))
        return True

    async def reconcile(self, due_part: DuePart) -> None:
        """Find out whether a part was posted, once no request can be under way any more.

        Raises Halted where the platform refuses the account.
        """
        wait = self._platform.timeout + self._timing.settle_time
        while True:
            await self._pause(wait)
            await self._limiter.acquire()
            if not self._may_send():
                return  # it stays as it is: whoever pays next asks again
            since = (due_part.part.first_tried_at or due_part.delivery.due_at) - _SKEW
            try:
                found = await self._platform.find(
                    due_part.subscription.target, due_part.part.key, since
                )
            except (TryLater, Unknown) as error:
                if self._has_expired(due_part):
                    await self._give_up(due_part, str(error), is_unconfirmed=True)
                    return
                self._log(logging.WARNING, "not found out", due_part, error=str(error))
                said = error.retry_after if isinstance(error, TryLater) else None
                wait = said or self._backoff.next_delay(due_part.ordering_key)
                continue
            except Refused as error:
                await self._find_refused(due_part, error)
                return
            if isinstance(found, MessageFound):
                await self._record_posted(due_part, found.ref)
            elif found is MessageUnknown.UNKNOWN:
                reason = "the platform cannot be asked whether it is there."
                await self._give_up(due_part, reason, is_unconfirmed=True)
            else:
                await self._schedule_retry(
                    due_part, self._backoff.next_delay(due_part.ordering_key), "it was not there"
                )
            return

    async def _resolve_thread(self, due_part: DuePart, outgoing: OutgoingMessage) -> str:
        """Return the thread that a part belongs in, opened where it is not; empty for none."""
        if not due_part.is_threaded:
            return ""
        if due_part.root is None:
            raise Refused(
                _("The message that it belongs under was not posted."), RefusalScope.PART
            )
        if due_part.root.thread:
            return due_part.root.thread
        await self._limiter.acquire()
        try:
            return (await self._platform.open_thread(due_part.root, outgoing.title)).thread
        except Unknown as error:
            # Opening twice is once, and nothing of the part was sent.
            raise TryLater(None, str(error)) from error

    async def _record_posted(self, due_part: DuePart, ref: MessageRef) -> None:
        self._backoff.clear(due_part.ordering_key)
        if due_part.is_pinned:
            # A program that ends before it is kept finds the post again, and pins it then.
            await self._pins.pin_overview(due_part, ref)
        await self._write_until_stored(
            lambda: self._ledger.mark_posted(due_part.part, ref, self._now())
        )
        self._log(logging.INFO, "posted", due_part, message=ref.id)

    async def _wait_before_pin_retry(self, failures: int) -> None:
        await self._pause(self._timing.initial_backoff * 2**failures)

    async def _retry_or_give_up(self, due_part: DuePart, error: TryLater) -> None:
        if self._has_expired(due_part):
            await self._give_up(due_part, str(error), is_unconfirmed=False)
            return
        wait = (
            self._backoff.next_delay(due_part.ordering_key)
            if error.retry_after is None
            else error.retry_after
        )
        if error.is_global:
            self._limiter.hold_all(self._clock.monotonic() + wait.total_seconds())
        await self._schedule_retry(due_part, wait, str(error))

    async def _schedule_retry(self, due_part: DuePart, wait: timedelta, reason: str) -> None:
        self._limiter.hold(due_part.ordering_key, self._clock.monotonic() + wait.total_seconds())
        await self._write_until_stored(
            lambda: self._ledger.mark_owed(due_part.part, self._now() + wait, reason)
        )
        self._log(logging.WARNING, "later", due_part, seconds=wait.total_seconds(), error=reason)

    async def _handle_refusal(self, due_part: DuePart, error: Refused) -> None:
        if error.scope is RefusalScope.PART:
            await self._give_up(due_part, error.reason, is_unconfirmed=False)
            return
        await self._write_until_stored(
            lambda: self._ledger.mark_owed(due_part.part, self._now(), error.reason)
        )
        await self._pause_or_halt(due_part, error)

    async def _find_refused(self, due_part: DuePart, error: Refused) -> None:
        if error.scope is RefusalScope.PART:
            await self._give_up(due_part, error.reason, is_unconfirmed=True)
        else:
            await self._pause_or_halt(due_part, error)

    async def _pause_or_halt(self, due_part: DuePart, error: Refused) -> None:
        """Act on a refusal that concerns more than the part."""
        target = due_part.subscription.target
        if error.scope is RefusalScope.ACCOUNT:
            raise AccountRefused(error.reason)
        await self._write_until_stored(
            lambda: self._ledger.pause_channel(target, error.reason, self._now())
        )
        self._log(logging.ERROR, "paused", due_part, error=error.reason)

    async def _give_up(self, due_part: DuePart, reason: str, *, is_unconfirmed: bool) -> None:
        await self._write_until_stored(
            lambda: self._ledger.mark_failed(
                due_part, reason, self._now(), is_unconfirmed=is_unconfirmed
            )
        )
        self._log(logging.ERROR, "untold" if is_unconfirmed else "failed", due_part, error=reason)

    async def _write_until_stored(self, write: Callable[[], Awaitable[object]]) -> None:
        """Write to the ledger, however long it takes: what is done must not be forgotten.

        A program that has to stop leaves it; the part is then looked for when it starts again.
        """
        wait = self._timing.initial_backoff
        while True:
            try:
                await write()
            except StorageUnavailable as error:
                _LOG.error("what became of a part cannot be kept: %s", error)
                if not self._may_send():
                    return
                await self._pause(wait)
                wait = min(wait * 2, self._timing.max_backoff)
            else:
                return

    async def _pause(self, span: timedelta) -> None:
        await wait_for(self._stop, span.total_seconds(), self._clock)

    def _has_expired(self, due_part: DuePart) -> bool:
        tried = due_part.part.first_tried_at
        return tried is not None and self._now() - tried > self._timing.give_up_after

    def _now(self) -> datetime:
        return self._clock.now()

    def _log(self, level: int, what: str, due_part: DuePart, **facts: object) -> None:
        """Log one line for a part."""
        part, target = due_part.part, due_part.subscription.target
        due = due_part.delivery.due_at
        fields = {
            "platform": target.platform,
            "channel": target.channel,
            "series": due_part.subscription.series,
            "week": str(due_part.delivery.week),
            "part": part.kind,
            "position": part.position,
            "chunk": part.chunk,
            "key": part.key,
            "attempt": part.attempts,
            "lag": round((self._now() - due).total_seconds(), 3),
            **facts,
        }
        _LOG.log(level, "part %s", what, extra={"fields": fields})
