"""Prepares due parts: those that are sent now are composed; others wait, or need no message."""

import logging
from collections.abc import Callable, Coroutine, Sequence

from bot.delivery.composer import Composer
from bot.digests import slots
from bot.lib.clock import Clock
from bot.lib.rate_limit import RateLimiter
from bot.model.channels import MessageRef
from bot.model.deliveries import ON_TIME_LIMIT, DuePart
from bot.ports.errors import Refused, StorageUnavailable, TryLater, Unknown
from bot.ports.outbox_ledger import OutboxLedger
from bot.ports.platform import OutgoingMessage, Platform, SupportsThreadArchive

_LOG = logging.getLogger(__name__)


class Preparer:
    """Decides of each part of one platform whether it is sent now, and composes it."""

    def __init__(  # noqa: PLR0913 - one part of an outbox, which puts it together
        self,
        platform: Platform,
        ledger: OutboxLedger,
        composer: Composer,
        limiter: RateLimiter,
        clock: Clock,
        *,
        spawn: Callable[[Coroutine[object, object, None]], None],
    ) -> None:
        self._platform = platform
        self._ledger = ledger
        self._composer = composer
        self._limiter = limiter
        self._clock = clock
        self._spawn = spawn

    async def prepare(self, due_part: DuePart) -> Sequence[OutgoingMessage | Exception]:
        """Return all messages of the card of a part that is to be sent now; none for any other.

        Where composing fails, an error stands in place of the part's own message. A part that is
        not to be sent is postponed, superseded or discarded. Raises StorageUnavailable.
        """
        if await self._postpone_if_quiet(due_part) or await self._supersede(due_part):
            return ()
        messages = await self._compose(due_part)
        if due_part.part.chunk >= len(messages):
            await self._ledger.discard_part(due_part.part)
            return ()
        return messages

    async def _compose(self, due_part: DuePart) -> Sequence[OutgoingMessage | Exception]:
        """Return the messages of a part; an error in place of its own message where it fails."""
        try:
            return await self._composer.compose(self._platform, due_part)
        except StorageUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one part that cannot be composed stops no other
            return (error,) * (due_part.part.chunk + 1)

    async def _postpone_if_quiet(self, due_part: DuePart) -> bool:
        """Postpone a late delivery that has not begun to the end of quiet hours."""
        now, subscription = self._clock.now(), due_part.subscription
        is_late = due_part.is_first and now - due_part.delivery.due_at > ON_TIME_LIMIT
        if not is_late or not slots.is_quiet(subscription, now):
            return False
        await self._ledger.postpone(due_part.part, slots.quiet_hours_end(subscription, now))
        return True

    async def _supersede(self, due_part: DuePart) -> bool:
        """Let the thread that a paper has already take the place of another one."""
        if due_part.known_thread is None or not due_part.is_superseded:
            return False
        now = self._clock.now()
        await self._ledger.supersede(due_part.part, due_part.known_thread, now)
        self._spawn(self._revive(due_part.known_thread))
        return True

    async def _revive(self, thread: MessageRef) -> None:
        """Bring an archived thread back; where that fails, its link leads there all the same."""
        if not isinstance(self._platform, SupportsThreadArchive):
            return
        try:
            await self._limiter.acquire_for_other()
            await self._platform.revive_thread(thread)
        except (TryLater, Refused, Unknown) as error:
            fields = {"platform": self._platform.name, "error": str(error)}
            _LOG.info("Thread not revived", extra={"fields": fields})
