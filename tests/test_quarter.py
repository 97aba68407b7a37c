"""A quarter of weeks from the source to three channels in three zones: on time, late, odd or not.

DAIR.AI publishes on Monday at 15:05 UTC: that is Tuesday 00:05 in Seoul, where nothing is posted
before eight o'clock, and the middle of the day in Berlin and New York. What happens in each week
is told by `happenings`; what each channel has to get, and when, by `due`.
"""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from bot.delivery.composer import Composer
from bot.delivery.outbox import Outbox
from bot.digests.planner import Planner
from bot.model.channels import Target
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week
from bot.papers.tagging import Vocabulary
from bot.ports.archive import Archive
from bot.ports.errors import TryLater
from bot.sources.crawlers.pages import CrawlTools, Source
from bot.sources.poll_interval import PollInterval
from bot.sources.poller import Poller
from bot.sources.sync import Synchronizer
from config import catalogues, vocabulary
from storage.deliveries.ledger import SqlLedger
from storage.sources import SqlSourceStateStore
from tests import dair_lists
from tests.fakes import FakePlatform, FakeWeb
from tests.test_outbox import TIMING
from tests.virtual_time import (
    InlineArchive,
    InlineTransactions,
    VirtualClock,
    inline_transactions,
    run,
    run_inline,
)

pytestmark = pytest.mark.long

WEEK = timedelta(days=7)
FIRST = date(2026, 1, 5)
"""The Monday of the first week; it is published a week later."""
START = datetime(2026, 1, 11, 12, tzinfo=UTC)
END = datetime(2026, 4, 15, tzinfo=UTC)
ROOT = "https://list.example/main/README.md"
ZONES = ("Asia/Seoul", "Europe/Berlin", "America/New_York")
SOON = timedelta(minutes=30)
"""How long after its publication a week is there at the latest: the interval and its spread."""

LATE, MISSING, RENAMED, MISNAMED, DOWN = 3, 5, 6, 7, 9
"""The numbers of weeks with which something is odd."""

BUSY = TryLater(timedelta(minutes=40), "it answered 503.")


def monday(number: int) -> datetime:
    """Return when week number so-and-so (from 0) is published: Monday, 15:05 UTC."""
    return datetime.combine(FIRST + (number + 1) * WEEK, time(15, 5), UTC)


@dataclass
class Publisher:
    """Publishes a list as people do."""

    web: FakeWeb
    weeks: dict[date, str] = field(default_factory=dict)

    def put(self, number: int, text: str = "A fine paper.", heading: str = "") -> None:
        """Publish a week, or publish it again."""
        start = FIRST + number * WEEK
        self.weeks[start] = dair_lists.week(start, dair_lists.rows(start, text=text), heading)
        self._publish()

    def mistake(self, number: int) -> None:
        """Publish a week under the heading of the one before."""
        before, start = FIRST + (number - 1) * WEEK, FIRST + number * WEEK
        heading = self.weeks[before].splitlines()[0]
        self.weeks[start] = dair_lists.week(start, heading=heading)
        self._publish()

    def lose(self, count: int) -> None:
        """Publish a list that lacks its oldest weeks."""
        self._publish(sorted(self.weeks)[count:])

    def mend(self) -> None:
        """Publish the list as it is meant."""
        self._publish()

    def _publish(self, starts: list[date] | None = None) -> None:
        shown = sorted(starts or self.weeks, reverse=True)
        text = dair_lists.year(2026, [self.weeks[start] for start in shown])
        self.web.pages["https://list.example/main/years/2026.md"] = text.encode()
        self.web.pages[ROOT] = dair_lists.contents({2026: shown}).encode()


