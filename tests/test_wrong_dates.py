"""Weeks with wrong dates or wholly other papers are held back until an operator accepts them."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.commands.context import Context
from bot.model.papers import Entry, Issue, Paper
from bot.model.weeks import Week
from bot.sources.date_check import implausible_weeks
from storage.store import ArchiveStore
from tests import dair_lists
from tests.sync_harness import SyncHarness
from tests.web_server import WebServer

pytestmark = pytest.mark.slow

ON_BOTH_DATABASES = True

DAYS = timedelta(days=7)
NEW = date(2026, 6, 28)
TODAY = datetime(2026, 7, 6, 9, tzinfo=UTC)
TURN = date(2026, 12, 27)
AFTER_TURN = datetime(2027, 1, 4, 9, tzinfo=UTC)


@pytest.fixture
async def world(context: Context, store: ArchiveStore) -> AsyncIterator[SyncHarness]:
    async with WebServer() as site:
        made = SyncHarness(context, site, store)
        yield made
        await made.web.close()


def fill(world: SyncHarness, *starts: date) -> None:
    """Publish weeks of ten papers each."""
    for start in starts:
        world.weeks[start] = dair_lists.week(start, dair_lists.rows(start, 10))
    world.publish()


def paste(world: SyncHarness, start: date, days: str) -> None:
    """Publish a week under another heading than its own."""
    heading = f"## Top AI Papers of the Week ({days}"
    world.weeks[start] = dair_lists.week(start, dair_lists.rows(start, 10), heading)
    world.publish()


@pytest.mark.parametrize(
    ("new", "now", "days", "victim"),
    [
        (NEW, TODAY, "June 28 - July 5) - 2027", None),
        (NEW, TODAY, "June 28 - July 5) - 2062", None),
        (NEW, TODAY, "June 28 - July 5) - 2025", date(2025, 6, 29)),
        (TURN, AFTER_TURN, "December 28 - January 3) - 2026", date(2025, 12, 28)),
        (NEW, TODAY, "June 14 - June 21) - 2026", date(2026, 6, 14)),
        (NEW, TODAY, "June 7 - June 14) - 2026", date(2026, 6, 7)),
    ],
)
async def test_a_wrong_heading_changes_nothing_and_its_correction_counts(
    world: SyncHarness, new: date, now: datetime, days: str, victim: date | None
) -> None:
    known = [new - number * DAYS for number in range(1, 8)]
    fill(world, *known, *([victim] if victim else []))
    before = await world.sync(now=now)
    kept = await world.titles(victim) if victim else []
    paste(world, new, days)

    wrong = await world.sync(now=now)

    assert wrong.alarms
    assert wrong.added == wrong.updated == 0
    assert wrong.state.weeks == before.state.weeks
    assert victim is None or await world.titles(victim) == kept
    assert await _newest(world) == Week.of(known[0])

    fill(world, new)
    mended = await world.sync(now=now + timedelta(hours=12))

    assert (mended.is_recovered, mended.added, mended.state.alarms) == (True, 10, ())
    assert len(await world.titles(new)) == 10
    assert victim is None or await world.titles(victim) == kept


async def test_a_wrong_heading_holds_back_no_other_week_of_its_file(world: SyncHarness) -> None:
    fill(world, *(NEW - number * DAYS for number in range(1, 6)))
    paste(world, NEW, "June 28 - July 5) - 2027")

    first = await world.sync(now=TODAY)

    assert first.added == 50
    assert "2027-W26: it ends on 2027-07-05, and today is 2026-07-06." in first.alarms[0]


async def test_a_week_that_an_operator_accepts_stays_accepted(world: SyncHarness) -> None:
    fill(world, *(NEW - number * DAYS for number in range(1, 6)))
    paste(world, NEW, "June 28 - July 5) - 2027")
    await world.sync(now=TODAY)

    accepted = await world.sync(now=TODAY, is_accepted=True)
    fill(world, NEW - 6 * DAYS)
    later = await world.sync(now=TODAY)

    assert (accepted.added, accepted.state.alarms) == (10, ())
    assert (later.added, later.state.alarms) == (10, ())
    assert "2027-W26" in later.state.weeks

    fill(world, NEW)
    mended = await world.sync(now=TODAY)
    assert mended.state.alarms == ()
    assert mended.state.weeks >= {"2026-W27"}
    assert await world.titles(date(2027, 6, 28)) == []


async def test_wholly_other_papers_under_a_known_week_are_held_back(world: SyncHarness) -> None:
    fill(world, *(NEW - number * DAYS for number in range(1, 6)))
    await world.sync(now=TODAY)
    victim = NEW - 3 * DAYS
    kept = await world.titles(victim)
    world.weeks[victim] = dair_lists.week(victim, dair_lists.rows(NEW, 10))
    world.publish()

    replaced = await world.sync(now=TODAY)

    assert "papers are replaced by wholly others" in replaced.alarms[0]
    assert await world.titles(victim) == kept
    assert (await world.sync(now=TODAY, is_accepted=True)).state.alarms == ()
    assert await world.titles(victim) != kept


async def test_loss_of_many_links_raises_an_alarm(world: SyncHarness) -> None:
    starts = [NEW - number * DAYS for number in range(1, 6)]
    fill(world, *starts)
    before = await world.sync(now=TODAY)
    for start in starts[:2]:
        rows = [re.sub(r"\[Paper\]\([^)]*\), ", "", row) for row in dair_lists.rows(start, 10)]
        world.weeks[start] = dair_lists.week(start, rows)
    world.publish()

    lost = await world.sync(now=TODAY)

    assert "lost links of 10 of 10 papers" in lost.alarms[0]
    assert (lost.updated, lost.state.weeks) == (0, before.state.weeks)
    fill(world, *starts)
    assert (await world.sync(now=TODAY)).is_recovered


async def test_links_that_remain_of_no_use_are_lost_too(world: SyncHarness) -> None:
    start = NEW - DAYS
    fill(world, start)
    await world.sync(now=TODAY)
    rows = [row.split(" | [Paper]", 1)[0] + " | |" for row in dair_lists.rows(start, 10)]
    world.weeks[start] = dair_lists.week(start, rows)
    world.publish()

    assert (await world.sync(now=TODAY)).alarms


async def test_a_link_that_is_corrected_or_lost_now_and_then_is_no_alarm(
    world: SyncHarness,
) -> None:
    start = NEW - DAYS
    fill(world, start)
    await world.sync(now=TODAY)
    rows = dair_lists.rows(start, 10)
    rows[0] = rows[0].replace("2606.21001)", "2606.21099)")
    rows[1] = rows[1].split(", [Tweet]", 1)[0] + " |"
    world.weeks[start] = dair_lists.week(start, rows)
    world.publish()

    assert (await world.sync(now=TODAY)).alarms == ()


def issue(start: date, *months: str) -> Issue:
    papers = [Paper(f"arxiv:{month}.{n:05}") for n, month in enumerate(months)]
    entries = tuple(Entry(n, paper) for n, paper in enumerate(papers, start=1))
    return Issue("s", Week.of(start), start, start + timedelta(days=6), entries=entries)


@pytest.mark.parametrize(
    ("start", "months", "is_wrong"),
    [
        (NEW, ["2606"] * 5, False),
        (NEW, ["2606", "2606", "2706", "2606"], False),
        (NEW, ["2607", "2608", "2608"], True),
        (NEW, ["2506"] * 5, True),
        (NEW, ["2506"] * 4 + ["2606"], False),
        (NEW, ["1706", "1706"], False),
        (date(2026, 7, 20), [], True),
        (date(2026, 7, 9), [], False),
    ],
)
def test_days_are_judged_by_today_and_by_the_papers(
    start: date,
    months: list[str],
    is_wrong: bool,  # noqa: FBT001
) -> None:
    assert bool(implausible_weeks([issue(start, *months)], TODAY.date())) == is_wrong


def test_a_week_out_of_the_order_of_its_list_is_implausible() -> None:
    weeks = [NEW - number * DAYS for number in range(12)]
    weeks[4] = weeks[4] - 30 * DAYS

    for listed in (weeks, weeks[::-1]):
        found = implausible_weeks([issue(start) for start in listed], TODAY.date())
        assert list(found) == [str(Week.of(weeks[4]))]
    weeks[4] = weeks[5]
    assert not implausible_weeks([issue(start) for start in weeks], TODAY.date())


async def _newest(world: SyncHarness) -> Week:
    weeks = await world.context.archive.weeks(("dair",), 1)
    return weeks[0].week


async def test_an_older_version_of_the_real_list_never_replaces_the_newer_unasked(
    world: SyncHarness, reference_data: Path
) -> None:
    folder = reference_data / "dair"
    older = (folder / "legacy" / "README-2025-07-20.md").read_bytes()
    files = {path.name: path.read_bytes() for path in (folder / "years").glob("*.md")}

    def publish(readme: bytes, **years: bytes) -> None:
        world.site.pages.clear()
        world.site.put("/main/README.md", readme)
        for name, body in years.items():
            world.site.put(f"/main/years/{name}", body)

    publish(older)
    first = await world.sync(now=TODAY)
    publish((folder / "README.md").read_bytes(), **files)
    second = await world.sync(now=TODAY)
    issues = [issue async for issue in world.context.archive.issues("dair", None)]
    publish(older)
    back = await world.sync(now=TODAY)

    assert (first.state.alarms, len(first.state.weeks)) == ((), 130)
    assert (second.state.alarms, len(second.state.weeks)) == ((), 181)
    assert any("is missing" in line for line in back.alarms)
    assert (back.added, back.updated, len(back.state.weeks)) == (0, 0, 181)
    assert [issue async for issue in world.context.archive.issues("dair", None)] == issues
