"""Pays a part: posts it once, and finds out what became of it when the platform does not say."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.delivery.pins import Pins
from bot.lib.clock import Clock
from bot.lib.clock import wait as wait_for
from bot.lib.rate_limit import Pacer
from bot.model.channels import MessageRef
from bot.model.deliveries import Owed
from bot.ports.errors import Refused, Scope, TryLater, Unavailable, Unknown
from bot.ports.ledger import Payments
from bot.ports.platform import CannotTell, Found, Outgoing, Platform

_SKEW = timedelta(days=1)
"""How wrong our clock may be, where a platform is asked for what was posted since."""

_LOG = logging.getLogger(__name__)


def _(sentence: str) -> str:
    """Mark a sentence for the catalogues; it is said when the language is known."""
    return sentence


@dataclass(frozen=True, slots=True)
class Timing:
    """How long is waited for what; each is a setting."""

    lease: timedelta
    """For how long nobody else may post after the holder's last sign of life."""
    settle: timedelta
    """How long after its timeout a request may still land on the platform."""
    poll: timedelta
    """How often the ledger is asked for what is owed."""
    first_retry: timedelta
    """How long is waited after a first failure; each further one doubles it."""
    longest_retry: timedelta
    give_up: timedelta
    """After this a part that fails again and again is given up."""


