"""Publishes posted digests to the channels that follow theirs, each once."""

import logging
from datetime import timedelta

from bot.delivery.recorder import AccountRefused, DeliveryTiming
from bot.lib.backoff import BackoffPolicy
from bot.lib.clock import Clock
from bot.model.deliveries import OVERVIEW, DueCrosspost, DuePart, Purpose
from bot.ports.errors import RefusalScope, Refused, TryLater, Unknown
from bot.ports.outbox_ledger import CrosspostLedger
from bot.ports.platform import Platform, SupportsCrossposts

_BATCH = 20
_LONGEST_PAUSE = timedelta(hours=1)

_LOG = logging.getLogger(__name__)


class Crossposter:
    """Publishes the overviews of one platform; what fails concerns no digest."""

    def __init__(
        self, platform: Platform, ledger: CrosspostLedger, timing: DeliveryTiming, clock: Clock
    ) -> None:
        self._name = platform.name
        self._platform = platform if isinstance(platform, SupportsCrossposts) else None
        self._ledger = ledger
        self._clock = clock
        self._give_up_after = timing.give_up_after
        self._retry = BackoffPolicy(timing.initial_backoff, _LONGEST_PAUSE)

    async def publish_due(self) -> None:
        """Publish what is due, until nothing is. Raises AccountRefused and StorageUnavailable.

        A program that ends before it is recorded publishes it again, which changes nothing.
        """
        if self._platform is None:
            return
        while due := await self._ledger.due_crossposts(self._name, self._clock.now(), _BATCH):
            held: set[str] = set()
            for each in due:
                if each.ref.target.channel not in held and not await self._publish(
                    self._platform, each
                ):
                    held.add(each.ref.target.channel)

    async def _publish(self, platform: SupportsCrossposts, due: DueCrosspost) -> bool:
        """Publish one message; return False where its channel has to wait."""
        try:
            await platform.crosspost(due.ref)
        except Refused as error:
            if error.scope is RefusalScope.ACCOUNT:
                raise AccountRefused(error.reason) from error
            await self._give_up(due, error.reason)
        except (TryLater, Unknown) as error:
            return await self._postpone(due, error)
        except Exception as error:  # noqa: BLE001 - a bug of an adapter must not end deliveries
            _LOG.exception("Unexpected error while crossposting")
            return await self._postpone(due, error)
        else:
            await self._ledger.finish_crosspost(due)
            _LOG.info("Message crossposted", extra=_fields(due))
        return True

    async def _postpone(self, due: DueCrosspost, error: Exception) -> bool:
        """Try a message again later, and those of its channel after it, or give it up."""
        now = self._clock.now()
        if now - due.posted_at > self._give_up_after:
            await self._give_up(due, str(error))
            return True
        asked = error.retry_after if isinstance(error, TryLater) else None
        delay = asked or self._retry.delay(due.attempts + 1)
        await self._ledger.postpone_crossposts(due, now + delay)
        fields = _fields(due, seconds=delay.total_seconds(), error=str(error))
        _LOG.warning("Retrying crosspost", extra=fields)
        return False

    async def _give_up(self, due: DueCrosspost, reason: str) -> None:
        await self._ledger.finish_crosspost(due)
        _LOG.error("Failed to crosspost message", extra=_fields(due, error=reason))


def is_for_followers(platform: Platform, due_part: DuePart) -> bool:
    """Tell whether a posted part is to be published: the overview of a digest, where it is wanted.

    Messages of single papers are too many for channels that follow this one.
    """
    return (
        isinstance(platform, SupportsCrossposts)
        and platform.publishes_digests
        and due_part.delivery.purpose is Purpose.ISSUE
        and due_part.part.kind == OVERVIEW
        and not due_part.is_threaded
    )


def _fields(due: DueCrosspost, **more: object) -> dict[str, dict[str, object]]:
    target = due.ref.target
    fields: dict[str, object] = {
        "platform": target.platform,
        "channel": target.channel,
        "key": due.key,
        "message": due.ref.id,
        "attempt": due.attempts + 1,
    }
    return {"fields": {**fields, **more}}
