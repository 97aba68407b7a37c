"""New weeks of a reviewed series wait for a curator: approved, held, or not answered."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

import pytest

from bot.delivery.composer import Composer
from bot.delivery.curator_cards import CuratorCards
from bot.delivery.outbox import Outbox
from bot.digests.planner import Planner
from bot.digests.reviewer import Reviewer
from bot.model.channels import Target
from bot.model.curation import CorrectText
from bot.model.planning import SubscriptionPlan
from bot.model.reports import CuratorChannel
from bot.model.review_rules import ReviewFallback, ReviewRules
from bot.model.reviews import Review, ReviewState, ReviewVerdict, review_for
from bot.model.subscriptions import Layout, Subscription
from bot.model.weeks import Week
from bot.ports.archive import Archive
from bot.ports.curation import CurationRefused
from bot.ports.reports import ReportStore
from config import catalogues
from storage.archive import reports
from storage.archive.conflict_store import SqlConflictStore
from storage.archive.review_store import SqlReviewStore
from storage.database import Database
from storage.deliveries.ledger import SqlLedger
from tests import samples
from tests.curators import ADA
from tests.test_message_edits import TIMING as BUSY
from tests.test_message_edits import ShowingPlatform
from tests.virtual_time import InlineArchive, InlineTransactions, VirtualClock, transactions_of
from tests.virtual_time import run as run_virtually

pytestmark = pytest.mark.slow

ON_BOTH_DATABASES = "long"

SUNDAY = datetime(2023, 10, 15, 12, tzinfo=UTC)
"""The week comes; its slot is on Monday at nine, 21 hours later."""
SLOT = datetime(2023, 10, 16, 9, tzinfo=UTC)
WEEK = Week(2023, 41)
APPROVE, HOLD = ReviewVerdict(ReviewState.APPROVED), ReviewVerdict(ReviewState.HELD)
CURATORS = Target("fake", "", "curators")
RULES = ReviewRules(frozenset({"dair"}))
HOURS = timedelta(hours=1)
TICK = timedelta(minutes=10)
TIMING = replace(BUSY, lease=4 * TICK, poll_interval=TICK / 2)
"""Days pass in these scenes: it is looked less often."""


@dataclass
class World:
    """An archive and a ledger on one database, a clock that jumps, and a running bot."""

    transactions: InlineTransactions
    clock: VirtualClock
    platform: ShowingPlatform
    rules: ReviewRules = RULES
    archive: InlineArchive = field(init=False)
    ledger: SqlLedger = field(init=False)
    reviews: SqlReviewStore = field(init=False)

    def __post_init__(self) -> None:
        self.archive = InlineArchive(self.transactions, self.clock)
        self.ledger = SqlLedger(self.transactions)
        self.reviews = SqlReviewStore(self.transactions)

    async def subscribe(self, channel: str = "papers", **more: Any) -> Subscription:
        wishes = {"workspace": "", "language": "en", "subscriber": "admin", **more}
        target = Target("fake", wishes.pop("workspace"), channel)
        wanted = Subscription(target, "dair", at=time(9), **wishes)
        return await self.ledger.subscribe(wanted, self.clock.now() - timedelta(days=6))

    async def curators(self, target: Target = CURATORS) -> None:
        channel = CuratorChannel(target, "en")
        await self.transactions.write(reports.choose_channel, channel, self.clock.now())

    async def review(self) -> Review:
        return next(
            each
            for each in await self.reviews.reviews_of("dair", WEEK)
            if each.place.platform == "fake"
        )

    async def decide(self, verdict: ReviewVerdict) -> int:
        found = await self.review()
        outcome = await self.reviews.decide_review(found.id, verdict, ADA, self.clock.now())
        return outcome.posted

    def planner(self) -> Planner:
        reviewer = Reviewer(self.reviews, self.rules)
        return Planner(cast("Archive", self.archive), self.ledger, self.clock, reviewer=reviewer)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        found, archive = catalogues.load(), cast("Archive", self.archive)
        cards = CuratorCards(
            archive, cast("ReportStore", Curators(self.transactions)), self.reviews,
            SqlConflictStore(self.transactions, lambda *_: None), found,
            rules=self.rules,
        )  # fmt: skip
        composer = Composer(archive, found, curators=cards)
        outbox = Outbox(self.platform, self.ledger, composer, TIMING, self.clock)
        planner = self.planner()

        async def tick() -> None:
            while not stop.is_set():
                await planner.tick()
                await asyncio.sleep(TICK.total_seconds())

        working = asyncio.create_task(outbox.run(stop))
        ticking = asyncio.create_task(tick())
        try:
            yield
        finally:
            stop.set()
            await working
            ticking.cancel()

    async def begin(self) -> None:
        """Subscribe a channel, choose that of the curators, and let the week come."""
        await self.subscribe()
        await self.curators()
        await self.archive.save([samples.issue()])

    async def passes_until(self, moment: datetime) -> None:
        """Let the bot run until then."""
        async with self.running():
            await asyncio.sleep((moment - self.clock.now()).total_seconds())

    def posted(self, channel: str) -> list[str]:
        """Return what readers see in a channel."""
        shown = self.platform.shown()
        return [shown[each.id] for each in self.platform.posted if each.target.channel == channel]


class Curators:
    """What curators' cards ask of reports."""

    def __init__(self, transactions: InlineTransactions) -> None:
        self._transactions = transactions

    async def curator_channel(self, place: Target) -> CuratorChannel | None:
        return await self._transactions.read(reports.find_channel, place)

    async def untold_reports(self, *_: object) -> tuple[()]:
        return ()


