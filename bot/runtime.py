"""Runs everything at once: the schedule, an outbox for each platform, and its conversations."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.cards.command_names import with_command_names
from bot.cards.locale import Locale
from bot.commands import registry
from bot.commands.autocomplete import complete
from bot.commands.context import Context
from bot.delivery.composer import Composer
from bot.delivery.outbox import Outbox
from bot.delivery.sender import DeliveryTiming
from bot.digests.planner import Planner
from bot.digests.scheduler import Scheduler
from bot.lib.clock import Clock, SystemClock
from bot.ports.conversation import CommandService, Reply, Request, Suggestion
from bot.ports.errors import Refused
from bot.ports.platform import Platform, SupportsCommandNames, SupportsThreads

_LOG = logging.getLogger(__name__)


class Runtime:
    """The running bot."""

    def __init__(
        self, context: Context, timing: DeliveryTiming, tick: timedelta, clock: Clock | None = None
    ) -> None:
        self._context = context
        self._timing = timing
        self._every = tick
        self._clock = clock or SystemClock()
        self._schedule: Scheduler | None = None

    def wake(self) -> None:
        """Look at once what is due: there is something new to be delivered."""
        if self._schedule is not None:
            self._schedule.wake()

    async def run(self, platforms: Sequence[Platform], stop: asyncio.Event) -> None:
        """Post what is due and answer what people ask, until told to stop.

        Ends by itself where every platform has refused the account; raises Refused then.
        """
        planner = Planner(self._context.archive, self._context.ledger, self._clock)
        self._schedule = Scheduler(planner.tick, self._every, self._clock)
        ticking = asyncio.create_task(self._schedule.run(stop))
        threads = {each.name: each for each in platforms if isinstance(each, SupportsThreads)}
        self._context = replace(self._context, threads=threads)
        served = [asyncio.create_task(self._serve(platform, stop)) for platform in platforms]
        try:
            refusals = [error for error in await asyncio.gather(*served) if error]
        finally:
            stop.set()
            await ticking
            for platform in platforms:
                await platform.close()
        if platforms and len(refusals) == len(platforms):
            raise refusals[0]

    async def _serve(self, platform: Platform, stop: asyncio.Event) -> Refused | None:
        """Run one platform; return why it ended before it was told to."""
        context = self._context_for(platform)
        composer = Composer(context.archive, context.catalogues, self._clock)
        outbox = Outbox(platform, context.ledger, composer, self._timing, self._clock)
        ends = asyncio.Event()
        relaying = asyncio.create_task(_relay_stop(stop, ends))
        sending = asyncio.create_task(outbox.run(ends))
        serving = asyncio.create_task(platform.serve(self.command_service(platform)))
        refused = None
        try:
            done, _ = await asyncio.wait(
                {sending, serving, relaying}, return_when=asyncio.FIRST_COMPLETED
            )
            if serving in done:
                serving.result()
        except Refused as error:
            _LOG.critical("%s is left: %s", platform.name, error.reason)
            refused = error
        finally:
            ends.set()
            serving.cancel()
            relaying.cancel()
            halted = await sending
            await asyncio.gather(serving, relaying, return_exceptions=True)
        return refused or halted

    def command_service(self, platform: Platform | None = None) -> CommandService:
        """Return the core, as a platform asks it."""
        context = self._context_for(platform) if platform else self._context

        async def answer(request: Request) -> Reply:
            return await registry.dispatch(context, request)

        async def offers(name: str, prefix: str, language: str) -> tuple[Suggestion, ...]:
            locale = Locale(context.catalogues, language or context.language)
            return await complete(context, locale, name, prefix)

        return CommandService(
            answer, offers, context.audience, context.catalogues, context.language
        )

    def _context_for(self, platform: Platform) -> Context:
        """Return the library whose sentences call commands as a platform does."""
        if not isinstance(platform, SupportsCommandNames):
            return self._context
        catalogues = with_command_names(self._context.catalogues, platform.command_name)
        return replace(self._context, catalogues=catalogues)


async def _relay_stop(stop: asyncio.Event, ends: asyncio.Event) -> None:
    """Wait until told to stop, and pass it on."""
    await stop.wait()
    ends.set()
