"""The archive keeps issues, and papers stay who they are."""

import asyncio
import gc
import warnings
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from bot.model.papers import Entry, Issue, Paper
from bot.model.weeks import IssueOffset, NamedWeek, Week
from bot.ports.archive import Archive, SeriesPreference
from bot.ports.curation import CurationRefused
from bot.ports.search_index import SearchIndex
from storage.database import transaction
from storage.schema.types import UtcDateTime
from storage.sqlite import SqliteDatabase, open_engine
from storage.store import ArchiveStore
from tests.counted import counted
from tests.curators import correct_tag, correct_text
from tests.samples import FIREACT, MONDAY, RING, UNISIM, issue

ON_BOTH_DATABASES = True
TODAY = date(2023, 10, 18)


async def exported(store: Archive) -> list[Issue]:
    return [each async for each in store.issues(None, None)]


async def only(store: Archive, key: str) -> Paper:
    papers = [e.paper for each in await exported(store) for e in each.entries]
    numbers = {paper.id for paper in papers if key in (paper.key, *paper.aliases)}
    assert len(numbers) == 1
    return (await store.papers(list(numbers)))[0]


async def test_an_issue_comes_back_as_it_was_saved(store: ArchiveStore) -> None:
    given = issue(intros={"ko": "첫 문단\n\n둘째 문단"}, machine_made=True)

    await store.save([given])

    found = (await store.find_issue(MONDAY, TODAY, SeriesPreference())).issue
    assert found is not None
    assert replace(found, entries=()) == replace(given, entries=())
    assert [entry.paper.titles for entry in found.entries] == [
        paper.titles for paper in (RING, UNISIM, FIREACT)
    ]
    assert found.entries[0].paper.links == RING.links


@pytest.mark.sqlite
async def test_saving_the_same_twice_changes_nothing(store: ArchiveStore) -> None:
    await store.save([issue()])
    before = store.path.read_bytes()

    saved = await store.save([issue()])

    assert (saved.added, saved.updated, saved.unchanged) == (0, 0, 3)
    assert store.path.read_bytes() == before


async def test_a_newer_wording_is_kept_with_the_older_one_as_revision(store: ArchiveStore) -> None:
    await store.save([issue()])
    number = (await only(store, RING.key)).id
    newer = replace(RING, summaries={**RING.summaries, "en": "Said better."})

    saved = await store.save([issue([newer, UNISIM, FIREACT])])

    assert (saved.added, saved.updated, saved.unchanged) == (0, 1, 2)
    paper = await only(store, RING.key)
    assert paper.id == number
    assert paper.summaries["en"] == "Said better."
    assert await revisions(store) == [(1, "summary", "en", RING.summaries["en"])]


async def revisions(store: ArchiveStore) -> list[tuple[int, str, str, str]]:
    engine = store.database.open_engine("test")
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT position, field, language, text FROM revisions ORDER BY id")
        )
        found = [(int(r[0]), str(r[1]), str(r[2]), str(r[3])) for r in rows]
    engine.dispose()
    return found


@pytest.mark.parametrize("forum_first", [True, False])
async def test_a_post_and_an_arxiv_id_are_one_paper_in_either_order(
    store: ArchiveStore, *, forum_first: bool
) -> None:
    status = RING.aliases[0]
    by_post = replace(RING, key=status, aliases=(), links=RING.links[1:])
    by_id = replace(RING, titles={"en": "Ring Attention"}, summaries={}, abstracts={})
    forum = issue([by_post], series="pytorch-kr")
    dair = issue([by_id], series="dair")

    for each in (forum, dair) if forum_first else (dair, forum):
        await store.save([each])

    assert (await store.totals()).papers == 1
    paper = await only(store, RING.key)
    assert (paper.key, paper.aliases) == (RING.key, (status,))
    assert paper.titles == RING.titles
    assert {link.kind for link in paper.links} == {"paper", "post"}
    assert [each.series for each in paper.appearances] == ["dair", "pytorch-kr"]
    in_forum = (await store.find_issue(MONDAY, TODAY, SeriesPreference(("pytorch-kr",)))).issue
    assert in_forum is not None
    assert "https://arxiv.org/abs/2310.01889" in {
        link.url for link in in_forum.entries[0].paper.links
    }


