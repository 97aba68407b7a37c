"""Holds the lease of a platform, so that of two programs on one database one posts."""

import asyncio
import logging
from datetime import timedelta
from uuid import uuid4

from bot.lib.clock import Clock, wait_for_event
from bot.model.deliveries import Lease
from bot.ports.errors import StorageUnavailable
from bot.ports.ledger import DeliveryLedger

_HOLDER_SHARE = 2 / 3
"""The share of the lease after which its holder stops; another program waits for all of it."""

_RENEWALS = 4
"""How often a lease is renewed within its duration."""

_LOG = logging.getLogger(__name__)


class LeaseHolder:
    """The lease of one program, measured by monotonic clocks, so that no clock jump matters."""

    def __init__(
        self, platform: str, ledger: DeliveryLedger, clock: Clock, duration: timedelta
    ) -> None:
        self.owner = uuid4().hex
        self._platform = platform
        self._ledger = ledger
        self._clock = clock
        self._duration = duration.total_seconds()
        self._held_until = float("-inf")
        self._other: Lease | None = None
        """The lease of another program, as it was seen last."""
        self._other_since = float("-inf")
        self.term = 0
        """Which holding of the lease this is: another one once it was lost in between."""

    def is_held(self) -> bool:
        """Return whether no other program can have the lease yet."""
        return self._clock.monotonic() < self._held_until

    async def renew_until_stopped(self, stop: asyncio.Event) -> None:
        """Acquire the lease as soon as it is free, and renew it until `stop` is set."""
        while not await wait_for_event(stop, self._duration / _RENEWALS, self._clock):
            await self.acquire_or_renew()

    async def acquire_or_renew(self) -> None:
        """Acquire or renew the lease once, where it is free or expired."""
        started = self._clock.monotonic()
        is_expired = self._other is not None and started - self._other_since >= self._duration
        try:
            found = await self._ledger.acquire_or_renew(
                self._platform,
                self.owner,
                self._other if is_expired else None,
                self._clock.now(),
            )
        except StorageUnavailable as error:
            fields = {"platform": self._platform, "error": str(error)}
            _LOG.warning("Failed to renew lease", extra={"fields": fields})
            return
        if found.owner == self.owner:
            self.term += not self.is_held()
            self._held_until = started + self._duration * _HOLDER_SHARE
        elif found != self._other:
            self._other, self._other_since = found, self._clock.monotonic()

    async def release(self) -> None:
        """Give the lease up, so that another program need not wait until it expires."""
        self._held_until = float("-inf")
        try:
            await self._ledger.release(self._platform, self.owner)
        except StorageUnavailable as error:
            fields = {"platform": self._platform, "error": str(error)}
            _LOG.warning("Failed to release lease", extra={"fields": fields})
