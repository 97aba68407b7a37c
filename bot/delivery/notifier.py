"""Sends notices to subscribers: what went wrong with a digest, each once."""

import logging
from datetime import timedelta

from bot.cards.locale import Locale
from bot.cards.notices import notice_card
from bot.delivery.composer import Composer
from bot.lib.clock import Clock
from bot.lib.rate_limit import RateLimiter
from bot.model.card import Card
from bot.model.channels import Target
from bot.model.delivery_reports import PendingNotice
from bot.ports.errors import Refused, TryLater, Unknown
from bot.ports.outbox_ledger import DeliveryLedger
from bot.ports.platform import (
    MessageAbsent,
    OutgoingMessage,
    Platform,
    SupportsChannelUrls,
)

_BATCH = 20
"""The most notices that are sent between two polls of the ledger."""
_ATTEMPTS = 10
_RETRY_DELAY = timedelta(minutes=5)
_CLOCK_SKEW = timedelta(days=1)
_TELL_FOR = timedelta(days=3)
"""How long after a decision its member is worth telling."""
_LOG = logging.getLogger(__name__)


class Notifier:
    """Sends notices by direct message, or to the channel that admins chose.

    A notice whose sending was interrupted is searched for where the platform can be searched, in
    a channel; a direct message is not repeated.
    """

    def __init__(
        self,
        platform: Platform,
        ledger: DeliveryLedger,
        limiter: RateLimiter,
        composer: Composer,
        clock: Clock,
    ) -> None:
        self._platform = platform
        self._ledger = ledger
        self._limiter = limiter
        self._composer = composer
        self._catalogues = composer.catalogues
        self._clock = clock

    async def send_pending(self) -> None:
        """Send the notices that are due, at the pace of each recipient."""
        due = await self._ledger.pending_notices(self._platform.name, self._clock.now(), _BATCH)
        for pending in due:
            recipient = pending.subscription.admin_channel or pending.subscription.subscriber
            await self._limiter.acquire(f"notices/{recipient}")
            if pending.claimed_at is not None and await self._is_settled(pending):
                continue
            await self._send_once(pending)
        await self._tell_reporters()

    async def _tell_reporters(self) -> None:
        """Tell members what became of the mistakes that they reported, each once at most."""
        curators, name = self._composer.curators, self._platform.name
        if curators is None:
            return
        reports = curators.reports
        for report in await reports.untold_reports(name, self._clock.now(), _BATCH):
            retry_at = None
            await self._limiter.acquire(f"notices/{report.new.person}")
            # Before it is sent: rather none than two after a crash.
            await reports.record_told(report.id, None)
            try:
                card = await curators.outcome_card(report)
                target = report.new.target
                await self._platform.send_direct_message(target.workspace, report.new.person, card)
            except TryLater as error:
                retry_at = self._clock.now() + (error.retry_after or _RETRY_DELAY)
            except (Refused, Unknown) as error:
                fields = {"platform": name, "report": report.id, "error": str(error)}
                _LOG.warning("Failed to tell reporter", extra={"fields": fields})
            decided = report.decided_at or report.made_at
            if retry_at is not None and retry_at - decided < _TELL_FOR:
                await reports.record_told(report.id, retry_at)

    async def _send_once(self, pending: PendingNotice) -> None:
        retry_at, claimed_at = None, self._clock.now()
        # Before it is claimed: a program that is frozen after that sends nothing later.
        until = self._clock.monotonic() + self._platform.timeout.total_seconds()
        if not await self._ledger.claim_notice(pending.id, pending.claimed_at, claimed_at):
            return  # by the program that has the lease now
        try:
            await self._send(pending, until)
        except TryLater as error:
            if pending.attempts < _ATTEMPTS:
                retry_at = self._clock.now() + (error.retry_after or _RETRY_DELAY)
        except (Refused, Unknown) as error:
            _LOG.warning("Failed to send notice", extra=_fields(pending, error=str(error)))
        except Exception:  # noqa: BLE001 - a notice that cannot be composed stops no digest
            _LOG.exception("Failed to send notice", extra=_fields(pending))
        await self._ledger.mark_notified(pending.id, claimed_at, retry_at)

    async def _is_settled(self, pending: PendingNotice) -> bool:
        """Record what became of an interrupted notice; return whether it needs no sending now."""
        is_absent = False
        place = _admin_channel(pending)
        if place is not None and pending.claimed_at is not None:
            since = pending.claimed_at - _CLOCK_SKEW
            try:
                found = await self._platform.find(place, pending.key, since)
            except TryLater as error:
                retry_at = self._clock.now() + (error.retry_after or _RETRY_DELAY)
                await self._ledger.postpone_notice(pending.id, retry_at)
                return True
            except Exception as error:  # noqa: BLE001 - rather one notice less than one twice
                _LOG.warning("Notice unconfirmed", extra=_fields(pending, error=repr(error)))
            else:
                is_absent = found is MessageAbsent.ABSENT
        if is_absent:
            return False
        _LOG.info("Notice not repeated after a crash", extra=_fields(pending))
        if pending.claimed_at is not None:
            await self._ledger.mark_notified(pending.id, pending.claimed_at, None)
        return True

    async def _send(self, pending: PendingNotice, until: float) -> None:
        subscription = pending.subscription
        locale = Locale(self._catalogues, subscription.language)
        target = subscription.target
        platform = self._platform
        url = platform.channel_url(target) if isinstance(platform, SupportsChannelUrls) else ""
        notice = pending.notice
        facts = {**notice.facts, "subscription": str(subscription.id)}
        card = notice_card(locale, notice.kind, target.channel, facts, url)
        place = _admin_channel(pending)
        if place is not None:
            await self._post(place, pending.key, card, until)
        elif subscription.subscriber:
            await self._platform.send_direct_message(
                target.workspace, subscription.subscriber, card
            )
        else:
            _LOG.warning("Notice has no recipient", extra=_fields(pending))

    async def _post(self, place: Target, key: str, card: Card, until: float) -> None:
        for payload in self._platform.render(card):
            message = OutgoingMessage(payload, key, checks_workspace=True, until=until)
            await self._platform.post(place, message)


def _admin_channel(pending: PendingNotice) -> Target | None:
    target, channel = pending.subscription.target, pending.subscription.admin_channel
    return Target(target.platform, target.workspace, channel) if channel else None


def _fields(pending: PendingNotice, **more: object) -> dict[str, dict[str, object]]:
    target = pending.subscription.target
    fields: dict[str, object] = {
        "platform": target.platform,
        "channel": target.channel,
        "notice": pending.notice.kind,
    }
    return {"fields": {**fields, **more}}
