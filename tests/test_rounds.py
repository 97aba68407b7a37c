"""Sources are asked when they are due, by one program at a time; what fails is told once."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digests.scheduler import Scheduler
from bot.lib.clock import SystemClock
from bot.papers.tagging import Vocabulary
from bot.ports.archive import Archive
from bot.ports.errors import StorageUnavailable, TryLater
from bot.ports.source_state import PageState, SourceState
from bot.sources.crawlers.pages import CrawlTools, Source
from bot.sources.poll_interval import PollInterval, is_due
from bot.sources.poller import Poller
from bot.sources.sync import Synchronizer
from config import vocabulary
from storage.sources import SqlSourceStateStore
from tests import dair_lists
from tests.fakes import FakeWeb
from tests.test_quarter import FIRST, ROOT, WEEK, Publisher
from tests.virtual_time import (
    InlineArchive,
    InlineTransactions,
    VirtualClock,
    inline_transactions,
    run,
    run_inline,
)
from tests.waiting import wait_for, wait_until

SOURCE = Source("dair", "dair", "dair", url=ROOT)
MONDAY = datetime(2026, 6, 15, 12, tzinfo=UTC)
THURSDAY = MONDAY + timedelta(days=3)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
CHANCES = st.floats(0, 1)


def events(caplog: pytest.LogCaptureFixture, phrase: str) -> list[dict[str, object]]:
    """Return the fields of each log event with this phrase."""
    found = [record for record in caplog.records if record.getMessage() == phrase]
    return [getattr(record, "fields", {}) for record in found]


WAITS = st.none() | st.timedeltas(timedelta(), timedelta(1))


@given(MOMENTS, CHANCES)
def test_sources_are_asked_often_while_new_weeks_come(now: datetime, chance: float) -> None:
    rhythm = PollInterval()
    wait = rhythm.next_poll(now, chance) - now

    if rhythm.is_busy(now):
        assert timedelta(minutes=18) <= wait <= timedelta(minutes=22)
    else:
        assert timedelta() < wait <= timedelta(hours=6, minutes=36)
    opens = datetime.combine(now.date() - timedelta(days=(now.weekday() + 1) % 7), time(18), UTC)
    closes = opens + timedelta(hours=54)
    assert rhythm.is_busy(now) == (opens <= now < closes)


def test_the_busy_days_are_not_slept_through() -> None:
    sunday = datetime(2026, 6, 14, 17, 50, tzinfo=UTC)
    assert PollInterval().next_poll(sunday, 0.5) == datetime(2026, 6, 14, 18, 10, tzinfo=UTC)


@given(MOMENTS, CHANCES, st.integers(0, 10**6), WAITS)
def test_a_failing_source_is_asked_less_and_never_before_it_wants(
    now: datetime, chance: float, failures: int, after: timedelta | None
) -> None:
    wait = PollInterval().next_retry(now, failures, after, chance) - now

    assert wait >= max(after or timedelta(), timedelta(minutes=4))
    assert wait <= max((after or timedelta()) * 1.2, timedelta(hours=7))
    assert PollInterval().next_retry(now, 9, None, chance) > PollInterval().next_retry(
        now, 1, None, chance
    )


def test_a_clock_that_was_far_ahead_puts_nothing_off_for_ever() -> None:
    assert is_due(None, MONDAY)
    assert is_due(MONDAY + timedelta(days=400), MONDAY)
    assert not is_due(MONDAY + timedelta(hours=23), MONDAY)


class FaultyRegister(SqlSourceStateStore):
    """The real register, which cannot be used as often as it is told."""

    fails: list[Exception]

    async def get(self, name: str) -> SourceState:
        if self.fails:
            raise self.fails.pop()
        return await super().get(name)


class Scene:
    """A bot that goes round one source, in virtual time."""

    def __init__(self, transactions: InlineTransactions, start: datetime = MONDAY) -> None:
        self.clock = VirtualClock(start)
        self.web = FakeWeb()
        self.register = FaultyRegister(transactions.database, transactions)
        self.register.fails = []
        self.archive = cast("Archive", InlineArchive(transactions, self.clock))
        self.publisher = Publisher(self.web)
        self.publisher.put(0)
        self.woken = 0

    async def go(self, span: timedelta) -> None:
        """Let a program run for so long."""
        means = CrawlTools(self.web, "1", self.clock, run_inline)
        words = Vocabulary.of(vocabulary.load())
        sync = Synchronizer(self.archive, self.register, words, means, PollInterval(), lambda: 0.5)
        source, stop = SOURCE, asyncio.Event()
        rounds = Poller([source], sync, self.register, self.clock, self._wake)
        running = asyncio.create_task(rounds.run(stop))
        await asyncio.sleep(span.total_seconds())
        stop.set()
        await running

    def _wake(self) -> None:
        self.woken += 1


@pytest.fixture
def transactions(tmp_path: Path) -> Iterator[InlineTransactions]:
    with inline_transactions(tmp_path / "archive.sqlite3") as made:
        yield made


HOUR = timedelta(hours=1)


def test_new_weeks_wake_the_bot_and_restarts_ask_nobody(transactions: InlineTransactions) -> None:
    async def story() -> None:
        scene = Scene(transactions)
        await scene.go(2 * HOUR)
        asked = len(scene.web.asked)
        assert (scene.woken, asked) == (1, 6 * 2)
        scene.publisher.put(1)
        await scene.go(HOUR)
        assert (scene.woken, len(scene.web.asked)) == (2, asked + 3 * 2)
        for _ in range(20):
            await scene.go(timedelta(seconds=30))
        assert len(scene.web.asked) <= asked + 4 * 2

    run(story())


def test_what_fails_is_told_once_and_so_is_its_end(
    transactions: InlineTransactions, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        scene = Scene(transactions, THURSDAY)
        scene.web.fault = TryLater(None, "it cannot be reached: no network.")
        await scene.go(12 * HOUR)
        scene.web.fault = None
        await scene.go(12 * HOUR)
        assert scene.woken == 1
        # Five minutes, ten, twenty, then less and less often.
        assert sum(1 for url, _ in scene.web.asked if url == ROOT) < 16

    caplog.set_level("INFO")
    run(story())
    reason = "it cannot be reached: no network."
    assert events(caplog, "Source failed") == [{"source": "dair", "reason": reason}]
    assert "Traceback" not in caplog.text


def test_a_source_that_answers_again_is_told_in_the_same_program(
    transactions: InlineTransactions, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        scene = Scene(transactions)
        scene.web.fault = TryLater(timedelta(hours=1), "it answered 503.")
        going = asyncio.create_task(scene.go(6 * HOUR))
        await asyncio.sleep(1800)
        scene.web.fault = None
        assert len(scene.web.asked) == 1
        await going

    caplog.set_level("INFO")
    run(story())
    assert events(caplog, "Source recovered") == [{"source": "dair"}]


def test_an_alarm_and_its_end_are_told_once_also_over_restarts(
    transactions: InlineTransactions, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        scene = Scene(transactions)
        for number in range(1, 4):
            scene.publisher.put(number)
        await scene.go(HOUR)
        scene.publisher.lose(1)
        for _ in range(3):
            await scene.go(HOUR)
        scene.publisher.mend()
        await scene.go(HOUR)
        assert scene.woken == 1

    caplog.set_level("INFO")
    run(story())
    (alarm,) = events(caplog, "Source raised alarm")
    assert "2026-W02 is missing" in str(alarm["reason"])
    accept = {"source": "dair", "to_accept": "paperboy sync --accept dair"}
    assert events(caplog, "Source not saved while alarm lasts") == [accept]
    assert events(caplog, "Alarm of source ended") == [{"source": "dair"}]


def test_lines_that_could_not_be_used_are_counted(
    transactions: InlineTransactions, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        scene = Scene(transactions)
        path = "https://list.example/main/years/2026.md"
        scene.web.pages[path] += b"# End\n| 1) **Lost** - row | [Paper](https://a.example) |\n"
        await scene.go(HOUR)

    caplog.set_level("INFO")
    run(story())
    assert events(caplog, "Source has unusable lines") == [{"source": "dair", "count": 1}]


def test_a_bad_moment_ends_no_rounds(
    transactions: InlineTransactions, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        scene = Scene(transactions)
        scene.register.fails = [ValueError("a bug"), StorageUnavailable("the disk is full")]
        await scene.go(HOUR)
        assert scene.woken == 1

    run(story())
    assert {"source": "dair", "reason": "the disk is full"} in events(
        caplog, "Failed to sync source"
    )
    assert "a bug" in caplog.text


def test_while_another_program_syncs_this_one_waits(transactions: InlineTransactions) -> None:
    async def story() -> None:
        scene = Scene(transactions)
        with scene.register.sync_lock():
            await scene.go(HOUR)
        assert scene.web.asked == []
        await scene.register.save(
            SourceState("dair", SOURCE.identity, next_at=scene.clock.now() + HOUR),
            [PageState(ROOT)],
        )
        await scene.go(HOUR / 2)
        assert scene.web.asked == []
        await scene.go(HOUR)
        assert scene.woken == 1

    run(story())


async def test_a_schedule_that_is_woken_ticks_at_once() -> None:
    came, stop = asyncio.Event(), asyncio.Event()
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        ticks += 1
        if ticks > 1:
            came.set()

    schedule = Scheduler(tick, timedelta(hours=1), SystemClock())
    running = asyncio.create_task(schedule.run(stop))
    await wait_until(lambda: schedule.timer.running)
    schedule.wake()
    await wait_for(came.wait())
    stop.set()
    await running


def test_a_list_of_files_that_never_ends_is_ended(transactions: InlineTransactions) -> None:
    async def story() -> None:
        scene = Scene(transactions)
        links = "".join(f"[x](years/20{n:02}.md#x)\n" for n in range(99))
        page = f"# Papers\n{links}" + dair_lists.week(FIRST + WEEK)
        scene.web.pages[ROOT] = page.encode()
        await scene.go(timedelta(minutes=5))
        assert len(scene.web.asked) == 60

    run(story())


def test_the_state_of_a_source_survives(transactions: InlineTransactions) -> None:
    async def story() -> None:
        register = SqlSourceStateStore(transactions.database, transactions)
        page = PageState("a", "1", "2", "3", MONDAY, ("b",), {"2026-W01": ("k",)}, ("p",), ("x",))
        state = SourceState("s", "there", MONDAY, MONDAY, MONDAY, 2, "why", {"a": page})
        await register.save(state, [page])
        assert await register.get("s") == state
        await register.save(replace(state, pages={}), [], ["a"])
        assert (await register.get("s")).pages == {}

    run(story())
