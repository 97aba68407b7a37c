"""Runs everything at once: the schedule, an outbox for each platform, and its conversations."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot import commands
from bot.clock import Clock, SystemClock
from bot.completing import complete
from bot.contents import Contents
from bot.digest import Digest
from bot.library import Library
from bot.outbox import Outbox
from bot.payment import Timing
from bot.ports import Desk, Platform, Refused, Reply, Request, Suggested, Threads
from bot.schedule import Schedule
from bot.wording.voice import Voice

_LOG = logging.getLogger(__name__)


class Service:
    """The running bot."""

    def __init__(
        self, library: Library, timing: Timing, tick: timedelta, clock: Clock | None = None
    ) -> None:
        self._library = library
        self._timing = timing
        self._every = tick
        self._clock = clock or SystemClock()
        self._schedule: Schedule | None = None

    def wake(self) -> None:
        """Look at once what is due: there is something new to be delivered."""
        if self._schedule is not None:
            self._schedule.wake()

    async def run(self, platforms: Sequence[Platform], stop: asyncio.Event) -> None:
        """Post what is due and answer what people ask, until told to stop.

        Ends by itself where every platform has refused the account; raises Refused then.
        """
        digest = Digest(self._library.archive, self._library.ledger, self._clock)
        self._schedule = Schedule(digest.tick, self._every, self._clock)
        ticking = asyncio.create_task(self._schedule.run(stop))
        threads = {each.name: each for each in platforms if isinstance(each, Threads)}
        self._library = replace(self._library, threads=threads)
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
        contents = Contents(self._library.archive, self._library.catalogues, self._clock)
        outbox = Outbox(platform, self._library.ledger, contents, self._timing, self._clock)
        ends = asyncio.Event()
        watching = asyncio.create_task(_both(stop, ends))
        paying = asyncio.create_task(outbox.run(ends))
        talking = asyncio.create_task(platform.serve(self.desk()))
        refused = None
        try:
            done, _ = await asyncio.wait(
                {paying, talking, watching}, return_when=asyncio.FIRST_COMPLETED
            )
            if talking in done:
                talking.result()
        except Refused as error:
            _LOG.critical("%s is left: %s", platform.name, error.reason)
            refused = error
        finally:
            ends.set()
            talking.cancel()
            watching.cancel()
            halted = await paying
            await asyncio.gather(talking, watching, return_exceptions=True)
        return refused or halted

    def desk(self) -> Desk:
        """Return the core, as a platform asks it."""

        async def answer(request: Request) -> Reply:
            return await commands.answer(self._library, request)

        async def offers(name: str, prefix: str, language: str) -> tuple[Suggested, ...]:
            choice = language or self._library.language
            voice = Voice(self._library.catalogues, choice)
            return await complete(self._library, voice, name, prefix)

        return Desk(answer, offers, self._library.audience, self._library.catalogues)


async def _both(stop: asyncio.Event, ends: asyncio.Event) -> None:
    """Wait until told to stop, and pass it on."""
    await stop.wait()
    ends.set()