def happenings(publisher: Publisher) -> list[tuple[datetime, Callable[[], None]]]:
    """Return what happens at the source in a quarter, and when."""
    day, hour = timedelta(days=1), timedelta(hours=1)
    put, web = publisher.put, publisher.web
    plain = [(monday(n), partial(put, n)) for n in range(13) if n not in (LATE, MISSING, MISNAMED)]
    start = FIRST + RENAMED * WEEK
    days = dair_lists.format_days(start - day, start + 6 * day)
    odd: list[tuple[datetime, Callable[[], None]]] = [
        # Published twice, the second time with other texts.
        (monday(2) + 5 * hour, partial(put, 2, "It was reworded.")),
        # When every channel has given up waiting.
        (monday(LATE) + 2 * day, partial(put, LATE)),
        # Corrected after it was posted, and an older one with it.
        (monday(4) + 3 * day, partial(put, 1, "It was corrected.")),
        (monday(4) + 3 * day, partial(put, 4, "It was corrected.")),
        # Its days are renamed after it was posted.
        (
            monday(RENAMED) + 2 * day,
            partial(put, RENAMED, heading=f"## Top AI Papers of the Week ({days}) - 2026"),
        ),
        # Under the heading of the week before, which is mended after an hour.
        (monday(MISNAMED), partial(publisher.mistake, MISNAMED)),
        (monday(MISNAMED) + hour, partial(put, MISNAMED)),
        # The list lacks weeks for a day.
        (monday(8) + 2 * day, partial(publisher.lose, 3)),
        (monday(8) + 3 * day, publisher.mend),
        # The host is down when it comes.
        (monday(DOWN) - hour, partial(setattr, web, "fault", BUSY)),
        (monday(DOWN) + 2 * hour, partial(setattr, web, "fault", None)),
    ]
    return sorted([*plain, *odd], key=lambda pair: pair[0])


async def publish(publisher: Publisher, clock: VirtualClock) -> None:
    """Let it happen."""
    for at, happens in happenings(publisher):
        await asyncio.sleep((at - clock.now()).total_seconds())
        happens()


def due(number: int, zone: str) -> tuple[datetime, timedelta]:
    """Return from when on a week has to be in a channel, and how long that may take."""
    comes, takes = monday(number), SOON
    if number == LATE:  # it comes with the next slot, the next Monday at nine
        at = datetime.combine(comes.date() + WEEK, time(9), ZoneInfo(zone))
        return at.astimezone(UTC), SOON
    if number == MISNAMED:  # what stood under a wrong heading came under the right one, or at once
        takes += timedelta(hours=1)
    if number == DOWN:  # as soon as the host is back and the time that it wanted is over
        takes += timedelta(hours=3)
    wall = comes.astimezone(ZoneInfo(zone))
    if wall.time() < time(8):
        morning = datetime.combine(wall.date(), time(8), ZoneInfo(zone))
        return morning.astimezone(UTC), SOON
    return comes, takes


@dataclass
class Program:
    """What `paperboy run` does, in virtual time; it starts anew every few hours."""

    transactions: InlineTransactions
    clock: VirtualClock
    web: FakeWeb
    platform: FakePlatform

    def __post_init__(self) -> None:
        self.ledger = SqlLedger(self.transactions)
        self.register = SqlSourceStateStore(self.transactions.database, self.transactions)
        self.archive = cast("Archive", InlineArchive(self.transactions, self.clock))
        self.words = Vocabulary.of(vocabulary.load())
        self.said = catalogues.load()

    @asynccontextmanager
    async def rounds(self, woken: asyncio.Event) -> AsyncIterator[None]:
        """Go round the sources."""
        means = CrawlTools(self.web, "1", self.clock, run_inline)
        sync = Synchronizer(
            self.archive, self.register, self.words, means, PollInterval(), lambda: 0.9
        )
        source = Source("dair", "dair", "dair", url=ROOT)
        stop = asyncio.Event()
        rounds = Poller([source], sync, self.register, self.clock, woken.set)
        running = asyncio.create_task(rounds.run(stop))
        yield
        stop.set()
        await running

    async def live(self, until: datetime) -> None:
        """Look at what is due when new weeks came, and at other times now and then."""
        woken = asyncio.Event()
        async with self.rounds(woken):
            while self.clock.now() < until:
                await Planner(self.archive, self.ledger, self.clock).tick()
                await self.send_part()
                woken.clear()
                waiting = asyncio.ensure_future(woken.wait())
                await asyncio.wait({waiting}, timeout=timedelta(minutes=30).total_seconds())
                waiting.cancel()

    async def send_part(self) -> None:
        """Post what is owed by now."""
        contents = Composer(self.archive, self.said)
        while await self.ledger.next_parts("fake", self.clock.now(), 1):
            stop = asyncio.Event()
            outbox = Outbox(
                self.platform, self.ledger, contents,
                replace(TIMING, poll_interval=timedelta(seconds=5)), self.clock,
            )  # fmt: skip
            paying = asyncio.create_task(outbox.run(stop))
            await asyncio.sleep(10)
            stop.set()
            await paying


