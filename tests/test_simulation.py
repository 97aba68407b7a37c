"""Three years of Mondays: 50 channels in 12 zones, late and missing weeks, outages, faults.

What has to be posted is said by a plain model of a reader's expectation, which knows nothing of
slots, ledgers or outboxes: it walks through the hours of each channel's own calendar.
"""

import asyncio
import random
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from bot.delivery.composer import Composer
from bot.delivery.outbox import Outbox
from bot.digests.planner import Planner
from bot.model.channels import Target
from bot.model.papers import Issue
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week
from bot.ports.archive import Archive
from bot.ports.errors import TryLater, Unknown
from config import catalogues
from storage.deliveries.ledger import SqlLedger
from tests import samples
from tests.fakes import FakeIssueArchive, FakePlatform
from tests.test_outbox import TIMING
from tests.virtual_time import VirtualClock, inline_transactions, run

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOURS = 1096 * 24
ZONES = (
    "Asia/Seoul", "UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe",
    "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham", "Asia/Beirut", "Africa/Cairo",
    "Pacific/Kiritimati", "America/Santiago",
)  # fmt: skip
GRACE = timedelta(days=3)
PATIENCE = timedelta(hours=36)
PUNCTUAL = timedelta(hours=1)
MINUTES = timedelta(minutes=5)


@dataclass(frozen=True)
class Channel:
    """A channel of the simulation."""

    name: str
    zone: str
    weekday: int
    at: time


def channels(chance: random.Random) -> list[Channel]:
    found = []
    for number in range(50):
        at = time(chance.choice([0, 2, 7, 9, 12, 18, 23]), chance.choice([0, 30]))
        weekday = 0 if number % 3 else chance.randrange(7)
        found.append(Channel(f"c{number:02}", ZONES[number % len(ZONES)], weekday, at))
    return found


def arrivals(chance: random.Random) -> dict[datetime, list[Issue]]:
    """Return which issues appear at which hour: most on Sunday, some late, twice or never."""
    found: dict[datetime, list[Issue]] = defaultdict(list)
    monday = date(2025, 12, 22)
    while datetime.combine(monday, time(), UTC) < START + HOURS * HOUR:
        issue = samples.issue(start=monday)
        sunday = datetime.combine(monday + timedelta(days=6), time(12), UTC)
        match chance.randrange(10):
            case 0:
                pass  # it never comes
            case 1:
                found[sunday + timedelta(hours=chance.randrange(12, 60))].append(issue)
            case 2:
                found[sunday + timedelta(days=chance.randrange(3, 9))].append(issue)
            case 3:
                found[sunday].append(issue)
                found[sunday + timedelta(days=2)].append(issue)
            case 4:
                found[sunday].append(issue)
                mended = samples.issue((samples.RING, samples.FIREACT), start=monday)
                found[sunday + timedelta(days=1)].append(mended)
            case _:
                found[sunday].append(issue)
        monday += timedelta(days=7)
    return found


def outages(chance: random.Random) -> set[int]:
    """Return the hours without a program: most of them, and at times days or weeks in a row."""
    found = {number for number in range(HOURS) if chance.random() < 0.8}
    for _ in range(15):
        begin, length = chance.randrange(24 * 21, HOURS), chance.randrange(24, 24 * 30)
        found.update(range(begin, min(begin + length, HOURS)))
    return found


def expected(  # noqa: C901 - told as a reader would tell it, in one go
    channel: Channel, published: dict[datetime, list[Issue]], down: set[int]
) -> list[Week]:
    """Return the weeks that a reader of a channel has to see, in order.

    Every hour that has a program: a slot that has just passed opens; while one is open, whatever
    is newer than what was seen comes, and what an earlier slot waited for in vain, unless it is
    night and late, or too late for the week it belonged to.
    """
    zone = ZoneInfo(channel.zone)
    known: list[Week] = []
    seen: list[Week] = []
    newest: Week | None = None
    done: set[Week] = set()
    slots = dict(_slots(channel, zone))
    is_open: dict[Week, datetime] = {}
    closed: dict[Week, str] = {}
    order = sorted(slots.items(), key=lambda pair: pair[1])
    passed = 0
    pending: list[tuple[Week, datetime]] = []
    coming = sorted(((at, some) for at, some in published.items() if at >= START), reverse=True)
    for number in sorted(set(range(HOURS)) - down):
        now = START + number * HOUR
        while coming and coming[-1][0] <= now:
            known += [i.week for i in coming.pop()[1] if i.week not in known]
        while passed < len(order) and order[passed][1] <= now:
            pending.append(order[passed])
            passed += 1
        wall = now.astimezone(zone).time()
        night = wall >= time(22) or wall < time(8)
        for week, at in list(pending):
            if night and now - at > PUNCTUAL:
                continue
            first_look = week not in is_open
            fresh = sorted(
                w
                for w in known
                if newest is None or (w not in done and (w > newest or _after(w) in is_open))
            )
            if newest is None:
                fresh = fresh[-1:]
            late = [w for w in fresh if newest and _is_late(w, slots, is_open, closed, now)]
            if first_look and now - at > GRACE:
                closed[week] = "missed"
                pending.remove((week, at))
                newest = max([*late, *filter(None, [newest])], default=None)
                done.update(late)
                continue
            if first_look:
                is_open[week] = at + PATIENCE
                if now - at > PUNCTUAL:
                    is_open[week] = max(at + PATIENCE, min(now + PATIENCE, at + GRACE))
            seen += [w for w in fresh if w not in late]
            newest = max([*fresh, *filter(None, [newest])], default=None)
            done.update(fresh)
            if newest and newest >= _before(week):
                closed[week] = "delivered"
            elif now >= is_open[week]:
                closed[week] = "absent"
            if week in closed:
                pending.remove((week, at))
    return seen


