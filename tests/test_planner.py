"""The planner: which weeks each slot delivers, whatever the order in which they come."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import update

from bot.digests import slots
from bot.digests.deliveries import plan_delivery
from bot.digests.planner import Planner
from bot.model.channels import Target
from bot.model.deliveries import PartState
from bot.model.subscriptions import Layout, Subscription
from bot.model.weeks import Week
from bot.ports.archive import Archive
from storage.archive.save import save_issues
from storage.database import Database
from storage.deliveries.ledger import SqlLedger
from storage.deliveries.queue import rename_week
from storage.schema.deliveries import parts, subscriptions
from tests import samples
from tests.fakes import FakeIssueArchive
from tests.virtual_time import InlineTransactions, VirtualClock, run, transactions_of

pytestmark = pytest.mark.slow

ON_BOTH_DATABASES = "long"
MONDAY = datetime(2026, 6, 15, 9, tzinfo=UTC)
"""The Monday of 2026-W25, at the hour of every slot: the issue of W24 is expected."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass
class Scene:
    """A ledger on a real file, an archive that fills, and a clock that is put forward."""

    transactions: InlineTransactions
    ledger: SqlLedger
    archive: FakeIssueArchive
    clock: VirtualClock

    async def subscribe(self, channel: str = "papers", **more: Any) -> Subscription:
        wanted = Subscription(Target("fake", "", channel), "dair", subscriber="admin", **more)
        return await self.ledger.subscribe(wanted, self.clock.now())

    def publish(self, *weeks: Week) -> None:
        for week in weeks:
            start = slots.monday_of(week)
            self.archive.publish(
                replace(samples.issue(), week=week, start=start, end=start + 6 * DAY)
            )

    async def add(self, *weeks: Week) -> None:
        """Save weeks in the archive of the ledger's own file, as an import does."""
        starts = [slots.monday_of(week) for week in weeks]
        issues = [samples.issue(start=start) for start in starts]
        await self.transactions.write(save_issues, issues, self.clock.now(), lambda *_: None)

    async def tick_until(self, moment: datetime) -> None:
        """Let the planner tick every hour until then, and everything be posted at once."""
        planner = Planner(cast("Archive", self.archive), self.ledger, self.clock)
        await self._tick(planner)
        while self.clock.now() < moment:
            self.clock.wall_offset += min(HOUR, moment - self.clock.now())
            await self._tick(planner)

    async def _tick(self, planner: Planner) -> None:
        await planner.tick()
        posted = update(parts).values(state=PartState.POSTED.value)
        await self.transactions.write(lambda connection: connection.execute(posted))

    async def overwrite(self, kept: Subscription, **values: object) -> None:
        """Write to a subscription's row what the program never would."""
        row = update(subscriptions).where(subscriptions.c.id == kept.id).values(values)
        await self.transactions.write(lambda connection: connection.execute(row))

    async def planned(self, kept: Subscription) -> list[str]:
        """Return the weeks that are delivered, in the order in which they were planned."""
        report = await self.ledger.subscription_report(kept.id, 99)
        return [
            str(each.delivery.week)
            for each in reversed(report.reports)
            if not each.delivery.skipped
        ]

    async def notices(self) -> list[str]:
        found = await self.ledger.pending_notices("fake", self.clock.now(), 99)
        return [each.notice.kind for each in found]


Story = Callable[[Scene], Any]


@pytest.fixture
def tell(database: Database) -> Iterator[Callable[[Story], None]]:
    """Yield what runs a story in virtual time."""
    with transactions_of(database) as transactions:

        def play(story: Story) -> None:
            async def begin() -> None:
                clock = VirtualClock(MONDAY - DAY)
                await story(
                    Scene(transactions, SqlLedger(transactions), FakeIssueArchive(), clock)
                )

            run(begin())

        yield play


def week(number: int) -> Week:
    return Week(2026, number)


def test_a_week_that_was_posted_with_a_wrong_year_holds_up_no_later_one(tell: Any) -> None:
    async def story(scene: Scene) -> None:
        kept = await scene.subscribe()
        scene.publish(week(24))
        await scene.tick_until(MONDAY)
        # As a program wrote it that believed every heading.
        future = replace(samples.issue(), week=Week(2027, 26))
        now = scene.clock.now()
        await scene.ledger.enqueue(plan_delivery(kept, future, now, now + DAY), now)
        scene.publish(week(25), week(26))
        await scene.tick_until(MONDAY + 14 * DAY)
        assert await scene.planned(kept) == ["2026-W24", "2027-W26", "2026-W25", "2026-W26"]
        assert await scene.notices() == []

    tell(story)


