"""New weeks come from the sources by themselves, politely, and nothing that was there is lost."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.app.archive import import_sample
from bot.commands.context import Context
from bot.model.papers import SAMPLE_SERIES
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore
from tests import dair_lists
from tests.sync_harness import SyncHarness
from tests.web_server import Page, WebServer

pytestmark = pytest.mark.slow

WEEK = timedelta(days=7)
FIRST = date(2025, 12, 15)
NEWEST = date(2026, 1, 12)
"""Five Mondays, around a new year."""


@pytest.fixture
async def world(context: Context, store: ArchiveStore) -> AsyncIterator[SyncHarness]:
    async with WebServer() as site:
        made = SyncHarness(context, site, store)
        made.weeks = {FIRST + n * WEEK: dair_lists.week(FIRST + n * WEEK) for n in range(5)}
        made.publish()
        yield made
        await made.web.close()


async def test_a_first_sync_loads_the_whole_list_in_place_of_the_sample(
    world: SyncHarness,
) -> None:
    await import_sample(world.context)

    synced = await world.sync()

    totals = await world.context.archive.totals()
    assert (synced.added, synced.problems, synced.state.failure) == (20, [], "")
    assert [series for series, _, _ in totals.series] == ["dair"]
    assert SAMPLE_SERIES not in {series for series, _, _ in totals.series}
    assert world.site.paths() == ["/main/README.md", "/main/years/2026.md", "/main/years/2025.md"]
    assert "2025-W51" in world.said[0]


async def test_an_unchanged_list_costs_a_conditional_request_a_file_and_no_write(
    world: SyncHarness,
) -> None:
    await world.sync()
    world.site.asked.clear()
    with closing(sqlite3.connect(world.store.path)) as connection:
        version = connection.execute("PRAGMA data_version").fetchone()
        synced = await world.sync()
        assert connection.execute("PRAGMA data_version").fetchone() == version

    assert len(world.site.asked) == 3
    assert all(each.is_conditional for each in world.site.asked)
    assert (synced.issues, synced.has_changes) == (0, False)


async def test_a_new_week_and_a_new_wording_come(world: SyncHarness) -> None:
    await world.sync()
    world.weeks[NEWEST + WEEK] = dair_lists.week(NEWEST + WEEK)
    world.weeks[NEWEST] = dair_lists.week(NEWEST, dair_lists.rows(NEWEST, text="It was reworded."))
    world.publish()

    synced = await world.sync()

    assert (synced.added, synced.updated) == (4, 4)
    assert len(await world.titles(NEWEST + WEEK)) == 4
    assert world.count("revisions") == 4
    with closing(sqlite3.connect(world.store.path)) as connection:
        kept = connection.execute("SELECT DISTINCT text FROM revisions").fetchall()
    assert kept == [("A fine paper.",)]


async def test_weeks_that_move_to_another_file_are_not_lost(world: SyncHarness) -> None:
    await world.sync()
    for start in list(world.weeks):
        if start.year == 2025:
            world.site.put("/main/years/2025.md", dair_lists.year(2025, []) + "Moved.\n")
    text = dair_lists.year(2026, [world.weeks[s] for s in sorted(world.weeks, reverse=True)])
    world.site.put("/main/years/2026.md", text)

    synced = await world.sync()

    assert synced.state.alarms == ()
    assert synced.state.failure == ""
    assert len(synced.state.weeks) == 5


async def test_a_file_that_comes_before_the_one_its_week_moved_to_is_taken_then(
    world: SyncHarness,
) -> None:
    await world.sync()
    moved, reworded = date(2025, 12, 29), date(2025, 12, 22)
    text = world.weeks.pop(moved)
    world.weeks[reworded] = dair_lists.week(
        reworded, dair_lists.rows(reworded, text="It was reworded.")
    )
    world.publish(2025)
    early = await world.sync()

    newer = [world.weeks[start] for start in (NEWEST, NEWEST - WEEK)]
    world.site.put("/main/years/2026.md", dair_lists.year(2026, [*newer, text]))
    late = await world.sync()

    assert early.alarms
    assert (late.state.alarms, late.is_recovered, late.updated) == ((), True, 4)
    assert len(await world.titles(moved)) == 4


async def test_a_list_that_shrinks_raises_an_alarm_once_and_keeps_what_it_had(
    world: SyncHarness,
) -> None:
    await world.sync()
    lost = world.weeks.pop(FIRST)
    world.weeks[NEWEST + WEEK] = dair_lists.week(NEWEST + WEEK)
    world.publish()

    first, second = await world.sync(), await world.sync()

    line = "/main/years/2025.md: 2025-W51 is missing; it had 4 papers."
    assert [each.removeprefix(world.site.url("")) for each in first.alarms] == [line]
    assert second.alarms == ()
    assert second.state.alarms == first.alarms
    assert len(await world.titles(FIRST)) == 4
    # A file that is whole is taken all the same.
    assert len(await world.titles(NEWEST + WEEK)) == 4

    world.weeks[FIRST] = lost
    world.publish()
    third = await world.sync()
    assert (third.is_recovered, third.state.alarms) == (True, ())


async def test_an_alarm_names_some_of_many_weeks_and_counts_the_others(world: SyncHarness) -> None:
    early = [date(2024, 1, 1) + n * WEEK for n in range(20)]
    world.weeks |= {start: dair_lists.week(start) for start in early}
    world.publish()
    await world.sync()
    world.site.put("/main/years/2024.md", "")

    synced = await world.sync()

    assert len(synced.alarms) == 9
    assert "it is empty" in synced.alarms[0]
    assert "2024-W01 is missing" in synced.alarms[1]
    assert synced.alarms[-1].endswith("so with 13 further weeks.")


async def test_a_person_accepts_a_list_that_shrank(world: SyncHarness) -> None:
    await world.sync()
    world.weeks.pop(FIRST)
    world.publish()
    await world.sync()

    accepted, again = await world.sync(is_accepted=True), await world.sync()

    assert (accepted.state.alarms, again.state.alarms) == ((), ())
    assert len(accepted.state.weeks) == 4
    assert len(await world.titles(FIRST)) == 4  # what the archive has, it keeps


async def test_a_list_that_loses_many_rows_is_not_taken(world: SyncHarness) -> None:
    await world.sync()
    world.weeks[NEWEST] = dair_lists.week(NEWEST, dair_lists.rows(NEWEST, text="Reworded.")[:2])
    world.publish()

    synced = await world.sync()

    assert "2026-W03 has 2 papers; it had 4." in synced.alarms[0]
    assert synced.updated == 0


async def test_a_row_that_is_mended_away_is_no_alarm(world: SyncHarness) -> None:
    world.weeks[NEWEST] = dair_lists.week(NEWEST, dair_lists.rows(NEWEST, 10))
    world.publish()
    await world.sync()
    world.weeks[NEWEST] = dair_lists.week(NEWEST, dair_lists.rows(NEWEST, 9))
    world.publish()

    synced = await world.sync()

    assert synced.state.alarms == ()
    assert "no longer has number 10" in " ".join(synced.problems)


async def test_a_list_in_another_form_raises_an_alarm_with_its_lines(world: SyncHarness) -> None:
    await world.sync()
    page = world.site.pages["/main/years/2026.md"].body.decode()
    page = page.replace("| 1) **", "| 1) [[").replace("| 2) **", "- 2) **")
    world.site.put("/main/years/2026.md", page.replace("| 3) **", "- 3) **"))

    synced = await world.sync()

    assert synced.state.alarms
    assert len(await world.titles(NEWEST)) == 4

    world.site.put("/main/years/2026.md", "<html><body>Please log in</body></html>")
    again = await world.sync()
    assert "is missing" in " ".join(again.state.alarms)


async def test_a_file_that_is_gone_raises_an_alarm_and_its_return_ends_it(
    world: SyncHarness,
) -> None:
    await world.sync()
    kept = world.site.pages.pop("/main/years/2025.md")

    gone = await world.sync()
    assert "answered 404" in gone.alarms[0]
    world.site.pages["/main/years/2025.md"] = kept
    back = await world.sync()

    assert (back.is_recovered, back.state.alarms) == (True, ())
    assert len(back.state.weeks) == 5


async def test_a_heading_repeated_by_mistake_and_mended_leaves_no_orphan(
    world: SyncHarness,
) -> None:
    await world.sync()
    fresh = NEWEST + WEEK
    wrong = dair_lists.week(fresh, heading=world.weeks[NEWEST].splitlines()[0])
    weeks = [wrong, *(world.weeks[s] for s in sorted(world.weeks, reverse=True) if s.year == 2026)]
    world.site.put("/main/years/2026.md", dair_lists.year(2026, weeks))
    mistaken = await world.sync()
    world.weeks[fresh] = dair_lists.week(fresh)
    world.publish()

    mended = await world.sync()

    assert mended.state.alarms == ()
    assert await world.titles(fresh) == [f"Paper 2601.19{n:03}" for n in range(1, 5)]
    assert await world.titles(NEWEST) == [f"Paper 2601.12{n:03}" for n in range(1, 5)]
    assert world.count("issues") == 6
    assert world.count("papers") == 24
    assert mistaken.state.failure == ""


async def test_the_heading_that_was_repeated_in_2023_leaves_no_orphan(
    world: SyncHarness, reference_data: Path
) -> None:
    folder = reference_data / "dair"
    name = "README-2023-06-11-repeated-heading.md"
    world.site.put("/main/README.md", (folder / "legacy" / name).read_bytes())
    world.site.pages.pop("/main/years/2025.md"), world.site.pages.pop("/main/years/2026.md")
    before = await world.sync()
    world.site.put("/main/README.md", (folder / "README.md").read_bytes())
    for file in (folder / "years").glob("*.md"):
        world.site.put(f"/main/years/{file.name}", file.read_bytes())

    after = await world.sync()

    assert before.state.failure == after.state.failure == ""
    assert after.state.alarms == ()
    assert len(after.state.weeks) == world.count("issues") == 181
    assert world.count("papers") == (await world.context.archive.totals()).papers


async def test_a_range_that_is_renamed_stays_one_issue(world: SyncHarness) -> None:
    start = date(2025, 12, 29)
    await world.sync()
    world.weeks[start] = dair_lists.week(
        start, heading="## Top AI Papers of the Week (January 1 - January 4) - 2026"
    )
    world.publish()

    synced = await world.sync()

    assert synced.state.alarms == ()
    assert world.count("issues") == 5


async def test_a_host_that_wants_time_gets_it_and_what_came_is_kept(world: SyncHarness) -> None:
    busy = Page(status=429, headers={"Retry-After": "3600"})
    kept = world.site.pages["/main/years/2025.md"]
    world.site.pages["/main/years/2025.md"] = busy

    synced = await world.sync()

    state = synced.state
    assert "429" in state.failure
    assert len(await world.titles(NEWEST)) == 4
    assert state.next_at is not None
    assert state.tried_at is not None
    assert state.next_at - state.tried_at >= timedelta(hours=1)
    assert (await world.context.source_states.get("dair")).next_at == state.next_at
    world.site.pages["/main/years/2025.md"] = kept
    await world.wait()
    assert len((await world.sync()).state.weeks) == 5


async def test_weeks_that_may_stand_on_a_page_that_did_not_come_raise_no_alarm(
    world: SyncHarness,
) -> None:
    await world.sync()
    world.site.put("/main/years/2026.md", dair_lists.year(2026, [world.weeks[NEWEST]]))
    world.site.pages["/main/years/2025.md"] = Page(status=503)

    synced = await world.sync()

    assert synced.state.alarms == ()
    assert "503" in synced.state.failure


async def test_a_source_that_is_elsewhere_now_is_a_new_one(world: SyncHarness) -> None:
    await world.sync()
    world.site.put(
        "/list.md", dair_lists.year(2026, [world.weeks[NEWEST], dair_lists.week(NEWEST + WEEK)])
    )
    world.source = replace(world.source, url=world.site.url("/list.md"))
    world.site.asked.clear()

    synced = await world.sync()

    assert world.site.paths() == ["/list.md"]
    assert (synced.state.alarms, synced.added, len(synced.state.weeks)) == ((), 4, 2)
    assert len(await world.titles(FIRST)) == 4


async def test_a_source_that_is_to_be_kept_otherwise_is_read_anew(world: SyncHarness) -> None:
    await world.sync()
    world.source = replace(world.source, series="papers")

    synced = await world.sync()

    totals = await world.context.archive.totals()
    assert synced.added == 20
    assert {series for series, _, _ in totals.series} == {"dair", "papers"}


async def test_a_paper_that_moves_to_another_week_moves(world: SyncHarness) -> None:
    await world.sync()
    stays, moves = dair_lists.rows(NEWEST)[:3], dair_lists.rows(NEWEST)[3]
    before = NEWEST - WEEK
    world.weeks[NEWEST] = dair_lists.week(NEWEST, stays)
    moved = moves.replace("| 4)", "| 5)")
    world.weeks[before] = dair_lists.week(before, [*dair_lists.rows(before), moved])
    world.publish()

    synced = await world.sync()

    assert (synced.state.alarms, synced.problems) == ((), [])
    assert [len(await world.titles(start)) for start in (before, NEWEST)] == [5, 3]
    assert (world.count("papers"), world.count("entries")) == (20, 20)


async def test_what_a_source_says_cannot_paint_on_a_terminal(world: SyncHarness) -> None:
    world.site.put("/main/README.md", "## Top AI Papers of the Week (May 4 - May 10) - 2026\n"
                   "| 1) **\x1b]0;hi\x07\u202eX** - y | no link at all |\n")  # fmt: skip
    world.source = replace(world.source, url=world.site.url("/main/README.md"))

    synced = await world.sync()

    lines = [*synced.problems, synced.state.failure]
    assert not any("\x1b" in line or "\u202e" in line for line in lines)


async def test_without_a_network_all_that_was_stored_stays(world: SyncHarness) -> None:
    await world.sync()
    world.source = replace(world.source, url="http://127.0.0.1:9/README.md")

    synced = await world.sync()

    assert "cannot be reached" in synced.state.failure
    assert synced.state.failures == 1
    assert len(await world.titles(NEWEST)) == 4


async def test_a_newer_program_reads_everything_once_more(world: SyncHarness) -> None:
    await world.sync()
    world.site.asked.clear()

    synced = await world.sync(version="2")

    assert not any(each.is_conditional for each in world.site.asked)
    assert (synced.unchanged, synced.has_changes) == (20, False)


async def test_an_archive_from_a_copy_gets_again_what_came_since(
    world: SyncHarness, store: ArchiveStore, tmp_path: Path
) -> None:
    await world.sync()
    copy = tmp_path / "copy.sqlite3"
    SqliteDatabase(store.path).copy_to(copy)
    world.weeks[NEWEST + WEEK] = dair_lists.week(NEWEST + WEEK)
    world.publish()
    await world.sync()

    restored = ArchiveStore.open(copy)
    world.context = replace(world.context, archive=restored, source_states=restored.register())
    synced = await world.sync()

    assert synced.added == 4
    assert len(await world.titles(NEWEST + WEEK)) == 4
    await restored.close()


async def test_of_two_programs_one_syncs(world: SyncHarness) -> None:
    register = world.context.source_states
    with register.sync_lock() as first, register.sync_lock() as second:
        assert (first, second) == (True, False)
    with register.sync_lock() as third:
        assert third
