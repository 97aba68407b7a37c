"""Holds the right to pay on a platform, so that of two programs on one database one posts."""

import asyncio
import logging
from datetime import timedelta
from uuid import uuid4

from bot.lib.clock import Clock, wait_for_event
from bot.model.deliveries import Lease
from bot.ports.errors import StorageUnavailable
from bot.ports.ledger import DeliveryLedger

_SHARE = 2 / 3
"""How much of the lease counts for whoever holds it; another one waits for the whole of it."""

_BEATS = 4
"""How often it is renewed within a lease."""

_LOG = logging.getLogger(__name__)


class LeaseHolder:
    """The right of one program; measured by stopwatches alone, so no jump of clocks matters."""

    def __init__(
        self, platform: str, ledger: DeliveryLedger, clock: Clock, lease: timedelta
    ) -> None:
        self.owner = uuid4().hex
        self._platform = platform
        self._ledger = ledger
        self._clock = clock
        self._lease = lease.total_seconds()
        self._until = float("-inf")
        self._seen: Lease | None = None
        self._seen_at = float("-inf")

    def is_held(self) -> bool:
        """Return whether nobody else can have it yet."""
        return self._clock.monotonic() < self._until

    async def renew_until_stopped(self, stop: asyncio.Event) -> None:
        """Take it as soon as nobody has it, and renew it until told to stop."""
        while not await wait_for_event(stop, self._lease / _BEATS, self._clock):
            await self.acquire_or_renew()

    async def acquire_or_renew(self) -> None:
        """Take or renew it once, where that is possible."""
        started = self._clock.monotonic()
        rests = self._seen is not None and started - self._seen_at >= self._lease
        try:
            found = await self._ledger.acquire_or_renew(
                self._platform, self.owner, self._seen if rests else None
            )
        except StorageUnavailable as error:
            _LOG.warning("the right to post on %s was not renewed: %s", self._platform, error)
            return
        if found.owner == self.owner:
            self._until = started + self._lease * _SHARE
        elif found != self._seen:
            self._seen, self._seen_at = found, self._clock.monotonic()

    async def release(self) -> None:
        """Give it away, so that another one need not wait."""
        self._until = float("-inf")
        try:
            await self._ledger.release(self._platform, self.owner)
        except StorageUnavailable as error:
            _LOG.warning("the right to post on %s stays until it ends: %s", self._platform, error)