class Backoff:
    """How long a channel is left alone after failures in a row, whatever part they met."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._failures: dict[str, int] = {}
        self._chance = random.Random()  # noqa: S311 - it spreads retries, it keeps no secret

    def clear(self, channel: str) -> None:
        """Forget the failures of a channel."""
        self._failures.pop(channel, None)

    def wait(self, channel: str) -> timedelta:
        """Count a failure and return how long to wait: between half and the whole of the step."""
        failures = self._failures.get(channel, 0)
        self._failures[channel] = failures + 1
        # 2.0 ** 1024 would not be a number any more.
        step = min(
            self._timing.first_retry.total_seconds() * 2.0 ** min(failures, 100),
            self._timing.longest_retry.total_seconds(),
        )
        return timedelta(seconds=step * self._chance.uniform(0.5, 1))


class Halted(Exception):
    """The platform refused the account; nothing more is to be sent."""


class Payment:
    """Pays the parts of one platform, each in a task of its own."""

    def __init__(  # noqa: PLR0913 - one part of an outbox, which puts it together
        self,
        platform: Platform,
        ledger: Payments,
        pacer: Pacer,
        timing: Timing,
        clock: Clock,
        *,
        may_send: Callable[[], bool],
    ) -> None:
        self._platform = platform
        self._ledger = ledger
        self._pacer = pacer
        self._timing = timing
        self._clock = clock
        self._may_send = may_send
        """Whether this program still has the right to post, and was not told to stop."""
        self._stop = asyncio.Event()
        self._backoff = Backoff(timing)
        self._pins = Pins(platform, ledger, pacer, self._before_another_pin)

    def stop(self) -> None:
        """Wait for nothing any more; parts in doubt are looked for at the next start."""
        self._stop.set()

    async def pay(self, owed: Owed, outgoing: Outgoing | Exception) -> bool:
        """Post a part that was claimed, in its turn; return whether what became of it is kept.

        Where it is not, the part is in doubt: see `resolve`. What could not even be worded is
        tried again like what could not be posted. Raises Halted where the platform refuses the
        account.
        """
        if isinstance(outgoing, Exception):
            await self._later(owed, TryLater(None, f"it cannot be worded: {outgoing!r}"))
            return True
        try:
            thread = await self._thread(owed, outgoing)
            await self._pacer.turn(owed.channel)
            if not self._may_send():
                await self._keep(lambda: self._ledger.mark_owed(owed.part, self._now(), ""))
                return True
            target = owed.subscription.target
            ref = await self._platform.post(target, replace(outgoing, thread=thread))
        except TryLater as error:
            await self._later(owed, error)
        except Refused as error:
            await self._refused(owed, error)
        except Unknown as error:
            self._say(logging.WARNING, "in doubt", owed, error=str(error))
            return False
        except Exception:  # noqa: BLE001 - a bug of an adapter must not lose the part
            _LOG.exception("whether a part was posted is to be found out")
            return False
        else:
            await self._posted(owed, ref if ref.thread else replace(ref, thread=thread))
        return True

    async def resolve(self, owed: Owed) -> None:
        """Find out whether a part was posted, once no request can be under way any more.

        Raises Halted where the platform refuses the account.
        """
        wait = self._platform.timeout + self._timing.settle
        while True:
            await self._pause(wait)
            await self._pacer.turn()
            if not self._may_send():
                return  # it stays as it is: whoever pays next asks again
            since = (owed.part.first_tried_at or owed.delivery.due_at) - _SKEW
            try:
                found = await self._platform.find(owed.subscription.target, owed.part.key, since)
            except (TryLater, Unknown) as error:
                if self._is_over(owed):
                    await self._give_up(owed, str(error), is_untold=True)
                    return
                self._say(logging.WARNING, "not found out", owed, error=str(error))
                said = error.after if isinstance(error, TryLater) else None
                wait = said or self._backoff.wait(owed.channel)
                continue
            except Refused as error:
                await self._cannot_ask(owed, error)
                return
            if isinstance(found, Found):
                await self._posted(owed, found.ref)
            elif found is CannotTell.CANNOT_TELL:
                reason = "the platform cannot be asked whether it is there."
                await self._give_up(owed, reason, is_untold=True)
            else:
                await self._again(owed, self._backoff.wait(owed.channel), "it was not there")
            return

    async def _thread(self, owed: Owed, outgoing: Outgoing) -> str:
        """Return the thread that a part belongs in, opened where it is not; empty for none."""
        if not owed.hangs:
            return ""
        if owed.root is None:
            raise Refused(_("The message that it belongs under was not posted."), Scope.PART)
        if owed.root.thread:
            return owed.root.thread
        await self._pacer.turn()
        try:
            return (await self._platform.open_thread(owed.root, outgoing.title)).thread
        except Unknown as error:
            # Opening twice is once, and nothing of the part was sent.
            raise TryLater(None, str(error)) from error

    async def _posted(self, owed: Owed, ref: MessageRef) -> None:
        self._backoff.clear(owed.channel)
        if owed.is_pinned:
            # A program that ends before it is kept finds the post again, and pins it then.
            await self._pins.show_first(owed, ref)
        await self._keep(lambda: self._ledger.mark_posted(owed.part, ref, self._now()))
        self._say(logging.INFO, "posted", owed, message=ref.id)

    async def _before_another_pin(self, failures: int) -> None:
        await self._pause(self._timing.first_retry * 2**failures)

    async def _later(self, owed: Owed, error: TryLater) -> None:
        if self._is_over(owed):
            await self._give_up(owed, str(error), is_untold=False)
            return
        wait = self._backoff.wait(owed.channel) if error.after is None else error.after
        if error.everywhere:
            self._pacer.hold_all(self._clock.ticks() + wait.total_seconds())
        await self._again(owed, wait, str(error))

    async def _again(self, owed: Owed, wait: timedelta, reason: str) -> None:
        self._pacer.hold(owed.channel, self._clock.ticks() + wait.total_seconds())
        await self._keep(lambda: self._ledger.mark_owed(owed.part, self._now() + wait, reason))
        self._say(logging.WARNING, "later", owed, seconds=wait.total_seconds(), error=reason)

    async def _refused(self, owed: Owed, error: Refused) -> None:
        if error.scope is Scope.PART:
            await self._give_up(owed, error.reason, is_untold=False)
            return
        await self._keep(lambda: self._ledger.mark_owed(owed.part, self._now(), error.reason))
        await self._beyond(owed, error)

    async def _cannot_ask(self, owed: Owed, error: Refused) -> None:
        if error.scope is Scope.PART:
            await self._give_up(owed, error.reason, is_untold=True)
        else:
            await self._beyond(owed, error)

    async def _beyond(self, owed: Owed, error: Refused) -> None:
        """Act on a refusal that concerns more than the part."""
        target = owed.subscription.target
        if error.scope is Scope.ACCOUNT:
            raise Halted(error.reason)
        await self._keep(lambda: self._ledger.pause_channel(target, error.reason, self._now()))
        self._say(logging.ERROR, "paused", owed, error=error.reason)

    async def _give_up(self, owed: Owed, reason: str, *, is_untold: bool) -> None:
        await self._keep(
            lambda: self._ledger.mark_failed(owed, reason, self._now(), is_untold=is_untold)
        )
        self._say(logging.ERROR, "untold" if is_untold else "failed", owed, error=reason)

    async def _keep(self, write: Callable[[], Awaitable[object]]) -> None:
        """Write to the ledger, however long it takes: what is done must not be forgotten.

        A program that has to stop leaves it; the part is then looked for when it starts again.
        """
        wait = self._timing.first_retry
        while True:
            try:
                await write()
            except Unavailable as error:
                _LOG.error("what became of a part cannot be kept: %s", error)
                if not self._may_send():
                    return
                await self._pause(wait)
                wait = min(wait * 2, self._timing.longest_retry)
            else:
                return

    async def _pause(self, span: timedelta) -> None:
        await wait_for(self._stop, span.total_seconds(), self._clock)

    def _is_over(self, owed: Owed) -> bool:
        tried = owed.part.first_tried_at
        return tried is not None and self._now() - tried > self._timing.give_up

    def _now(self) -> datetime:
        return self._clock.now()

    def _say(self, level: int, what: str, owed: Owed, **facts: object) -> None:
        """Log one line for a part."""
        part, target = owed.part, owed.subscription.target
        due = owed.delivery.due_at
        fields = {
            "platform": target.platform,
            "channel": target.channel,
            "series": owed.subscription.series,
            "week": str(owed.delivery.week),
            "part": part.kind,
            "position": part.position,
            "chunk": part.chunk,
            "key": part.key,
            "attempt": part.attempts,
            "lag": round((self._now() - due).total_seconds(), 3),
            **facts,
        }
        _LOG.log(level, "part %s", what, extra={"fields": fields})
