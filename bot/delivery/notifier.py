"""Tells whoever subscribed what went wrong."""

import logging
from datetime import timedelta

from bot.cards.locale import Catalogues, Locale
from bot.cards.notices import notice_card
from bot.lib.clock import Clock
from bot.lib.rate_limit import RateLimiter
from bot.model.channels import Target
from bot.model.deliveries import PendingNotice
from bot.ports.errors import Refused, TryLater, Unknown
from bot.ports.ledger import DeliveryLedger
from bot.ports.platform import OutgoingMessage, Platform

_AT_ONCE = 20
"""The most that is told between two looks at what is owed."""
_ATTEMPTS = 10
_WAIT = timedelta(minutes=5)
_LOG = logging.getLogger(__name__)


class Notifier:
    """Tells it by direct message, or in the channel that admins set."""

    def __init__(
        self,
        platform: Platform,
        ledger: DeliveryLedger,
        limiter: RateLimiter,
        catalogues: Catalogues,
        clock: Clock,
    ) -> None:
        self._platform = platform
        self._ledger = ledger
        self._limiter = limiter
        self._catalogues = catalogues
        self._clock = clock

    async def send_pending(self) -> None:
        """Tell what is pending; each once, even where it cannot be known that it arrived."""
        now = self._clock.now()
        for pending in await self._ledger.pending_notices(self._platform.name, now, _AT_ONCE):
            again = None
            await self._limiter.acquire()
            try:
                await self._send(pending)
            except TryLater as error:
                if pending.attempts < _ATTEMPTS:
                    again = self._clock.now() + (error.retry_after or _WAIT)
            except (Refused, Unknown) as error:
                _LOG.warning("whoever subscribed could not be told: %s", error)
            except Exception:  # noqa: BLE001 - a notice that cannot be worded stops no digest
                _LOG.exception("whoever subscribed could not be told")
            await self._ledger.mark_notified(pending.id, again)

    async def _send(self, pending: PendingNotice) -> None:
        subscription = pending.subscription
        locale = Locale(self._catalogues, subscription.language)
        target = subscription.target
        card = notice_card(locale, pending.notice.kind, target.channel, pending.notice.facts)
        if subscription.admin_channel:
            place = Target(target.platform, target.workspace, subscription.admin_channel)
            for message in self._platform.render(card):
                await self._platform.post(place, OutgoingMessage(message, f"notice-{pending.id}"))
        elif subscription.subscriber:
            await self._platform.send_direct_message(
                target.workspace, subscription.subscriber, card
            )
        else:
            _LOG.warning("nobody is there to be told: %s", pending.notice)
