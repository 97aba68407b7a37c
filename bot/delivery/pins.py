"""Lets a forum show its newest overview first, where the platform allows it."""

import logging
from collections.abc import Awaitable, Callable

from bot.lib.rate_limit import RateLimiter
from bot.model.channels import MessageRef
from bot.model.deliveries import DuePart
from bot.ports.errors import Refused, StorageUnavailable, TryLater, Unknown
from bot.ports.outbox_ledger import DeliveryLedger
from bot.ports.platform import Platform

_TRIES = 3
"""More attempts are not worth holding up the channel: the overview is readable without a pin."""

_LOG = logging.getLogger(__name__)


class Pins:
    """The pins of one platform's overviews."""

    def __init__(
        self,
        platform: Platform,
        ledger: DeliveryLedger,
        limiter: RateLimiter,
        wait: Callable[[int], Awaitable[None]],
    ) -> None:
        self._platform = platform
        self._ledger = ledger
        self._limiter = limiter
        self._wait = wait
        """Waits before another attempt, after so many failures."""

    async def pin_overview(self, due_part: DuePart, ref: MessageRef) -> None:
        """Pin an overview in place of the previous one. Every failure is only logged."""
        try:
            before = await self._ledger.previous_overview(due_part)
        except StorageUnavailable:
            before = None
        if before is not None:
            await self._pin(before, pinned=False)
        await self._pin(ref, pinned=True)

    async def _pin(self, ref: MessageRef, *, pinned: bool) -> None:
        for failures in range(_TRIES):
            if failures:
                await self._wait(failures)
            await self._limiter.acquire_for_other()
            try:
                await self._platform.pin(ref, pinned=pinned)
            except (TryLater, Unknown) as error:  # pinning is idempotent
                self._log(ref, error, pinned=pinned)
            except Refused as error:
                self._log(ref, error, pinned=pinned)
                return
            except Exception:  # noqa: BLE001 - a bug of an adapter must not hold up the channel
                _LOG.exception("Failed to change pin")
                return
            else:
                return

    def _log(self, ref: MessageRef, error: Exception, *, pinned: bool) -> None:
        fields = {
            "platform": ref.target.platform,
            "channel": ref.target.channel,
            "message": ref.id,
            "error": str(error),
        }
        _LOG.info("Failed to change pin", extra={"fields": {**fields, "pinned": pinned}})
