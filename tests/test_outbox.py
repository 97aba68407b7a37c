"""The outbox: each part once and in order, whatever the platform and the database do."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest

from bot.delivery.composer import Composer
from bot.delivery.outbox import Outbox
from bot.delivery.recorder import DeliveryTiming
from bot.digests.deliveries import plan_delivery
from bot.lib.backoff import Backoff, BackoffPolicy
from bot.lib.rate_limit import RateLimit
from bot.model.card import Card
from bot.model.channels import MessageRef, Target
from bot.model.deliveries import PartState, Purpose
from bot.model.subscriptions import Layout, Subscription
from bot.model.weeks import Week
from bot.ports.archive import Archive
from bot.ports.changes import Change, ChangeFeed
from bot.ports.errors import RefusalScope, Refused, TargetDeleted, TryLater, Unknown
from bot.ports.platform import NativeMessage, OutgoingMessage
from config import catalogues
from storage.database import Database
from storage.deliveries.stamp import LedgerStamp
from storage.restore import restore
from storage.sqlite import SqliteDatabase
from tests import samples
from tests.fakes import FakeChangeFeed, FakeIssueArchive, FakePlatform, FaultyLedger
from tests.virtual_time import InlineTransactions, VirtualClock, run, transactions_of

pytestmark = pytest.mark.slow

ON_BOTH_DATABASES = "long"
NOON = datetime(2023, 10, 16, 12, tzinfo=UTC)
TIMING = DeliveryTiming(
    lease=timedelta(seconds=30),
    settle_time=timedelta(seconds=5),
    poll_interval=timedelta(seconds=1),
    initial_backoff=timedelta(seconds=2),
    max_backoff=timedelta(minutes=5),
    give_up_after=timedelta(hours=24),
)
ISSUE = samples.issue()
FAR = NOON + timedelta(days=30)


@dataclass
class World:
    """A ledger on a real file, a clock that jumps, and one platform."""

    ledger: FaultyLedger
    clock: VirtualClock
    platform: FakePlatform
    issues: FakeIssueArchive
    transactions: InlineTransactions
    timing: DeliveryTiming = TIMING

    async def subscribed(self, channel: str = "papers", **more: Any) -> Subscription:
        wishes = {"language": "en", "subscriber": "admin", **more}
        wanted = Subscription(Target("fake", "", channel), "dair", **wishes)
        return await self.ledger.subscribe(wanted, self.clock.now())

    async def owes(self, channel: str = "papers", **more: Any) -> Subscription:
        """Subscribe a channel, and owe it the sample issue."""
        kept = await self.subscribed(channel, **more)
        now = self.clock.now()
        await self.ledger.enqueue(plan_delivery(kept, ISSUE, now, now + kept.grace), now)
        return kept

    def outbox(self, changes: ChangeFeed | None = None) -> Outbox:
        archive = cast("Archive", self.issues)
        contents = Composer(archive, catalogues.load())
        return Outbox(
            self.platform, self.ledger, contents, self.timing, self.clock, changes=changes
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(self.outbox().run(stop))
        try:
            yield
        finally:
            stop.set()
            await task

    async def deliver_all(self, seconds: float = 120) -> None:
        """Let an outbox run for so long."""
        async with self.running():
            await asyncio.sleep(seconds)

    async def states(self, kept: Subscription) -> list[str]:
        account = await self.ledger.subscription_report(kept.id, 10)
        return [part.state.value for report in account.reports for part in report.parts]

    async def errors(self, kept: Subscription) -> list[str]:
        account = await self.ledger.subscription_report(kept.id, 10)
        return [part.error for report in account.reports for part in report.parts]

    def back_up(self) -> Path:
        """Copy the database as `paperboy backup` does."""
        copy = self.transactions.path.with_name("copy.sqlite3")
        SqliteDatabase(self.transactions.path).copy_to(copy)
        return copy

    def put_back(self, copy: Path, *, by_hand: bool) -> None:
        """Restore a copy, with the command or with a file manager."""
        path = self.transactions.path
        self.transactions.close()
        if by_hand:
            for each in path.parent.glob(f"{path.name}-*"):
                each.unlink()
            path.write_bytes(copy.read_bytes())
        else:
            for each in path.parent.glob(f"{path.name}.*.beat"):
                each.unlink()
            restore(self.transactions.database, copy)


Story = Callable[[World], Any]


@pytest.fixture
def tell(database: Database) -> Iterator[Callable[[Story], None]]:
    """Yield what runs a story in virtual time."""
    stamp = LedgerStamp(database.file) if database.file else None
    with transactions_of(database) as transactions:

        def play(story: Story) -> None:
            async def begin() -> None:
                world = World(
                    FaultyLedger(transactions, stamp),
                    VirtualClock(NOON),
                    FakePlatform(),
                    FakeIssueArchive([ISSUE]),
                    transactions,
                )
                await story(world)

            run(begin())

        yield play


def failing(times: int, error: Callable[[], Exception], *, takes: bool = False) -> Any:
    """Return a fault that strikes the first posts."""
    left = [times]

    def strike(platform: FakePlatform, target: Target, outgoing: OutgoingMessage) -> None:
        if left[0] > 0:
            left[0] -= 1
            if takes:
                platform.take(target, outgoing)
            raise error()

    return strike


def test_an_overview_is_one_message(tell: Any) -> None:
    async def story(world: World) -> None:
        kept = await world.owes()
        await world.deliver_all()
        (posted,) = world.platform.posted
        assert posted.title.startswith("ML papers of the week: Oct 9")
        assert await world.states(kept) == ["posted"]

    tell(story)


def test_threads_come_in_order_each_text_under_its_paper(tell: Any) -> None:
    async def story(world: World) -> None:
        await world.owes(layout=Layout.THREADS)
        await world.deliver_all()
        threads = [each.outgoing.thread for each in world.platform.posted]
        assert threads == ["", "", "thread-2", "", "thread-4", "", "thread-6"]

    tell(story)


def test_a_card_that_fills_several_messages_goes_out_whole_and_in_order(tell: Any) -> None:
    async def story(world: World) -> None:
        world.platform.chunks = 3
        await world.owes(layout=Layout.THREADS)
        await world.deliver_all()
        chunks = [each.outgoing.payload["chunk"] for each in world.platform.posted]
        assert chunks == [0, 1, 2] * 7
        assert not world.platform.duplicates()
        follows = [each.outgoing.thread for each in world.platform.posted[3:9]]
        assert follows == ["", *["thread-4"] * 5]

    tell(story)


def test_only_the_first_message_of_a_digest_calls_anybody(tell: Any) -> None:
    async def story(world: World) -> None:
        await world.owes(layout=Layout.THREADS, mention="role-1")
        await world.deliver_all()
        mentions = [each.outgoing.mention for each in world.platform.posted]
        assert mentions == ["role-1", *[""] * 6]

    tell(story)


def test_what_the_platform_puts_off_is_posted_when_it_says(tell: Any) -> None:
    async def story(world: World) -> None:
        await world.owes()
        world.platform.fault = failing(1, lambda: TryLater(timedelta(seconds=280)))
        await world.deliver_all(400)
        (posted,) = world.platform.posted
        assert 280 <= posted.at <= 285
        assert world.platform.attempts == 2

    tell(story)


@pytest.mark.sqlite
def test_while_changes_are_told_the_ledger_is_rarely_asked(tell: Any) -> None:
    async def story(world: World) -> None:
        changes = FakeChangeFeed()
        outbox, stop = world.outbox(changes), asyncio.Event()
        running = asyncio.create_task(outbox.run(stop))
        await asyncio.sleep(3600)
        assert world.ledger.polls <= 3600 / 15 + 5

        await world.owes("a")
        told_at = asyncio.get_running_loop().time()
        outbox.note(Change.OUTBOX)
        await asyncio.sleep(10)
        assert world.platform.posted[0].at - told_at < 1

        # A failure is retried when it is due, and told by the database as well.
        world.platform.fault = failing(1, lambda: TryLater(timedelta(seconds=40)))
        await world.owes("b")
        outbox.note(Change.OUTBOX)
        await asyncio.sleep(1)
        outbox.note(Change.OUTBOX)
        await asyncio.sleep(60)
        assert 50 <= world.platform.posted[1].at - told_at < 53

        changes.is_live = False
        await world.owes("c")
        owed_at = asyncio.get_running_loop().time()
        await asyncio.sleep(10)
        assert world.platform.posted[2].at - owed_at < 2
        stop.set()
        await running

    tell(story)


def test_a_limit_over_all_channels_holds_every_channel(tell: Any) -> None:
    async def story(world: World) -> None:
        for channel in ("a", "b", "c"):
            await world.owes(channel)
        world.platform.fault = failing(1, lambda: TryLater(timedelta(seconds=60), everywhere=True))
        await world.deliver_all(100)
        late = [each.at for each in world.platform.posted if each.at > 1]
        assert len(world.platform.posted) == 3
        assert all(at >= 60 for at in late)
        assert late

    tell(story)


@pytest.mark.sqlite
def test_failures_are_retried_less_and_less_often(tell: Any) -> None:
    async def story(world: World) -> None:
        world.timing = replace(TIMING, poll_interval=timedelta(seconds=5))
        await world.owes()
        world.platform.fault = failing(1000, lambda: TryLater(None))
        await world.deliver_all(3600)
        # Steps of 2, 4 … 300 s and then 300 s each, between half and the whole of them.
        assert 15 <= world.platform.attempts <= 40

    tell(story)


def test_a_lost_answer_is_looked_for_and_not_repeated(tell: Any) -> None:
    async def story(world: World) -> None:
        kept = await world.owes()
        world.platform.fault = failing(1, lambda: Unknown("lost"), takes=True)
        await world.deliver_all()
        assert len(world.platform.posted) == 1
        assert world.platform.asked == [world.platform.posted[0].key]
        assert await world.states(kept) == ["posted"]

    tell(story)


def test_a_lost_request_is_looked_for_and_then_repeated(tell: Any) -> None:
    async def story(world: World) -> None:
        kept = await world.owes()
        world.platform.fault = failing(2, lambda: Unknown("lost"))
        await world.deliver_all()
        assert len(world.platform.posted) == 1
        assert len(world.platform.asked) == 2
        assert await world.states(kept) == ["posted"]

    tell(story)


def test_nothing_is_asked_before_the_request_can_no_longer_land(tell: Any) -> None:
    async def story(world: World) -> None:
        await world.owes()

        def late(platform: FakePlatform, target: Target, outgoing: OutgoingMessage) -> None:
            # It lands at the last moment that is permitted.
            asyncio.get_running_loop().call_later(14.9, platform.take, target, outgoing)
            platform.fault = None
            raise Unknown("slow")

        world.platform.fault = late
        await world.deliver_all()
        assert len(world.platform.posted) == 1

    tell(story)


def test_where_nobody_can_tell_it_is_not_repeated_but_labelled(tell: Any) -> None:
    async def story(world: World) -> None:
        kept = await world.owes(layout=Layout.THREADS)
        world.platform.can_tell = False
        world.platform.fault = failing(1, lambda: Unknown("lost"), takes=True)
        await world.deliver_all()
        assert (await world.states(kept))[:2] == ["failed", "posted"]
        account = await world.ledger.subscription_report(kept.id, 1)
        assert account.reports[0].parts[0].is_unconfirmed
        assert not world.platform.duplicates()
        assert "Nobody can tell" in str(world.platform.told[0][1].blocks)

    tell(story)


@pytest.mark.sqlite
def test_a_platform_that_cannot_be_asked_for_long_leaves_it_to_a_person(tell: Any) -> None:
    async def story(world: World) -> None:
        world.timing = replace(
            TIMING, give_up_after=timedelta(minutes=30), poll_interval=timedelta(seconds=20)
        )
        kept = await world.owes()
        world.platform.fault = failing(1, lambda: Unknown("lost"))

        def fails(key: str) -> None:
            raise TryLater(None, "down")

        world.platform.find_fault = fails
        await world.deliver_all(3600)
        assert await world.states(kept) == ["failed"]
        assert world.platform.attempts == 1

    tell(story)


def test_a_bad_part_lets_the_rest_go_on_and_is_told(tell: Any) -> None:
    async def story(world: World) -> None:
        kept = await world.owes(layout=Layout.THREADS)

        def refuse(platform: FakePlatform, target: Target, outgoing: OutgoingMessage) -> None:
            if outgoing.title.startswith("2. "):
                raise Refused("too odd.", RefusalScope.PART)

        world.platform.fault = refuse
        await world.deliver_all()
        states = await world.states(kept)
        assert states == ["posted"] * 3 + ["failed"] * 2 + ["posted"] * 2
        assert [person for person, _ in world.platform.told] == ["admin", "admin"]

    tell(story)


def test_a_poisoned_part_is_given_up_at_last_and_the_rest_goes_on(tell: Any) -> None:
    async def story(world: World) -> None:
        world.timing = replace(
            TIMING, give_up_after=timedelta(minutes=30), poll_interval=timedelta(seconds=20)
        )
        kept = await world.owes(layout=Layout.THREADS)

        def poison(platform: FakePlatform, target: Target, outgoing: OutgoingMessage) -> None:
            if outgoing.title.startswith("3. ") and not outgoing.thread:
                raise TryLater(None, "500")

        world.platform.fault = poison
        await world.deliver_all(3600)
        states = await world.states(kept)
        assert states == ["posted"] * 5 + ["failed"] * 2
        assert (await world.errors(kept))[5] == "500"

    tell(story)


def test_a_part_that_cannot_be_worded_stops_no_other_channel(
    tell: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(world: World) -> None:
        render = world.platform.render

        def fail(card: Card) -> Sequence[NativeMessage]:
            if card.title.startswith("ML papers"):
                raise ValueError("it has no such letters")
            return render(card)

        world.platform.render = fail  # type: ignore[method-assign]
        await world.owes("good", language="ko")
        bad = await world.owes("bad", language="en")
        await world.deliver_all()
        assert [each.target.channel for each in world.platform.posted] == ["good"]
        assert await world.states(bad) == ["owed"]
        assert "cannot be composed" in (await world.errors(bad))[0]

    tell(story)


@pytest.mark.sqlite
def test_a_channel_that_is_gone_pauses_its_digest_and_tells_who_subscribed(tell: Any) -> None:
    async def story(world: World) -> None:
        kept = await world.owes(layout=Layout.THREADS)
        await world.owes("other")

        def gone(platform: FakePlatform, target: Target, outgoing: OutgoingMessage) -> None:
            if target.channel == "papers":
                raise Refused("the channel is gone.", RefusalScope.CHANNEL)

        world.platform.fault = gone
        await world.deliver_all(600)
        assert world.platform.attempts == 2
        (found,) = await world.ledger.subscriptions(kept.target)
        assert (found.is_paused, found.pause_reason) == (True, "the channel is gone.")
        assert [person for person, _ in world.platform.told] == ["admin"]
        world.platform.fault = None
        await world.ledger.set_paused(kept.id, world.clock.now(), paused=False)
        await world.deliver_all(600)
        assert len(world.platform.in_channel("papers")) == 7

    tell(story)


def test_failures_are_told_in_the_admin_channel_where_one_is_set(tell: Any) -> None:
    async def story(world: World) -> None:
        await world.owes(admin_channel="ops")

        def gone(platform: FakePlatform, target: Target, outgoing: OutgoingMessage) -> None:
            if target.channel == "papers":
                raise Refused("the channel is gone.", RefusalScope.CHANNEL)

        world.platform.fault = gone
        await world.deliver_all(60)
        assert [each.title for each in world.platform.in_channel("ops")] == [
            "About the digest in papers"
        ]
        assert not world.platform.told

    tell(story)


def test_a_refused_account_stops_the_platform_and_is_kept(
    tell: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(world: World) -> None:
        kept = await world.owes()
        await world.owes("other")

        def refuse(platform: FakePlatform, target: Target, outgoing: OutgoingMessage) -> None:
            raise Refused("the token is wrong.", RefusalScope.ACCOUNT)

        world.platform.fault = refuse
        refused = await world.outbox().run(asyncio.Event())
        assert refused is not None
        assert refused.reason == "the token is wrong."
        assert world.platform.attempts <= 2
        (tally,) = await world.ledger.platform_stats(world.clock.now())
        assert tally.halted == "the token is wrong."
        assert await world.states(kept) == ["owed"]
        world.platform.fault = None
        await world.deliver_all(60)
        (tally,) = await world.ledger.platform_stats(world.clock.now())
        assert tally.halted == ""
        assert (tally.posted, tally.owed) == (2, 0)

    tell(story)


def test_a_busy_channel_holds_up_no_other(tell: Any) -> None:
    async def story(world: World) -> None:
        await world.owes("slow", layout=Layout.THREADS)
        for number in range(30):
            await world.owes(f"quick-{number}")

        def slow(platform: FakePlatform, target: Target, outgoing: OutgoingMessage) -> None:
            if target.channel == "slow":
                raise TryLater(timedelta(hours=1))

        world.platform.fault = slow
        await world.deliver_all(10)
        assert len(world.platform.posted) == 30

    tell(story)


@pytest.mark.sqlite
@pytest.mark.long
def test_dead_channels_never_fill_the_outbox(tell: Any) -> None:
    async def story(world: World) -> None:
        for number in range(250):
            await world.owes(f"dead-{number}")
        await world.owes("alive")

        def dead(platform: FakePlatform, target: Target, outgoing: OutgoingMessage) -> None:
            if target.channel != "alive":
                raise Unknown("nothing")

        world.platform.fault = dead
        await world.deliver_all(120)
        assert len(world.platform.in_channel("alive")) == 1

    tell(story)


def test_the_pace_is_kept(tell: Any) -> None:
    async def story(world: World) -> None:
        world.platform.rate_limit = RateLimit(10, timedelta(seconds=3))
        for number in range(40):
            await world.owes(f"c{number}", layout=Layout.THREADS)
        await world.deliver_all(60)
        times = [each.at for each in world.platform.posted]
        assert len(times) == 280
        spans = [late - early for early, late in zip(times, times[10:], strict=False)]
        assert min(spans) >= 1
        for number in range(40):
            own = [each.at for each in world.platform.in_channel(f"c{number}")]
            assert all(late - early >= 3 for early, late in pairwise(own))

    tell(story)


def test_a_graceful_stop_finishes_what_is_in_hand_and_leaves_the_rest(tell: Any) -> None:
    async def story(world: World) -> None:
        kept = [await world.owes(f"c{number}") for number in range(20)]
        world.platform.latency = 3
        await world.deliver_all(0.3)
        states = [state for each in kept for state in await world.states(each)]
        assert "sending" not in states
        assert states.count("posted") == len(world.platform.posted) > 0
        assert states.count("owed") > 0
        before = world.clock.monotonic()
        await world.deliver_all(10)
        assert world.clock.monotonic() - before < 20
        assert len(world.platform.posted) == 20
        assert not world.platform.duplicates()

    tell(story)


def test_another_program_takes_over_within_the_lease(tell: Any) -> None:
    async def story(world: World) -> None:
        await world.owes("first")
        first = asyncio.create_task(world.outbox().run(asyncio.Event()))
        await asyncio.sleep(5)
        second_stop = asyncio.Event()
        second = asyncio.create_task(world.outbox().run(second_stop))
        await asyncio.sleep(60)
        await world.owes("second")
        await asyncio.sleep(5)
        assert len(world.platform.posted) == 2
        first.cancel()  # as good as dead: it gives nothing back
        await asyncio.gather(first, return_exceptions=True)
        await world.owes("third")
        await asyncio.sleep(TIMING.lease.total_seconds())
        assert [each.target.channel for each in world.platform.posted] == [
            "first", "second", "third",
        ]  # fmt: skip
        second_stop.set()
        await second

    tell(story)


def test_a_bug_in_a_renewal_ends_no_renewals(tell: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def story(world: World) -> None:
        outbox, stop = world.outbox(), asyncio.Event()
        running = asyncio.create_task(outbox.run(stop))
        await asyncio.sleep(5)
        world.ledger.error = RuntimeError("a bug")
        world.ledger.fails[f"beat {outbox.owner}"] = 3
        await asyncio.sleep(60)
        await world.owes()
        await asyncio.sleep(60)
        assert len(world.platform.posted) == 1
        stop.set()
        await running

    tell(story)
    assert caplog.text.count("Unexpected error while renewing lease") == 3


class SlowThreads(FakePlatform):
    """A platform that opens a thread once it may."""

    def __init__(self, other: FakePlatform) -> None:
        super().__init__(posted=other.posted)
        self.may_open = asyncio.Event()

    async def open_thread(self, ref: MessageRef, title: str) -> MessageRef:
        await self.may_open.wait()
        return await super().open_thread(ref, title)


def test_a_claim_ends_with_its_lease_though_the_program_has_another_since(tell: Any) -> None:
    async def story(world: World) -> None:
        await world.owes(layout=Layout.THREADS)
        stop, slow = asyncio.Event(), SlowThreads(world.platform)
        first = replace(world, platform=slow).outbox()
        running = asyncio.create_task(first.run(stop))
        await asyncio.sleep(10)
        posted = len(slow.posted)
        world.ledger.fails[f"beat {first.owner}"] = 1000
        await world.deliver_all(200)  # by another program, which gives the lease back
        assert posted < len(world.platform.posted)
        world.ledger.fails.clear()
        await asyncio.sleep(60)
        slow.may_open.set()
        await asyncio.sleep(60)
        stop.set()
        await running
        assert not world.platform.duplicates()

    tell(story)


class FreezingPlatform(FakePlatform):
    """A platform whose program is frozen as it begins to send."""

    async def post(self, target: Target, outgoing: OutgoingMessage) -> MessageRef:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0 if self.attempts else self.timeout.total_seconds() + 60)
        self.attempts += 1
        assert outgoing.until is not None
        if loop.time() > outgoing.until:
            raise Unknown
        return self.take(target, outgoing)


def test_a_program_that_is_frozen_as_it_sends_sends_nothing_after_the_timeout(tell: Any) -> None:
    async def story(world: World) -> None:
        await world.owes()
        frozen = FreezingPlatform()
        await replace(world, platform=frozen).deliver_all(400)
        assert frozen.attempts > 1
        assert len(frozen.posted) == 1

    tell(story)


def test_what_a_dead_program_left_in_doubt_is_looked_for(tell: Any) -> None:
    async def story(world: World) -> None:
        lost, landed = await world.owes("lost"), await world.owes("landed")
        now = world.clock.now()
        await world.ledger.acquire_or_renew("fake", "dead", None, now)
        owed = await world.ledger.next_parts("fake", now, 10)
        await world.ledger.claim("dead", [(each, 1) for each in owed], now)
        world.platform.take(landed.target, OutgoingMessage({"title": ""}, owed[1].part.key))
        await world.deliver_all()
        assert len(world.platform.posted) == 2
        assert not world.platform.duplicates()
        assert await world.states(lost) == await world.states(landed) == ["posted"]

    tell(story)


def test_the_newest_overview_of_a_forum_is_pinned_whatever_fails_at_first(tell: Any) -> None:
    async def story(world: World) -> None:
        kept = await world.owes(layout=Layout.FORUM)
        left = [TryLater(None), Unknown()]

        def strike(message: str) -> None:
            if left:
                raise left.pop()

        world.platform.pin_fault = strike
        await world.deliver_all()
        assert world.platform.pinned == {world.platform.posted[-1].id}
        assert set(await world.states(kept)) == {"posted"}

    tell(story)


@pytest.mark.parametrize(
    "error", [Refused("no", RefusalScope.CHANNEL), TargetDeleted("no"), ValueError("a bug")]
)
def test_an_overview_that_cannot_be_pinned_is_posted_all_the_same(
    tell: Any, error: Exception
) -> None:
    async def story(world: World) -> None:
        kept = await world.owes(layout=Layout.FORUM)

        def strike(message: str) -> None:
            raise error

        world.platform.pin_fault = strike
        await world.deliver_all()
        assert set(await world.states(kept)) == {"posted"}
        assert not world.platform.duplicates()

    tell(story)


def test_a_channel_does_not_wait_for_a_pin_that_is_not_tried_again(tell: Any) -> None:
    async def story(world: World) -> None:
        kept = await world.owes(layout=Layout.FORUM)
        tried: list[datetime] = []

        def strike(message: str) -> None:
            tried.append(world.clock.now())
            raise TryLater(None)

        world.platform.pin_fault = strike
        await world.deliver_all()
        account = await world.ledger.subscription_report(kept.id, 10)
        (kept_at,) = {
            max(p.posted_at for p in each.parts if p.posted_at) for each in account.reports
        }
        assert len(tried) == 3
        assert kept_at - tried[-1] < world.timing.initial_backoff

    tell(story)


def test_a_program_that_dies_before_it_pins_pins_when_it_is_back(tell: Any) -> None:
    async def story(world: World) -> None:
        kept = await world.owes(layout=Layout.FORUM)

        class Died(BaseException):
            """The program is ended there."""

        def die(message: str) -> None:
            raise Died

        world.platform.pin_fault = die
        await world.deliver_all()
        assert not world.platform.pinned
        world.platform.pin_fault = None
        await world.deliver_all()
        assert world.platform.pinned == {world.platform.posted[-1].id}
        assert set(await world.states(kept)) == {"posted"}
        assert not world.platform.duplicates()

    tell(story)


def test_a_program_that_slept_through_its_lease_sends_nothing_any_more(tell: Any) -> None:
    async def story(world: World) -> None:
        await world.owes()
        outbox = world.outbox()
        stop = asyncio.Event()
        task = asyncio.create_task(outbox.run(stop))
        await asyncio.sleep(1)
        # Its beats do not arrive: for others it is dead, and it has to know by itself.
        world.ledger.fails[f"beat {outbox.owner}"] = 1000
        await asyncio.sleep(25)
        await world.owes("later")
        await asyncio.sleep(60)
        assert len(world.platform.posted) == 1
        stop.set()
        await task

    tell(story)


def test_a_full_disk_never_makes_it_post_twice(
    tell: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(world: World) -> None:
        kept = await world.owes(layout=Layout.THREADS)
        world.ledger.fails["mark_posted"] = 4
        await world.deliver_all(300)
        assert len(world.platform.posted) == 7
        assert await world.states(kept) == ["posted"] * 7

    tell(story)


def test_a_locked_database_is_waited_for(tell: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def story(world: World) -> None:
        await world.owes()
        world.ledger.fails["claim"] = 3
        await world.deliver_all()
        assert len(world.platform.posted) == 1

    tell(story)


def test_a_late_digest_waits_for_the_morning(tell: Any) -> None:
    async def story(world: World) -> None:
        kept = await world.subscribed(quiet_from=time(11), quiet_until=time(12, 20))
        due = NOON - timedelta(hours=5)
        planned = plan_delivery(kept, ISSUE, due, due + kept.grace)
        await world.ledger.enqueue(planned, due)
        world.timing = replace(TIMING, poll_interval=timedelta(seconds=5))
        await world.deliver_all(1500)
        (posted,) = world.platform.posted
        assert 1200 <= posted.at <= 1210

    tell(story)


def test_a_corrected_issue_is_posted_corrected(tell: Any) -> None:
    async def story(world: World) -> None:
        await world.owes(layout=Layout.THREADS)
        right = replace(samples.UNISIM, titles={"en": "UniSim, rightly spelt"})
        world.issues.publish(samples.issue((samples.RING, right, samples.FIREACT)))
        await world.deliver_all()
        titles = [each.title for each in world.platform.posted]
        assert "2. UniSim, rightly spelt" in titles

    tell(story)


def test_what_is_no_longer_there_is_not_said(tell: Any) -> None:
    async def story(world: World) -> None:
        kept = await world.owes(layout=Layout.THREADS)
        world.issues.publish(samples.issue((samples.RING,)))
        await world.deliver_all()
        assert len(world.platform.posted) == 3
        assert await world.states(kept) == ["posted"] * 3

    tell(story)


def test_an_ended_subscription_is_sent_nothing_more(tell: Any) -> None:
    async def story(world: World) -> None:
        kept = await world.owes()
        await world.ledger.unsubscribe(kept.id)
        await world.deliver_all()
        assert world.platform.attempts == 0

    tell(story)


def test_a_clock_that_jumped_ahead_and_back_delays_nothing(tell: Any) -> None:
    async def story(world: World) -> None:
        await world.owes()
        world.clock.wall_offset = timedelta(days=400)
        world.platform.fault = failing(1, lambda: TryLater(timedelta(seconds=30)))
        await world.deliver_all(10)
        world.clock.wall_offset = timedelta()
        await world.deliver_all(60)
        assert len(world.platform.posted) == 1

    tell(story)


def test_one_line_is_logged_for_each_part(tell: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def story(world: World) -> None:
        await world.owes(layout=Layout.THREADS)
        await world.deliver_all()

    tell(story)
    lines = [record for record in caplog.records if record.getMessage() == "Part posted"]
    assert len(lines) == 7
    assert {"platform", "channel", "week", "key", "attempt", "lag"} <= vars(lines[0])[
        "fields"
    ].keys()


def test_backoff_grows_to_its_ceiling_and_is_forgotten_after_a_success() -> None:
    backoff = Backoff(BackoffPolicy(timedelta(seconds=2), timedelta(minutes=5), jitter=0.5))
    waits = [backoff.next_delay("a").total_seconds() for _ in range(2000)]
    assert 1 <= waits[0] <= 2
    assert 150 <= waits[-1] <= 300
    assert backoff.next_delay("b").total_seconds() <= 2
    backoff.reset("a")
    assert backoff.next_delay("a").total_seconds() <= 2
    assert backoff.next_delay("a", minimum=timedelta(hours=1)) == timedelta(hours=1)


@pytest.mark.sqlite
def test_an_adapter_that_cannot_search_holds_no_channel_for_ever(
    tell: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(world: World) -> None:
        kept = await world.owes()
        world.platform.fault = failing(1, Unknown, takes=True)

        def crash(key: str) -> None:
            raise RecursionError("a hundred thousand brackets")

        world.platform.find_fault = crash
        await world.deliver_all(900)
        assert await world.states(kept) == ["failed"]
        later = await world.ledger.subscription_report(kept.id, 1)
        assert later.reports[0].parts[0].is_unconfirmed
        await world.ledger.enqueue(
            plan_delivery(kept, replace(ISSUE, week=Week(2023, 42)), world.clock.now(), FAR),
            world.clock.now(),
        )
        world.issues.publish(replace(ISSUE, week=Week(2023, 42)))
        await world.deliver_all(30)
        assert (await world.states(kept))[0] == "posted"

    tell(story)


def test_an_identifier_that_no_database_stores_frees_its_channel(tell: Any) -> None:
    async def story(world: World) -> None:
        kept = await world.owes(layout=Layout.THREADS)

        def odd(platform: FakePlatform, target: Target, outgoing: OutgoingMessage) -> None:
            world.platform.fault = None
            raise TryLater(None, "half a letter: \ud83d")

        world.platform.fault = odd
        world.platform.id_suffix = "\ud83d"
        await world.deliver_all()
        assert set(await world.states(kept)) == {"posted"}
        assert not world.platform.duplicates()

    tell(story)


def test_a_failed_part_can_be_asked_for_again(tell: Any) -> None:
    async def story(world: World) -> None:
        kept = await world.owes()
        world.platform.fault = failing(1, lambda: Refused("too odd.", RefusalScope.PART))
        await world.deliver_all(30)
        assert await world.states(kept) == ["failed"]
        now = world.clock.now()
        planned = plan_delivery(kept, ISSUE, now, now + kept.grace)
        assert await world.ledger.enqueue(planned, now)
        await world.deliver_all(30)
        assert await world.states(kept) == ["posted"]
        assert not await world.ledger.enqueue(planned, now)

    tell(story)


def test_what_was_not_begun_in_time_is_let_go_and_told(tell: Any) -> None:
    async def story(world: World) -> None:
        kept = await world.owes(grace=timedelta(hours=2))
        world.clock.wall_offset = timedelta(hours=3)
        assert await world.ledger.expire(world.clock.now()) == 1
        await world.deliver_all(30)
        assert world.platform.attempts == 0
        account = await world.ledger.subscription_report(kept.id, 1)
        assert account.reports[0].delivery.skipped == "late"
        assert account.reports[0].delivery.purpose is Purpose.ISSUE
        assert "2023-W41" in str(world.platform.told[0][1].blocks)

    tell(story)


@pytest.mark.sqlite
@pytest.mark.parametrize("by_hand", [False, True], ids=["restored", "copied by hand"])
@pytest.mark.parametrize("seconds", [0, 3, 30], ids=["all", "some", "none"])
def test_a_restored_backup_posts_nothing_again(tell: Any, by_hand: bool, seconds: float) -> None:  # noqa: FBT001
    async def story(world: World) -> None:
        kept = [await world.owes(channel, layout=Layout.THREADS) for channel in ("a", "b")]
        await world.deliver_all(seconds)
        copy = world.back_up()
        await world.deliver_all()
        assert len(world.platform.posted) == 14
        world.put_back(copy, by_hand=by_hand)
        await world.deliver_all()
        assert len(world.platform.posted) == 14
        for each in kept:
            assert await world.states(each) == ["posted"] * 7
        later = replace(ISSUE, week=Week(2023, 43))
        world.issues.publish(later)
        now = world.clock.now()
        await world.ledger.enqueue(plan_delivery(kept[0], later, now, FAR), now)
        await world.deliver_all()
        assert len(world.platform.posted) == 21
        assert not world.platform.duplicates()

    tell(story)


@pytest.mark.sqlite
def test_after_a_restore_what_cannot_be_looked_for_is_reported_and_not_posted(tell: Any) -> None:
    async def story(world: World) -> None:
        kept = await world.owes()
        copy = world.back_up()
        await world.deliver_all()
        world.platform.can_tell = False
        world.put_back(copy, by_hand=False)
        await world.deliver_all()
        assert len(world.platform.posted) == 1
        assert await world.states(kept) == ["failed"]
        assert "restored from a copy" in (await world.errors(kept))[0]
        assert [person for person, _ in world.platform.told] == ["admin"]

    tell(story)


@pytest.mark.parametrize("can_tell", [True, False])
def test_what_is_begun_long_after_its_time_is_looked_for_first(tell: Any, can_tell: bool) -> None:  # noqa: FBT001
    async def story(world: World) -> None:
        kept = await world.owes("posted by a lost ledger")
        fresh = await world.owes("not posted")
        parts = await world.ledger.next_parts("fake", world.clock.now(), 10)
        world.platform.take(kept.target, OutgoingMessage({"title": ""}, parts[0].part.key))
        world.platform.can_tell = can_tell
        world.clock.wall_offset = timedelta(hours=3)
        await world.deliver_all()
        assert await world.states(kept) == await world.states(fresh) == ["posted"]
        assert bool(world.platform.duplicates()) is not can_tell

    tell(story)


@pytest.mark.sqlite
def test_a_platform_that_is_busy_is_searched_again_before_the_first_attempt(tell: Any) -> None:
    async def story(world: World) -> None:
        kept = await world.owes()
        copy = world.back_up()
        await world.deliver_all()
        world.put_back(copy, by_hand=False)
        left = [TryLater(timedelta(seconds=20)), Unknown(), TryLater(None)]

        def busy(key: str) -> None:
            if left:
                raise left.pop()

        world.platform.find_fault = busy
        await world.deliver_all(300)
        assert len(world.platform.posted) == 1
        assert await world.states(kept) == ["posted"]

    tell(story)


def test_an_issue_is_rendered_once_for_all_channels_that_wish_the_same(tell: Any) -> None:
    async def story(world: World) -> None:
        for number in range(30):
            await world.owes(f"c{number}", language="ko" if number % 2 else "en")
        await world.deliver_all(3)
        assert len(world.platform.posted) == 30
        assert world.platform.rendered == 2

    tell(story)


def test_what_is_paused_after_it_was_queued_is_not_sent(tell: Any) -> None:
    async def story(world: World) -> None:
        first, second = await world.owes("c1"), await world.owes("c2")
        now = world.clock.now()
        owed = await world.ledger.next_parts("fake", now, 10)
        await world.ledger.acquire_or_renew("fake", "me", None, now)
        await world.ledger.set_paused(first.id, now, paused=True)
        claimed = await world.ledger.claim("me", [(each, 1) for each in owed], now)
        assert [each.subscription.id for each in claimed] == [second.id]
        assert (claimed[0].part.state, claimed[0].part.attempts) == (PartState.SENDING, 1)
        assert (await world.states(first), await world.states(second)) == (["owed"], ["sending"])

    tell(story)


def test_the_overview_of_each_forum_leads_to_its_own_posts(tell: Any) -> None:
    @dataclass
    class Linking(FakePlatform):
        def render(self, card: Card) -> Sequence[NativeMessage]:
            return [{"title": card.title, "text": str(card)}]

        def take(self, target: Target, outgoing: OutgoingMessage) -> MessageRef:
            ref = super().take(target, outgoing)
            return replace(ref, url=f"https://{target.channel}.example/{ref.id}")

    async def story(world: World) -> None:
        world.platform = Linking()
        for channel in ("c1", "c2"):
            await world.owes(channel, layout=Layout.FORUM)
        await world.deliver_all()
        last = {each.target.channel: each.outgoing.payload for each in world.platform.posted}
        for channel, other in (("c1", "c2"), ("c2", "c1")):
            assert f"https://{channel}.example/" in str(last[channel])
            assert f"https://{other}.example/" not in str(last[channel])

    tell(story)