def test_a_week_from_the_future_is_not_posted_before_its_time(tell: Any) -> None:
    async def story(scene: Scene) -> None:
        kept = await scene.subscribe()
        scene.publish(week(24), Week(2027, 26), Week(2062, 1))
        await scene.tick_until(MONDAY + 7 * DAY)
        assert await scene.planned(kept) == ["2026-W24"]

    tell(story)


@pytest.mark.parametrize("days", [7.5, 9, 10, 13, 20])
def test_a_week_that_comes_after_a_newer_one_is_posted_at_the_next_slot(
    tell: Any, days: float
) -> None:
    async def story(scene: Scene) -> None:
        kept = await scene.subscribe()
        scene.publish(week(23))
        await scene.tick_until(MONDAY + 6 * DAY)  # 24 does not come
        scene.publish(week(25))
        await scene.tick_until(MONDAY + days * DAY)
        scene.publish(week(24))
        await scene.tick_until(MONDAY + 22 * DAY)
        assert sorted(await scene.planned(kept)) == ["2026-W23", "2026-W24", "2026-W25"]
        assert "late" not in await scene.notices()

    tell(story)


def test_an_old_week_that_is_added_to_the_archive_is_not_posted(tell: Any) -> None:
    async def story(scene: Scene) -> None:
        kept = await scene.subscribe()
        scene.publish(week(24))
        await scene.tick_until(MONDAY + DAY)
        scene.publish(week(10), week(22), week(23), week(25))
        await scene.tick_until(MONDAY + 8 * DAY)
        assert await scene.planned(kept) == ["2026-W24", "2026-W25"]
        assert await scene.notices() == []

    tell(story)


@pytest.mark.parametrize(("before", "after"), [(4, 0), (4, 1), (0, 4), (2, 0)])
def test_a_changed_day_posts_nothing_at_once_and_loses_nothing(
    tell: Any, before: int, after: int
) -> None:
    async def story(scene: Scene) -> None:
        scene.clock.wall_offset = -7 * DAY
        kept = await scene.subscribe(weekday=before)
        scene.publish(week(23))
        await scene.tick_until(MONDAY - HOUR)
        scene.publish(week(24))
        await scene.tick_until(MONDAY + 1.5 * DAY)
        posted = await scene.planned(kept)
        assert posted[0] == "2026-W23"
        await scene.subscribe(weekday=after)
        await scene.tick_until(scene.clock.now() + HOUR)
        assert await scene.planned(kept) == posted
        scene.publish(week(25))
        await scene.tick_until(MONDAY + 13 * DAY)
        assert await scene.planned(kept) == ["2026-W23", "2026-W24", "2026-W25"]
        assert await scene.notices() == []

    tell(story)


def test_a_digest_that_gets_its_first_day_begins_at_the_next_one(tell: Any) -> None:
    async def story(scene: Scene) -> None:
        kept = await scene.subscribe(weekday=None)
        scene.publish(week(24))
        await scene.tick_until(MONDAY + 4 * DAY)
        await scene.subscribe(weekday=0)
        await scene.tick_until(MONDAY + 5 * DAY)
        assert await scene.planned(kept) == []
        await scene.tick_until(MONDAY + 8 * DAY)
        assert await scene.planned(kept) == ["2026-W24"]
        assert await scene.notices() == []

    tell(story)