def _slots(channel: Channel, zone: ZoneInfo) -> list[tuple[Week, datetime]]:
    """Walk through the minutes that matter of a channel's calendar, day by day."""
    found = []
    day = START.astimezone(zone).date()
    while day < (START + (HOURS + 240) * HOUR).date():
        if day.weekday() == channel.weekday:
            moment = datetime.combine(day, time(), zone).astimezone(UTC) - 3 * HOUR
            # The first moment that is not before the wanted time on the wall.
            while moment.astimezone(zone).replace(tzinfo=None) < datetime.combine(day, channel.at):
                moment += timedelta(minutes=15)
            if moment >= START:
                year, number, _ = day.isocalendar()
                found.append((Week(year, number), moment))
        day += timedelta(days=1)
    return found


@cache
def _after(week: Week) -> Week:
    year, number, _ = (
        date.fromisocalendar(week.year, week.number, 1) + timedelta(days=7)
    ).isocalendar()
    return Week(year, number)


@cache
def _before(week: Week) -> Week:
    year, number, _ = (
        date.fromisocalendar(week.year, week.number, 1) - timedelta(days=7)
    ).isocalendar()
    return Week(year, number)


def _is_late(
    week: Week,
    slots: dict[Week, datetime],
    is_open: dict[Week, datetime],
    closed: dict[Week, str],
    now: datetime,
) -> bool:
    """Return whether a week's own slot passed long ago without anybody looking."""
    for own, at in slots.items():
        if _before(own) == week:
            if own in is_open:
                return False
            return now - at > GRACE
    return True


def test_three_years_of_mondays(tmp_path: Path) -> None:
    chance = random.Random(41)  # noqa: S311 - a test's dice
    places, published = channels(chance), arrivals(chance)
    down = outages(chance)
    due = {channel.name: expected(channel, published, down) for channel in places}

    posted, texts = run(_simulate(tmp_path, places, published, down))

    assert posted == due
    assert sum(map(len, due.values())) > 5000
    assert texts > 100


async def _simulate(
    folder: Path,
    places: list[Channel],
    published: dict[datetime, list[Issue]],
    down: set[int],
) -> tuple[dict[str, list[Week]], int]:
    """Return the weeks that each channel was given, in order, and how many were mended ones."""
    chance = random.Random(42)  # noqa: S311 - a test's dice
    with inline_transactions(folder / "archive.sqlite3") as transactions:
        ledger, clock, issues = SqlLedger(transactions), VirtualClock(START), FakeIssueArchive()
        platform = FakePlatform(latency=0.01)
        platform.fault = _moods(chance)
        for channel in places:
            wish = Subscription(
                Target("fake", "", channel.name), "dair", weekday=channel.weekday, at=channel.at,
                zone=channel.zone, language="en",
            )  # fmt: skip
            await ledger.subscribe(wish, START)
        timing = replace(TIMING, poll_interval=timedelta(seconds=8))
        archive = cast("Archive", issues)
        contents = Composer(archive, catalogues.load())
        for number in range(HOURS):
            now = START + number * HOUR
            await asyncio.sleep((now - clock.now()).total_seconds())
            for issue in published.get(now, ()):
                issues.publish(issue)
            if number in down:
                continue
            # A new program every hour, on nothing but what the ledger remembers.
            await Planner(archive, ledger, clock).tick()
            # It stays until what the platform put off for minutes is paid: what an outage may
            # then swallow is no question of calendars.
            while await ledger.next_parts("fake", clock.now() + MINUTES, 1):
                # It is stopped somewhere in the middle, as often as not.
                stop = asyncio.Event()
                outbox = Outbox(platform, ledger, contents, timing, clock)
                paying = asyncio.create_task(outbox.run(stop))
                await asyncio.sleep(chance.choice([0.5, 2, 25]))
                stop.set()
                await paying
        return await _read(ledger, platform, places)


async def _read(
    ledger: SqlLedger, platform: FakePlatform, places: list[Channel]
) -> tuple[dict[str, list[Week]], int]:
    """Read the messages that came: their keys say of which week they are."""
    assert not platform.duplicates()
    week_of: dict[str, Week] = {}
    for subscription in await ledger.subscriptions():
        account = await ledger.subscription_report(subscription.id, 1000)
        for report in account.reports:
            week_of |= {part.key: report.delivery.week for part in report.parts}
    posted = {
        channel.name: [week_of[each.key] for each in platform.in_channel(channel.name)]
        for channel in places
    }
    return posted, len({week for weeks in posted.values() for week in weeks})


def _moods(chance: random.Random):  # type: ignore[no-untyped-def] # noqa: ANN202
    """Return a fault that now and then puts off, loses the answer, or loses the request."""

    def strike(platform: FakePlatform, target: Target, outgoing: object) -> None:
        mood = chance.random()
        if mood < 0.02:
            raise TryLater(timedelta(seconds=chance.uniform(0.1, 280)))
        if mood < 0.03:
            platform.take(target, outgoing)  # type: ignore[arg-type]
            raise Unknown("lost")
        if mood < 0.04:
            raise Unknown("lost")

    return strike
