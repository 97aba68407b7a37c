"""Sends a part once, and finds out whether it was posted where the platform did not say."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.delivery.crossposter import is_for_followers
from bot.delivery.pins import Pins
from bot.delivery.prior_post import is_probably_posted, search_since
from bot.delivery.recorder import DeliveryTiming, PartRecorder
from bot.lib.backoff import BackoffPolicy
from bot.lib.clock import Clock
from bot.lib.marker import _
from bot.lib.rate_limit import RateLimiter, Turn
from bot.model.channels import MessageRef
from bot.model.deliveries import DuePart
from bot.ports.errors import RefusalScope, Refused, TryLater, Unknown
from bot.ports.outbox_ledger import DeliveryLedger
from bot.ports.platform import (
    FindResult,
    MessageFound,
    MessageUnknown,
    OutgoingMessage,
    Platform,
)

_CLOCK_SKEW = timedelta(days=1)
"""How wrong our clock may be, where a platform is asked for what was posted since a time."""

_MAX_CRASHES = 5
"""After so many unexpected errors of a search in a row, its part is left unconfirmed."""

_RESTORED = _(
    "The archive was restored from a copy, and the platform cannot be asked whether it is there."
)
_NOT_COMPOSED = _("The message cannot be composed: {error}.")

_LOG = logging.getLogger(__name__)


class Sender:
    """Sends the parts of one platform, each in a task of its own."""

    def __init__(  # noqa: PLR0913 - one part of an outbox, which puts it together
        self,
        platform: Platform,
        ledger: DeliveryLedger,
        limiter: RateLimiter,
        timing: DeliveryTiming,
        clock: Clock,
        *,
        may_send: Callable[[], bool],
        linger: Callable[[], float],
    ) -> None:
        self._platform = platform
        self._limiter = limiter
        self._timing = timing
        self._clock = clock
        self._may_send = may_send
        """Whether this program still holds the lease, and is not stopping."""
        self._recorder = PartRecorder(
            ledger, limiter, timing, clock, may_send=may_send, linger=linger
        )
        self._searched: set[str] = set()
        """The keys that were searched for before their first attempt, and not found."""
        self._pins = Pins(platform, ledger, limiter, self._wait_before_pin_retry)

    def stop(self) -> None:
        """End every wait; parts in doubt are searched for after the next start."""
        self._recorder.stop()

    async def send_part(
        self,
        due_part: DuePart,
        outgoing: OutgoingMessage | Exception,
        is_claim_valid: Callable[[], bool],
    ) -> bool:
        """Post a claimed part in its turn; return whether what became of it is recorded.

        Where it is not, the part is in doubt: see `reconcile`. A part that could not be composed
        is retried like one that could not be posted. `is_claim_valid` is asked before the part is
        posted: a lease that was lost since the claim ends it. Raises AccountRefused.
        """
        if isinstance(outgoing, Exception):
            error = TryLater(None, _NOT_COMPOSED.format(error=repr(outgoing)))
            await self._recorder.retry_or_give_up(due_part, error)
            return True
        try:
            ref = await self._post(due_part, outgoing, is_claim_valid)
        except TryLater as error:
            await self._recorder.retry_or_give_up(due_part, error)
        except Refused as error:
            await self._handle_refusal(due_part, error)
        except Unknown as error:
            self._recorder.log_unconfirmed(due_part, error)
            return False
        except Exception:  # noqa: BLE001 - a bug of an adapter must not lose the part
            _LOG.exception("Unexpected error while posting part")
            return False
        else:
            if ref is not None:
                await self._record_posted(due_part, ref, outgoing.content)
        return True

    async def _post(
        self,
        due_part: DuePart,
        outgoing: OutgoingMessage,
        is_claim_valid: Callable[[], bool],
    ) -> MessageRef | None:
        """Post a part in its turn; None where it was recorded already and needs no post."""
        thread = await self._resolve_thread(due_part, outgoing)
        turn = await self._limiter.acquire(due_part.ordering_key, is_pending=True)
        try:
            return await self._post_now(
                due_part, replace(outgoing, thread=thread), turn, is_claim_valid
            )
        finally:
            turn.settle()

    async def _post_now(
        self,
        due_part: DuePart,
        outgoing: OutgoingMessage,
        turn: Turn,
        is_claim_valid: Callable[[], bool],
    ) -> MessageRef | None:
        if await self._was_posted_before(due_part):
            return None
        # Before the claim is checked: a program that is frozen after that sends nothing later.
        until = self._clock.monotonic() + self._platform.timeout.total_seconds()
        # Nothing may be awaited between this and the post.
        if not is_claim_valid():
            await self._recorder.release(due_part)
            return None
        target = due_part.subscription.target

        def on_sent() -> None:
            turn.mark_sent(self._clock.monotonic())
            outgoing.on_sent()

        ref = await self._platform.post(target, replace(outgoing, until=until, on_sent=on_sent))
        return ref if ref.thread else replace(ref, thread=outgoing.thread)

    async def reconcile(self, due_part: DuePart) -> None:
        """Find out whether a part was posted, once no request can be under way any more.

        Raises AccountRefused.
        """
        delay = self._platform.timeout + self._timing.settle_time
        crashes = 0
        while True:
            await self._recorder.wait(delay)
            await self._limiter.acquire()
            if not self._may_send():
                return  # it stays in doubt: the program that sends next searches again
            try:
                found = await self._find(due_part)
            except Refused as error:
                await self._handle_find_refusal(due_part, error)
                return
            except Exception as error:  # noqa: BLE001 - a bug of an adapter must not hold a channel
                crashes += not isinstance(error, TryLater | Unknown)
                next_delay = await self._delay_after(due_part, error, crashes)
                if next_delay is None:
                    return
                delay = next_delay
            else:
                await self._record_found(due_part, found)
                return

    async def _find(self, due_part: DuePart) -> FindResult:
        since = (due_part.part.first_tried_at or due_part.delivery.due_at) - _CLOCK_SKEW
        return await self._platform.find(due_part.subscription.target, due_part.part.key, since)

    async def _delay_after(
        self, due_part: DuePart, error: Exception, crashes: int
    ) -> timedelta | None:
        """Return when to search again; None where the part was left unconfirmed."""
        if self._recorder.has_expired(due_part) or crashes >= _MAX_CRASHES:
            await self._recorder.give_up(due_part, str(error), is_unconfirmed=True)
            return None
        if crashes:
            _LOG.error("Unexpected error while searching for part", exc_info=error)
        self._recorder.log_unconfirmed(due_part, error)
        asked = error.retry_after if isinstance(error, TryLater) else None
        return asked or self._recorder.backoff.next_delay(due_part.ordering_key)

    async def _record_found(self, due_part: DuePart, found: FindResult) -> None:
        if isinstance(found, MessageFound):
            await self._record_posted(due_part, found.ref)
        elif found is MessageUnknown.UNKNOWN:
            reason = "the platform cannot be asked whether it is there."
            await self._recorder.give_up(due_part, reason, is_unconfirmed=True)
        else:
            delay = self._recorder.backoff.next_delay(due_part.ordering_key)
            await self._recorder.schedule_retry(due_part, delay, "it was not there")

    async def _was_posted_before(self, due_part: DuePart) -> bool:
        """Search for a part that a lost ledger may have posted; return whether that settles it.

        Raises TryLater or Refused, which concern the part as an attempt to post it would.
        """
        since = search_since(due_part, self._clock.now())
        if since is None or due_part.part.key in self._searched:
            return False
        target, key = due_part.subscription.target, due_part.part.key
        try:
            found = await self._platform.find(target, key, since - _CLOCK_SKEW)
        except Unknown as error:
            raise TryLater(None, str(error)) from error
        if isinstance(found, MessageFound):
            await self._record_posted(due_part, found.ref)
            return True
        if found is MessageUnknown.UNKNOWN and is_probably_posted(due_part, self._clock.now()):
            await self._recorder.give_up(due_part, _RESTORED, is_unconfirmed=True)
            return True
        self._searched.add(key)
        await self._limiter.acquire()
        return False

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
        await self._limiter.acquire_for_other()
        try:
            return (await self._platform.open_thread(due_part.root, outgoing.title)).thread
        except Unknown as error:
            # Opening a thread is idempotent, and nothing of the part was sent.
            raise TryLater(None, str(error)) from error

    async def _record_posted(self, due_part: DuePart, ref: MessageRef, content: str = "") -> None:
        if due_part.is_pinned:
            # A program that ends before this is recorded finds the post again, and pins it then.
            await self._pins.pin_overview(due_part, ref)
        await self._recorder.record_posted(
            due_part, ref, content, is_for_followers=is_for_followers(self._platform, due_part)
        )

    async def _wait_before_pin_retry(self, failures: int) -> None:
        policy = BackoffPolicy(self._timing.initial_backoff, self._timing.max_backoff)
        await self._recorder.wait(policy.delay(failures))

    async def _handle_refusal(self, due_part: DuePart, error: Refused) -> None:
        if _concerns_part_alone(due_part, error):
            await self._recorder.give_up(due_part, error.reason, is_unconfirmed=False)
            return
        await self._recorder.release(due_part, error.reason)
        await self._recorder.pause_or_halt(due_part, error)

    async def _handle_find_refusal(self, due_part: DuePart, error: Refused) -> None:
        if _concerns_part_alone(due_part, error):
            await self._recorder.give_up(due_part, error.reason, is_unconfirmed=True)
        else:
            await self._recorder.pause_or_halt(due_part, error)


def _concerns_part_alone(due_part: DuePart, error: Refused) -> bool:
    """Tell whether the channel's other parts go on.

    What one member asked for must not pause the channel's digest.
    """
    return error.scope is RefusalScope.PART or (
        due_part.delivery.purpose.is_asked and error.scope is not RefusalScope.ACCOUNT
    )
