"""Holds the lease of a platform, so that of two programs on one database one posts."""

import asyncio
import logging
from datetime import timedelta
from uuid import uuid4

from bot.lib.clock import Clock, wait_for_event
from bot.model.deliveries import Lease
from bot.ports.errors import StorageUnavailable
from bot.ports.outbox_ledger import DeliveryLedger

_HOLDER_SHARE = 2 / 3
"""The share of the lease after which its holder stops by itself."""

_STALE_SHARE = 5 / 6
"""The share of the lease after which another program takes it over, if it saw no renewal."""

_RENEWALS, _LOOKS = 4, 12
"""How often a lease is renewed within its duration, and how often another program looks at it.

It sees the last renewal within one look, and that the lease is stale within another one: so
nothing is posted for the lease's duration at most.
"""

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
        self._was_held = False
        """Whether it was this program's when the database was asked last."""
        self._look = asyncio.Event()
        self.term = 0
        """Which holding of the lease this is: another one once it was lost in between."""

    def is_held(self) -> bool:
        """Return whether no other program can have the lease yet."""
        return self._clock.monotonic() < self._held_until

    async def renew_until_stopped(self, stop: asyncio.Event) -> None:
        """Acquire the lease as soon as it is free, and renew it until `stop` is set."""
        while not stop.is_set():
            await wait_for_event(self._look, self._interval, self._clock)
            self._look.clear()
            if not stop.is_set():
                await self.acquire_or_renew()

    def look(self) -> None:
        """Look at the lease at once: it was given up, or this program stops."""
        self._look.set()

    @property
    def _interval(self) -> float:
        return self._duration / (_LOOKS if self._other else _RENEWALS)

    async def acquire_or_renew(self) -> None:
        """Acquire or renew the lease once, where it is free or stale."""
        started = self._clock.monotonic()
        longest = self._duration * _STALE_SHARE
        is_expired = self._other is not None and started - self._other_since >= longest
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
        except Exception:  # noqa: BLE001 - one failure must not end all renewals
            _LOG.exception("Unexpected error while renewing lease")
            return
        if found.owner == self.owner:
            if not self.is_held():
                self.term += 1
                self._log_acquired(is_expired=is_expired)
            self._other = None
            self._held_until = started + self._duration * _HOLDER_SHARE
            self._was_held = True
            return
        if self._was_held:
            self._was_held = False
            self._held_until = float("-inf")
            fields = {"platform": self._platform, "owner": found.owner}
            _LOG.warning("Lease lost", extra={"fields": fields})
        if found != self._other:
            self._other, self._other_since = found, self._clock.monotonic()

    def _log_acquired(self, *, is_expired: bool) -> None:
        fields = {"platform": self._platform, "owner": self.owner, "term": self.term}
        if is_expired and self._other:
            fields |= {"from": self._other.owner}
            _LOG.warning("Lease taken over", extra={"fields": fields})
        else:
            _LOG.info("Lease acquired", extra={"fields": fields})

    async def release(self) -> None:
        """Give the lease up, so that another program need not wait until it expires."""
        self._held_until = float("-inf")
        try:
            await self._ledger.release(self._platform, self.owner)
        except StorageUnavailable as error:
            fields = {"platform": self._platform, "error": str(error)}
            _LOG.warning("Failed to release lease", extra={"fields": fields})