def test_a_quarter_of_weeks(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    posted, syncs, issues = run(_quarter(tmp_path))

    came = [number for number in range(13) if number != MISSING]
    weeks = [Week.of(FIRST + number * WEEK) for number in came]
    before = Week.of(FIRST - WEEK)
    for zone in ZONES:
        # The one that was there before is the first digest of each channel.
        assert [week for week, _ in posted[zone]] == [before, *weeks], zone
        for number, (week, at) in zip(came, posted[zone][1:], strict=True):
            begins, takes = due(number, zone)
            assert begins <= at <= begins + takes, (zone, week, at, begins)
    assert issues == [before, *weeks]
    # Two requests each time; what is unchanged is asked for conditionally.
    assert syncs < 13 * (54 * 3 + 114 / 6 + 10)
    assert caplog.text.count("Source raised alarm") == 3
    assert caplog.text.count("Alarm of source ended") == 1
    assert caplog.text.count("Source failed") == 1


async def _quarter(
    folder: Path,
) -> tuple[dict[str, list[tuple[Week, datetime]]], float, list[Week]]:
    """Return what each channel got and when, how often the source was asked, and what is kept."""
    with inline_transactions(folder / "archive.sqlite3") as transactions:
        clock, web, platform = VirtualClock(START), FakeWeb(), FakePlatform(latency=0.01)
        program, publisher = Program(transactions, clock, web, platform), Publisher(web)
        for zone in ZONES:
            wish = Subscription(Target("fake", "", zone), "dair", at=time(9), zone=zone)
            await program.ledger.subscribe(wish, START)
        publisher.put(-1)
        publishing = asyncio.create_task(publish(publisher, clock))
        while clock.now() < END:
            other = asyncio.Event()
            # A second program on the same database goes round as well.
            async with program.rounds(other):
                await program.live(clock.now() + timedelta(hours=31))
        await publishing
        assert not platform.duplicates()
        week_of = {
            part.key: report.delivery.week
            for subscription in await program.ledger.subscriptions()
            for report in (await program.ledger.subscription_report(subscription.id, 1000)).reports
            for part in report.parts
        }
        posted = {
            zone: [
                (week_of[each.key], START + timedelta(seconds=each.at))
                for each in platform.in_channel(zone)
            ]
            for zone in ZONES
        }
        kept = await program.archive.weeks(("dair",), 100)
        return posted, len(web.asked) / 2, sorted(issue.week for issue in kept)


def test_what_comes_after_two_months_floods_neither_the_channel_nor_whoever_subscribed(
    tmp_path: Path,
) -> None:
    posted, told = run(_drought(tmp_path))

    assert posted == [Week.of(FIRST + number * WEEK) for number in (-1, 4, 5, 6, 7, 8)]
    assert told == [("late_many", {"number": "4", "first": "2026-W02", "last": "2026-W05"})]


async def _drought(folder: Path) -> tuple[list[Week], list[tuple[str, object]]]:
    """Return what a channel got and what was told, when weeks come all at once, months late."""
    day = timedelta(days=1)
    with inline_transactions(folder / "archive.sqlite3") as transactions:
        clock, web, platform = VirtualClock(START), FakeWeb(), FakePlatform(latency=0.01)
        program, publisher = Program(transactions, clock, web, platform), Publisher(web)
        target = Target("fake", "", "c")
        await program.ledger.subscribe(Subscription(target, "dair", at=time(9)), START)
        publisher.put(-1)
        await program.live(clock.now() + day)
        web.fault = BUSY
        await program.live(monday(8))
        web.fault = None
        for number in range(9):
            publisher.put(number)
        await program.live(clock.now() + 8 * day)
        (subscription,) = await program.ledger.subscriptions()
        reports = (await program.ledger.subscription_report(subscription.id, 100)).reports
        with closing(sqlite3.connect(folder / "archive.sqlite3")) as connection:
            told = connection.execute("SELECT kind, facts FROM notices").fetchall()
    return (
        sorted(report.delivery.week for report in reports if report.parts),
        [(kind, json.loads(facts)) for kind, facts in told],
    )
