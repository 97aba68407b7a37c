"""Resumes digests that a platform's refusal paused, once the platform says it is mended."""

import asyncio
import logging
from collections import defaultdict
from datetime import timedelta

from bot.lib.clock import Clock, wait_for_event
from bot.model.channels import Target
from bot.ports.errors import Refused, StorageUnavailable, TryLater, Unknown
from bot.ports.ledger import SubscriptionLedger
from bot.ports.platform import SupportsRecovery

INTERVAL = timedelta(minutes=1)
_BATCH = 20
"""The most channels that a platform is asked about in one interval."""
_LOG = logging.getLogger(__name__)


class Recovery:
    """Asks one platform about the channels that it refused, a few at a time."""

    def __init__(
        self, name: str, platform: SupportsRecovery, ledger: SubscriptionLedger, clock: Clock
    ) -> None:
        self._name = name
        self._platform = platform
        self._ledger = ledger
        self._clock = clock
        self._offset = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Ask until `stop` is set."""
        while not await wait_for_event(stop, INTERVAL.total_seconds(), self._clock):
            try:
                await self.resume_recovered()
            except StorageUnavailable as error:
                fields = {"platform": self._name, "error": str(error)}
                _LOG.warning("Recovery check skipped", extra={"fields": fields})
            except Exception:  # noqa: BLE001 - a check that fails must not end the platform
                _LOG.exception("Recovery check failed", extra={"fields": {"platform": self._name}})

    async def resume_recovered(self) -> None:
        """Resume what is mended; of many channels the next few each time."""
        paused: defaultdict[tuple[Target, str], list[int]] = defaultdict(list)
        for each in await self._ledger.refused_subscriptions(self._name):
            paused[each.target, each.pause_reason].append(each.id)
        wanted = list(paused)
        start = self._offset % max(len(wanted), 1)
        batch = (wanted[start:] + wanted[:start])[:_BATCH]
        self._offset = start + len(batch)
        for target, reason in batch:
            if not await self._is_recovered(target, reason):
                continue
            for number in paused[target, reason]:
                await self._ledger.set_paused(number, self._clock.now(), paused=False)
            fields = {"platform": self._name, "channel": target.channel, "reason": reason}
            _LOG.info("Channel resumed", extra={"fields": fields})

    async def _is_recovered(self, target: Target, reason: str) -> bool:
        try:
            return await self._platform.is_recovered(target, reason)
        except (TryLater, Refused, Unknown):
            return False