async def test_a_number_of_a_joined_paper_still_finds_it(store: ArchiveStore) -> None:
    post, other = RING.aliases[0], replace(RING, aliases=())
    await store.save([issue([other], series="dair")])
    await store.save([issue([replace(RING, key=post, aliases=())], series="pytorch-kr")])
    assert (await store.totals()).papers == 2
    numbers = {e.paper.id for each in await exported(store) for e in each.entries}

    await store.save([issue([RING], series="dair")])

    found = [(await store.papers([number]))[0].key for number in sorted(numbers)]
    assert found == [RING.key, RING.key]


async def test_a_paper_that_gets_its_arxiv_id_later_keeps_its_number(store: ArchiveStore) -> None:
    post = RING.aliases[0]
    await store.save([issue([replace(RING, key=post, aliases=())])])
    number = (await only(store, post)).id

    await store.save([issue([RING])])

    paper = await only(store, RING.key)
    assert (paper.id, paper.key) == (number, RING.key)


async def test_two_places_of_one_issue_may_hold_the_same_paper(store: ArchiveStore) -> None:
    await store.save([issue([RING, UNISIM, RING])])

    totals = await store.totals()

    assert (totals.entries, totals.papers) == (3, 2)


async def test_papers_that_swap_places_keep_their_numbers(store: ArchiveStore) -> None:
    await store.save([issue([RING, UNISIM])])
    before = {key: (await only(store, key)).id for key in (RING.key, UNISIM.key)}

    await store.save([issue([UNISIM, RING])])

    assert {key: (await only(store, key)).id for key in before} == before


async def test_a_week_under_the_wrong_date_moves_and_leaves_no_orphan(store: ArchiveStore) -> None:
    wrong = issue(start=MONDAY + timedelta(days=7))
    await store.save([wrong])
    number = (await only(store, RING.key)).id

    await store.save(
        [
            issue(),
            issue([replace(UNISIM, key="arxiv:2310.1", aliases=())], MONDAY - timedelta(days=7)),
        ]
    )

    assert [str(each.week) for each in await exported(store)] == ["2023-W40", "2023-W41"]
    assert (await only(store, RING.key)).id == number
    assert (await store.totals()).papers == 4


async def test_a_week_pasted_over_another_and_mended_leaves_no_orphan(store: ArchiveStore) -> None:
    other = [
        replace(paper, key=f"arxiv:2310.0000{n}", aliases=(), links=())
        for n, paper in enumerate((RING, UNISIM, FIREACT))
    ]
    await store.save([issue(other)])

    await store.save([issue([RING, UNISIM, FIREACT])])
    await store.save([issue(other), issue([RING, UNISIM, FIREACT], MONDAY + timedelta(days=7))])

    totals = await store.totals()
    assert (totals.issues, totals.entries, totals.papers) == (2, 6, 6)
    assert await rows_of(store, "papers") == 6


async def rows_of(store: ArchiveStore, table: str) -> int:
    engine = store.database.open_engine("test")
    with engine.connect() as connection:
        count = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608 - a table of ours
    engine.dispose()
    return int(count)


async def test_a_row_that_the_source_lost_is_kept_and_told(store: ArchiveStore) -> None:
    await store.save([issue()])

    saved = await store.save([issue([RING, UNISIM])])

    assert "no longer has number 3" in saved.problems[0].message
    assert not saved.problems[0].lost
    assert (await store.totals()).entries == 3


async def test_a_row_that_moved_up_leaves_its_old_place(store: ArchiveStore) -> None:
    await store.save([issue([RING, UNISIM, FIREACT])])

    saved = await store.save([issue([RING, FIREACT])])

    assert (await store.totals()).entries == 2
    assert saved.problems == ()


async def test_a_week_that_stands_twice_is_used_once_and_told(store: ArchiveStore) -> None:
    saved = await store.save([issue([RING]), issue([UNISIM])])

    assert saved.problems[0].lost
    assert (await only(store, RING.key)).key == RING.key


async def test_what_a_curator_wrote_survives_every_import(store: ArchiveStore) -> None:
    await store.save([issue()])
    await correct_text(store, RING.key, "title", "ko", "고친 제목")
    await correct_tag(store, RING.key, "attention", wanted=True)
    await correct_tag(store, RING.key, "long-context", wanted=False)

    await store.save([issue([replace(RING, titles={"ko": "또 다른 제목", "en": "New"}), UNISIM])])
    await store.save([issue([FIREACT])])  # for a while another paper stands in its place
    await store.save([issue([RING, UNISIM])])

    paper = await only(store, RING.key)
    assert paper.titles["ko"] == "고친 제목"
    assert paper.tags == ("attention",)
    assert [each.key for each in (await store.papers_by_tag("attention", 9, 0)).papers] == [
        RING.key
    ]
    assert (await store.papers_by_tag("long-context", 9, 0)).total == 0