Play = Callable[[Callable[[World], Any]], None]


@pytest.fixture
def play(database: Database) -> Play:
    """Return what plays a scene, from Sunday noon, in virtual time."""

    def act(scene: Callable[[World], Any]) -> None:
        async def begin() -> None:
            platform = ShowingPlatform()
            world = World(transactions, VirtualClock(SUNDAY), platform)
            await scene(world)

        with transactions_of(database) as transactions:
            run_virtually(begin())

    return act


def test_an_approved_week_is_posted_at_its_slot_once(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.begin()
        await world.passes_until(SUNDAY + HOURS)
        (shown,) = world.posted("curators")
        assert shown.startswith("2023-W41 of DAIR.AI waits for approval")
        assert "due on Mon, Oct 16, 2023" in shown
        assert "Ring Attention" in shown, "as members will see it"
        await world.archive.curate(CorrectText(samples.RING.key, "title", "en", "Put right"), ADA)
        await world.passes_until(SUNDAY + 2 * HOURS)
        assert "Put right" in world.posted("curators")[0]
        await world.decide(APPROVE)
        await world.passes_until(SLOT - HOURS)
        assert world.posted("papers") == []
        assert world.posted("curators")[0].startswith("2023-W41 of DAIR.AI is approved")
        await world.passes_until(SLOT + 5 * HOURS)
        (posted,) = world.posted("papers")
        assert "not reviewed" not in posted
        assert len(world.posted("curators")) == 1, "no reminder of what is decided"
        with pytest.raises(CurationRefused):
            await world.decide(APPROVE)

    play(scene)


def test_a_held_week_is_posted_late_as_the_patience_says(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.subscribe("patient", patience=36 * HOURS)
        await world.subscribe("brief", patience=2 * HOURS, says_absence=True)
        await world.curators()
        await world.archive.save([samples.issue()])
        await world.passes_until(SUNDAY + HOURS)
        await world.decide(HOLD)
        await world.passes_until(SLOT + 3 * HOURS)
        assert world.posted("patient") == []
        (absence,) = world.posted("brief")
        assert "DAIR.AI of 2023-W41 is still being looked through" in absence
        await world.decide(APPROVE)
        await world.passes_until(SLOT + 4 * HOURS)
        assert len(world.posted("patient")) == 1
        assert len(world.posted("brief")) == 1
        await asyncio.sleep(timedelta(days=6, hours=20).total_seconds())
        await world.passes_until(SLOT + timedelta(days=7, hours=1))
        assert "Ring Attention" in world.posted("brief")[1], "the next slot brings it"
        assert len(world.posted("patient")) == 1

    play(scene)


@pytest.mark.parametrize("fallback", ReviewFallback)
def test_where_no_curator_answers_the_setting_decides(
    play: Play, fallback: ReviewFallback
) -> None:
    async def scene(world: World) -> None:
        world.rules = replace(RULES, fallback=fallback)
        await world.subscribe(layout=Layout.THREADS)
        await world.curators()
        await world.archive.save([samples.issue()])
        await world.passes_until(SLOT - HOURS)
        preview, reminder = world.posted("curators")
        assert reminder.startswith("2023-W41 of DAIR.AI waits for approval")
        is_posted = fallback is ReviewFallback.POST
        assert ("it is posted all the same" in preview) == is_posted
        await world.passes_until(SLOT + HOURS)
        shown = world.posted("papers")
        assert bool(shown) == is_posted
        if is_posted:
            assert ["have not reviewed" in text for text in shown] == [True] + [False] * 6
            await world.decide(APPROVE)
            await world.passes_until(SLOT + 2 * HOURS)
            assert "have not reviewed" not in "".join(world.posted("papers"))
            assert len(world.posted("papers")) == len(shown)

    play(scene)


def test_a_week_that_comes_after_its_slot_leaves_curators_some_hours(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.subscribe()
        await world.curators()
        await world.passes_until(SLOT + HOURS)
        await world.archive.save([samples.issue()])
        await world.passes_until(SLOT + 4.8 * HOURS)
        assert world.posted("papers") == []
        assert len(world.posted("curators")) == 2, "and a reminder"
        await world.passes_until(SLOT + 5.2 * HOURS)
        assert "have not reviewed" in world.posted("papers")[0]

    play(scene)


def test_a_reminder_that_would_come_too_late_is_dropped_in_silence(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.begin()
        await world.passes_until(SUNDAY + HOURS)
        await asyncio.sleep((SLOT - 1.5 * HOURS - world.clock.now()).total_seconds())
        await world.planner().tick()  # the program ends before it is posted
        await asyncio.sleep(timedelta(hours=2).total_seconds())
        await world.passes_until(SLOT + HOURS)
        assert len(world.posted("curators")) == 1
        assert world.platform.told == []
        assert "have not reviewed" in world.posted("papers")[0]

    play(scene)


def test_approval_survives_an_end_before_the_post(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.begin()
        await world.passes_until(SLOT - HOURS)
        await world.decide(APPROVE)
        await asyncio.sleep(3600)
        world.platform.latency = 3.0
        for _ in range(4):
            async with world.running():
                await asyncio.sleep(2)
            await asyncio.sleep(60)
        await world.passes_until(SLOT + 2 * HOURS)
        assert len(world.posted("papers")) == 1

    play(scene)


def test_of_approval_and_hold_at_once_the_first_one_counts(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.begin()
        await world.passes_until(SUNDAY + HOURS)
        seen = ReviewState.PENDING
        results = await asyncio.gather(
            *(
                world.decide(replace(verdict, expected=seen))
                for verdict in (HOLD, APPROVE, HOLD, APPROVE)
            ),
            return_exceptions=True,
        )
        assert [isinstance(each, CurationRefused) for each in results] == [False, True, True, True]
        await world.passes_until(SLOT + HOURS)
        assert world.posted("papers") == []

    play(scene)


def test_what_is_held_when_it_was_just_enqueued_is_taken_back(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.subscribe("one")
        await world.subscribe("two")
        await world.curators()
        await world.archive.save([samples.issue()])
        await world.passes_until(SLOT - HOURS)
        await world.decide(APPROVE)
        await asyncio.sleep(3601)
        await world.planner().tick()
        (part, _) = await world.ledger.next_parts("fake", world.clock.now(), 5, None)
        await world.ledger.acquire_or_renew("fake", "other", None, world.clock.now())
        await world.ledger.claim("other", [(part, 1)], world.clock.now())
        assert await world.decide(HOLD) == 1, "one is on its way"
        await world.ledger.release("fake", "other")
        await world.passes_until(SLOT + HOURS)
        assert [len(world.posted(name)) for name in ("one", "two")] == [1, 0]
        await world.decide(APPROVE)
        await world.passes_until(SLOT + 2 * HOURS)
        assert [len(world.posted(name)) for name in ("one", "two")] == [1, 1]

    play(scene)


def test_a_decision_that_is_recorded_after_a_hold_posts_nothing(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.begin()
        await world.passes_until(SLOT - HOURS)
        await world.decide(APPROVE)
        await asyncio.sleep(3601)

        async def hold_then_record(plans: tuple[SubscriptionPlan, ...], now: datetime) -> None:
            assert plans[0].outcomes[0].planned
            await world.decide(HOLD)
            await record(plans, now)

        record, world.ledger.record_plans = world.ledger.record_plans, hold_then_record  # type: ignore[assignment,method-assign]
        await world.planner().tick()
        world.ledger.record_plans = record  # type: ignore[method-assign]
        await world.passes_until(SLOT + HOURS)
        assert world.posted("papers") == []
        await world.decide(APPROVE)
        await world.passes_until(SLOT + 2 * HOURS)
        assert len(world.posted("papers")) == 1

    play(scene)


def test_each_workspace_decides_for_its_own_channels(play: Play) -> None:
    async def scene(world: World) -> None:
        for workspace in ("", "T2", "T3"):
            await world.subscribe(f"papers{workspace}", workspace=workspace)
        await world.curators()
        await world.archive.save([samples.issue()])
        await world.passes_until(SUNDAY + HOURS)
        await world.curators(Target("fake", "T2", "curators2"))
        await world.passes_until(SUNDAY + 2 * HOURS)
        assert len(world.posted("curators2")) == 1, "what waits is shown in a new channel"
        await world.decide(APPROVE)
        known = await world.reviews.reviews_of("dair", WEEK)
        states = [review_for(known, Target("fake", place, "")) for place in ("", "T2", "T3")]
        assert [each and each.state for each in states] == [
            ReviewState.APPROVED, ReviewState.PENDING, ReviewState.APPROVED,
        ]  # fmt: skip
        held = await world.reviews.decide_week("dair", WEEK, HOLD, ADA, world.clock.now())
        assert held.review.state is ReviewState.HELD
        await world.passes_until(SLOT + HOURS)
        assert not [name for name in ("papers", "papersT2", "papersT3") if world.posted(name)]

    play(scene)


def test_what_was_posted_or_is_old_needs_no_review(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.subscribe()
        world.rules = ReviewRules()
        await world.archive.save([samples.issue()])
        await world.passes_until(SLOT + HOURS)
        world.rules = RULES
        await world.curators()
        old = replace(
            samples.issue(), week=Week(2023, 35), start=date(2023, 8, 28), end=date(2023, 9, 3)
        )
        await world.archive.save([old])
        await world.passes_until(SLOT + 2 * HOURS)
        assert world.posted("curators") == []
        assert len(world.posted("papers")) == 1

    play(scene)