def test_a_subscription_that_cannot_be_read_stops_no_other(
    tell: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(scene: Scene) -> None:
        odd = [
            await scene.subscribe("no-zone", zone="Mars/Olympus_Mons"),
            await scene.subscribe("no-layout"),
            await scene.subscribe("no-tags"),
        ]
        kept = await scene.subscribe("papers")
        await scene.overwrite(odd[1], layout="spiral")
        await scene.overwrite(odd[2], tags=7)
        scene.publish(week(24))
        await scene.tick_until(MONDAY + 2 * HOUR)
        assert await scene.planned(kept) == ["2026-W24"]
        assert await scene.planned(odd[0]) == []
        found = [each.target.channel for each in await scene.ledger.subscriptions()]
        assert found == ["no-zone", "papers"]
        assert slots.next_slot(odd[0], scene.clock.now()) is None
        assert "Mars/Olympus_Mons" in slots.zone_problem(odd[0])

    tell(story)
    said = [record.getMessage() for record in caplog.records]
    assert said.count("Failed to plan subscription") == 1
    assert "Unreadable subscription" in said


def test_a_week_that_was_posted_under_the_name_of_the_next_leaves_that_name_free(
    tell: Any,
) -> None:
    async def story(scene: Scene) -> None:
        kept = await scene.subscribe(layout=Layout.THREADS)
        scene.publish(week(25))  # by mistake: it is the issue of W24
        await scene.tick_until(MONDAY)
        assert await scene.planned(kept) == ["2026-W25"]
        await scene.transactions.write(rename_week, "dair", week(25), week(24))
        del scene.archive.kept["dair", week(25)]
        scene.publish(week(24))
        await scene.tick_until(MONDAY + 2 * DAY)
        scene.publish(week(25))
        await scene.tick_until(MONDAY + 7 * DAY)
        assert await scene.planned(kept) == ["2026-W24", "2026-W25"]
        report = await scene.ledger.subscription_report(kept.id, 99)
        assert len(report.reports[0].parts) == len(report.reports[1].parts) > 1

    tell(story)


@pytest.mark.sqlite
@pytest.mark.parametrize("days", [23, 40, 90])
def test_a_week_that_comes_many_weeks_late_is_told_with_a_way_to_post_it(
    tell: Any, days: float
) -> None:
    async def story(scene: Scene) -> None:
        kept = await scene.subscribe()
        other = Subscription(Target("fake", "", "away"), "other")
        away = await scene.ledger.subscribe(other, scene.clock.now())
        scene.publish(week(23))
        await scene.tick_until(MONDAY + 6 * DAY)  # 24 does not come
        scene.publish(week(25), week(26))
        await scene.tick_until(MONDAY + days * DAY)
        posted = await scene.planned(kept)
        await scene.add(week(24), week(10), Week(2023, 41))
        await scene.add(week(24))
        scene.publish(week(24))
        await scene.tick_until(MONDAY + (days + 9) * DAY)
        assert await scene.planned(kept) == posted == ["2026-W23", "2026-W25", "2026-W26"]
        assert await scene.planned(away) == []
        pending = await scene.ledger.pending_notices("fake", scene.clock.now(), 99)
        assert [(each.notice.kind, each.notice.facts) for each in pending] == [
            ("late_week", {"week": "2026-W24"})
        ]
        issue = replace(samples.issue(), week=week(24))
        now = scene.clock.now()
        assert await scene.ledger.enqueue(plan_delivery(kept, issue, now, now + DAY), now)
        assert "2026-W24" in await scene.planned(kept)

    tell(story)


@pytest.mark.sqlite
def test_many_weeks_that_come_many_weeks_late_are_told_at_once(tell: Any) -> None:
    async def story(scene: Scene) -> None:
        await scene.subscribe()
        scene.publish(week(23))
        await scene.tick_until(MONDAY + 36 * DAY)
        scene.publish(week(29))
        await scene.tick_until(MONDAY + 70 * DAY)
        await scene.add(*(week(number) for number in range(20, 29)))
        pending = await scene.ledger.pending_notices("fake", scene.clock.now(), 99)
        facts = {"number": "5", "first": "2026-W24", "last": "2026-W28"}
        assert [(each.notice.kind, each.notice.facts) for each in pending] == [
            ("late_many", facts)
        ]

    tell(story)


class _Progress:
    """Weeks that are still to be translated, by series and languages."""

    def __init__(self, *weeks: Week) -> None:
        self.weeks = frozenset(weeks)
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    async def awaited_weeks(self, series: str, languages: tuple[str, ...]) -> frozenset[Week]:
        self.asked.append((series, languages))
        return self.weeks if "ko" in languages else frozenset()


def test_the_planner_waits_for_each_subscription_in_its_own_languages(tell: Any) -> None:
    async def story(scene: Scene) -> None:
        both = await scene.subscribe("both", language="both")
        korean = await scene.subscribe("korean", language="ko")
        english = await scene.subscribe("english", language="en")
        scene.publish(week(24))
        progress = _Progress(week(24))
        planner = Planner(cast("Archive", scene.archive), scene.ledger, scene.clock, progress)

        async def planned() -> list[list[str]]:
            await planner.tick()
            return [await scene.planned(each) for each in (both, korean, english)]

        assert await planned() == [[], [], []]
        scene.clock.wall_offset += MONDAY - scene.clock.now()
        assert await planned() == [[], [], ["2026-W24"]]
        # Each is asked for once in a tick, however many subscriptions there are.
        assert sorted(progress.asked) == [
            ("dair", ("en",)), ("dair", ("ko",)), ("dair", ("ko", "en")),
        ]  # fmt: skip
        scene.clock.wall_offset += HOUR
        progress.weeks = frozenset()
        assert await planned() == [["2026-W24"]] * 3

    tell(story)