async def test_a_curator_can_take_a_word_back(store: ArchiveStore) -> None:
    await store.save([issue()])
    await correct_text(store, RING.key, "title", "ko", "고친 제목")
    await correct_tag(store, RING.key, "attention", wanted=True)

    await correct_text(store, RING.key, "title", "ko", None)
    await correct_tag(store, RING.key, "attention", wanted=None)

    paper = await only(store, RING.key)
    assert (paper.titles, paper.tags) == (RING.titles, RING.tags)


async def test_a_curator_is_told_that_a_paper_is_unknown(store: ArchiveStore) -> None:
    with pytest.raises(CurationRefused):
        await correct_text(store, "arxiv:0000.00000", "title", "ko", "제목")
    with pytest.raises(CurationRefused):
        await correct_tag(store, "arxiv:0000.00000", "llm", wanted=True)


async def test_a_curators_word_goes_along_when_papers_are_joined(store: ArchiveStore) -> None:
    post = RING.aliases[0]
    await store.save([issue([replace(RING, aliases=())], series="dair")])
    await store.save([issue([replace(RING, key=post, aliases=())], series="pytorch-kr")])
    await correct_text(store, post, "title", "ko", "고친 제목")
    await correct_tag(store, post, "attention", wanted=True)

    await store.save([issue([RING], series="dair")])

    paper = await only(store, RING.key)
    assert paper.titles["ko"] == "고친 제목"
    assert "attention" in paper.tags


async def test_the_sample_makes_room_for_the_first_real_week(store: ArchiveStore) -> None:
    await store.save(
        [issue(series="sample"), issue([UNISIM], MONDAY - timedelta(days=7), "sample")]
    )
    number = (await only(store, RING.key)).id

    await store.save([issue([RING], series="dair")])

    assert [each.series for each in await exported(store)] == ["dair"]
    assert (await only(store, RING.key)).id == number
    assert await rows_of(store, "papers") == 1


async def test_a_day_that_two_issues_share_belongs_to_the_later_one(store: ArchiveStore) -> None:
    longer = replace(issue([RING]), end=MONDAY + timedelta(days=7))
    await store.save([longer, issue([UNISIM], MONDAY + timedelta(days=7))])

    found = await store.find_issue(MONDAY + timedelta(days=7), TODAY, SeriesPreference())

    assert found.issue is not None
    assert found.issue.start == MONDAY + timedelta(days=7)


@pytest.mark.parametrize(
    ("reference", "start"),
    [
        (NamedWeek.THIS, 14),
        (NamedWeek.LAST, 7),
        (NamedWeek.LATEST, 21),
        (IssueOffset(1), 14),
        (IssueOffset(3), 0),
        (Week.of(MONDAY), 0),
        (MONDAY + timedelta(days=13), 7),
    ],
)
async def test_a_week_is_found_by_every_name(
    store: ArchiveStore, reference: NamedWeek | IssueOffset | Week | date, start: int
) -> None:
    weeks = [issue([RING], MONDAY + timedelta(days=7 * n)) for n in range(4)]
    await store.save(weeks)

    found = await store.find_issue(reference, MONDAY + timedelta(days=16), SeriesPreference())

    assert found.issue is not None
    assert found.issue.start == MONDAY + timedelta(days=start)


async def test_a_missing_week_names_its_neighbours(store: ArchiveStore) -> None:
    await store.save([issue([RING]), issue([UNISIM], MONDAY + timedelta(days=21))])

    found = await store.find_issue(MONDAY + timedelta(days=10), TODAY, SeriesPreference())

    assert found.issue is None
    assert found.before is not None
    assert found.after is not None
    assert (found.before.start, found.after.start) == (MONDAY, MONDAY + timedelta(days=21))
    assert (await store.find_issue(IssueOffset(7), TODAY, SeriesPreference())).issue is None


