"""Runs the scheduler, an outbox for each platform, and the platforms' conversations."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from bot.commands.context import Context
from bot.commands.reactions import ReactionVotes
from bot.commands.service import command_service, context_of
from bot.delivery.composer import Composer
from bot.delivery.curator_cards import CuratorCards
from bot.delivery.outbox import Outbox
from bot.delivery.personal_messages import PersonalMessages
from bot.delivery.recorder import DeliveryTiming
from bot.delivery.recovery import Recovery
from bot.delivery.thread_counter import ThreadCounter
from bot.digests.follows import FollowPlanner
from bot.digests.planner import Planner
from bot.digests.reviewer import Reviewer
from bot.digests.scheduler import Scheduler
from bot.lib.backoff import Backoff, BackoffPolicy
from bot.lib.clock import Clock, SystemClock
from bot.papers.tagging import tag_name
from bot.ports.changes import Change
from bot.ports.errors import Refused, StorageUnavailable
from bot.ports.health import PlatformHealth, RequestObserver, RuntimeHealth
from bot.ports.platform import (
    ConnectionState,
    Platform,
    SupportsConnectionState,
    SupportsRecovery,
    SupportsThreads,
)
from bot.ports.roles import EVERY_ROLE, Role

_RECONNECT = BackoffPolicy(timedelta(seconds=5), timedelta(minutes=5))

_LOG = logging.getLogger(__name__)


class Runtime:
    """The running bot."""

    def __init__(
        self,
        context: Context,
        timing: DeliveryTiming,
        tick: timedelta,
        clock: Clock | None = None,
        roles: Collection[Role] = EVERY_ROLE,
    ) -> None:
        self._context = context
        self._roles = roles
        self._timing = timing
        self._every = tick
        self._clock = clock or SystemClock()
        self._schedule: Scheduler | None = None
        self._outboxes: list[tuple[Platform, Outbox]] = []
        self.observer: RequestObserver | None = None
        """Counts answers; None where no one asks for the numbers."""

    def health(self) -> RuntimeHealth:
        """Return how the timer and the platforms stand now."""
        ticked = self._schedule.last_tick_at if self._schedule else None
        listens = Role.ANSWER in self._roles
        found = (_health(*each, listens=listens) for each in self._outboxes)
        return RuntimeHealth(ticked, tuple(found))

    def wake(self) -> None:
        """Plan at once: there is something new to deliver."""
        if self._schedule is not None:
            self._schedule.wake()

    async def run(self, platforms: Sequence[Platform], stop: asyncio.Event) -> None:
        """Post what is due and answer commands, until `stop` is set.

        Raises Refused where every platform has refused its account.
        """
        context = self._context
        planner = Planner(
            context.archive,
            context.ledger,
            self._clock,
            context.awaited_translations,
            context.community,
            reviewer=Reviewer(context.reviews, context.review_rules),
        )
        follows = FollowPlanner(
            context.people,
            self._clock,
            context.record_patience,
            context.retention,
            context.review_rules,
        )

        async def tick() -> None:
            await planner.tick()
            await follows.tick()

        ticking = listening = None
        if Role.DELIVER in self._roles:
            self._schedule = Scheduler(tick, self._every, self._clock)
            ticking = asyncio.create_task(self._schedule.run(stop))
            if context.changes is not None:
                listening = asyncio.create_task(context.changes.listen(self._note))
        threads = {each.name: each for each in platforms if isinstance(each, SupportsThreads)}
        self._context = replace(self._context, threads=threads)
        served = [asyncio.create_task(self._serve(platform, stop)) for platform in platforms]
        try:
            refusals = [error for error in await asyncio.gather(*served) if error]
        finally:
            stop.set()
            if listening is not None:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
            if ticking is not None:
                await ticking
            for platform in platforms:
                await platform.close()
        if platforms and len(refusals) == len(platforms):
            raise refusals[0]

    def _note(self, change: Change) -> None:
        """Act on what was written to the database, perhaps by another process."""
        if change is Change.PLAN:
            self.wake()
        for _, outbox in self._outboxes:
            outbox.note(change)

    async def _serve(self, platform: Platform, stop: asyncio.Event) -> Refused | None:
        """Run one platform; return why it ended before `stop` was set."""
        context = context_of(self._context, platform)
        personal = PersonalMessages(
            context.archive, context.people, partial(tag_name, context.vocabulary)
        )
        composer = Composer(
            context.archive,
            context.catalogues,
            context.public_url,
            _curator_cards(context),
            personal,
            has_prompts=context.has_prompts,
            count_votes=context.count_votes,
        )
        outbox = Outbox(
            platform,
            context.ledger,
            composer,
            self._timing,
            self._clock,
            changes=context.changes,
        )
        self._outboxes.append((platform, outbox))
        ends = asyncio.Event()
        relaying = asyncio.create_task(_relay_stop(stop, ends))
        counter = self._thread_counter(platform)
        recovering = counting = None
        if Role.DELIVER in self._roles:
            recovering = asyncio.create_task(self._recover(platform, ends))
            counting = asyncio.create_task(counter.run(ends)) if counter else None
            sending = asyncio.create_task(outbox.run(ends))
        else:
            sending = asyncio.create_task(_nothing_until(ends))
        reactions = ReactionVotes(context, platform.name, self._clock)
        voting = None
        if Role.ANSWER in self._roles:
            serving = asyncio.create_task(self._serve_commands(platform, counter, reactions))
            voting = asyncio.create_task(reactions.run(ends))
        else:
            serving = asyncio.create_task(_nothing_until(ends))
        refused = None
        try:
            done, _ = await asyncio.wait(
                {sending, serving, relaying}, return_when=asyncio.FIRST_COMPLETED
            )
            if serving in done:
                refused = serving.result()
        finally:
            ends.set()
            serving.cancel()
            relaying.cancel()
            halted = await sending
            others = [task for task in (serving, relaying, recovering, counting, voting) if task]
            await asyncio.gather(*others, return_exceptions=True)
        if refused is not None:
            await self._record_halt(platform.name, refused)
        return refused or halted

    async def _recover(self, platform: Platform, stop: asyncio.Event) -> None:
        """Resume digests that a refusal paused and that are mended, if the platform can tell."""
        if isinstance(platform, SupportsRecovery):
            ledger = self._context.ledger
            await Recovery(platform.name, platform, ledger, self._clock).run(stop)

    def _thread_counter(self, platform: Platform) -> ThreadCounter | None:
        """Return what counts the threads of papers, where the platform has threads."""
        if not isinstance(platform, SupportsThreads):
            return None
        return ThreadCounter(platform.name, platform, self._context.ledger, self._clock)

    async def _serve_commands(
        self, platform: Platform, counter: ThreadCounter | None, reactions: ReactionVotes
    ) -> Refused | None:
        """Answer commands until cancelled; return why the platform refused the account, if so.

        An unexpected error of one platform ends neither the others nor its own deliveries.
        """
        backoff = Backoff(_RECONNECT)
        service = command_service(context_of(self._context, platform), self.observer)
        service = replace(service, on_reaction=reactions.note)
        if counter is not None:
            service = replace(service, on_thread_changed=counter.note)
        while True:
            try:
                await platform.serve(service)
            except Refused as error:
                return error
            except Exception:  # noqa: BLE001 - a bug of one platform must not end the others
                delay = backoff.next_delay().total_seconds()
                fields = {"platform": platform.name, "seconds": delay}
                _LOG.exception("Platform failed, reconnecting", extra={"fields": fields})
                await self._clock.sleep(delay)
            else:
                return None

    async def _record_halt(self, name: str, refused: Refused) -> None:
        fields = {"platform": name, "error": refused.reason}
        _LOG.critical("Platform refused the account", extra={"fields": fields})
        try:
            await self._context.ledger.record_halt(name, refused.reason)
        except StorageUnavailable as error:
            fields = {"platform": name, "error": str(error)}
            _LOG.error("Failed to record halt", extra={"fields": fields})


def _curator_cards(context: Context) -> CuratorCards:
    return CuratorCards(
        context.archive,
        context.reports,
        context.reviews,
        context.conflicts,
        context.catalogues,
        public_url=context.public_url,
        zone=context.zone,
        rules=context.review_rules,
    )


def _health(platform: Platform, outbox: Outbox, *, listens: bool) -> PlatformHealth:
    state: ConnectionState | None = None
    waits, waited = outbox.limiter.waits, outbox.limiter.waited_seconds
    if isinstance(platform, SupportsConnectionState):
        state = platform.connection_state()
        waits += state.rate_limit_waits
        waited += state.rate_limit_wait_seconds
    return PlatformHealth(
        platform.name,
        state.is_connected if state and listens else None,
        outbox.has_lease(),
        waits,
        waited,
    )


async def _nothing_until(ends: asyncio.Event) -> None:
    """Take the place of work that is another process's."""
    await ends.wait()


async def _relay_stop(stop: asyncio.Event, ends: asyncio.Event) -> None:
    """Set `ends` once `stop` is set."""
    await stop.wait()
    ends.set()