async def test_the_series_that_is_asked_for_answers_first(store: ArchiveStore) -> None:
    await store.save([issue([RING], series=name) for name in ("b", "a", "c")])

    found = await store.find_issue(MONDAY, TODAY, SeriesPreference(("c", "b")))
    newest = await store.find_issue(NamedWeek.LATEST, TODAY, SeriesPreference(("b",)))
    only = await store.find_issue(MONDAY, TODAY, SeriesPreference(("c",), only="a"))

    assert found.issue is not None
    assert newest.issue is not None
    assert (found.issue.series, found.other_series) == ("c", ("b", "a"))
    assert newest.issue.series == "b"
    assert only.issue is not None
    assert only.issue.series == "a"
    assert (await store.find_issue(MONDAY, TODAY, SeriesPreference(only="d"))).issue is None


async def test_tags_list_their_papers_newest_first(store: ArchiveStore) -> None:
    newer = replace(UNISIM, tags=("long-context",))
    await store.save([issue([RING]), issue([newer], MONDAY + timedelta(days=7))])

    page = await store.papers_by_tag("long-context", 1, 0)

    assert (page.total, [paper.key for paper in page.papers]) == (2, [UNISIM.key])
    assert [p.key for p in (await store.papers_by_tag("long-context", 5, 1)).papers] == [RING.key]
    assert await store.tag_counts() == (("long-context", 2),)


async def test_weeks_and_tags_cost_the_same_number_of_statements_at_any_size(
    store: ArchiveStore,
) -> None:
    papers = [
        replace(RING, key=f"arxiv:2310.{n:05}", aliases=(), tags=("llm",)) for n in range(40)
    ]
    # Each week has a tag that none before it had.
    papers[2:] = [replace(paper, tags=("llm", "agents")) for paper in papers[2:]]
    await store.save([issue(papers[:2]), issue(papers, MONDAY + timedelta(days=7))])
    small, large = MONDAY, MONDAY + timedelta(days=7)

    with counted() as statements:
        await store.find_issue(small, TODAY, SeriesPreference())
        few = len(statements)
        assert few
        await store.find_issue(large, TODAY, SeriesPreference())
        assert len(statements) == 2 * few
        statements.clear()
        await store.papers_by_tag("llm", 2, 0)
        few = len(statements)
        await store.papers_by_tag("llm", 40, 0)
        assert len(statements) == 2 * few


async def test_an_import_that_fails_leaves_everything_as_it_was(store: ArchiveStore) -> None:
    await store.save([issue()])
    before = await exported(store)
    broken = replace(
        issue([RING], MONDAY + timedelta(days=7)), entries=(Entry(1, RING), Entry(1, UNISIM))
    )

    with pytest.raises(Exception, match=r"(?i)unique"):
        await store.save([issue([FIREACT]), broken])

    assert await exported(store) == before


async def test_two_writers_wait_for_each_other(store: ArchiveStore) -> None:
    other = ArchiveStore.open(store.database)
    await store.save([issue([RING])])
    await other.save([issue([UNISIM], MONDAY + timedelta(days=7))])

    assert (await store.totals()).issues == 2
    await other.close()


async def test_a_question_has_its_papers_of_the_moment_in_which_they_are_found(
    store: ArchiveStore,
) -> None:
    await store.save([issue()])
    engine = store.database.open_engine("archive")

    def read(index: SearchIndex) -> tuple[Paper, ...]:
        numbers = index.find_by_keys([RING.key])
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM entries"))
        return index.papers(numbers)

    assert [paper.key for paper in await store.query_index(read)] == [RING.key]
    assert await store.query_index(read) == ()
    engine.dispose()


def test_a_failed_change_of_tables_is_undone(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    SqliteDatabase(path).prepare()
    engine = open_engine(path)

    def fail() -> None:
        with transaction(SqliteDatabase(path), engine) as connection:
            connection.execute(text("CREATE TABLE half (id INTEGER)"))
            connection.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(OperationalError):
        fail()
    engine.dispose()
    assert "half" not in path.read_bytes().decode("latin-1")


def test_a_time_without_a_zone_is_not_stored() -> None:
    moment = UtcDateTime()
    aware = datetime(2023, 10, 9, tzinfo=UTC)

    with pytest.raises(ValueError, match="without a zone"):
        moment.process_bind_param(aware.replace(tzinfo=None), None)  # type: ignore[arg-type]


async def test_a_cancelled_reader_leaves_no_connection_open(store: ArchiveStore) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        for turns in range(12):
            opened = ArchiveStore.open(store.database)
            reading = asyncio.create_task(opened.weeks(("dair",), 1))
            for _ in range(turns):
                await asyncio.sleep(0)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await opened.close()
        gc.collect()  # from Python 3.13 on, a connection that was not closed warns
    assert [str(each.message) for each in caught] == []
