"""The half-remembered paper is found; the index follows every change."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.lookup.quality import QUERIES, SAMPLE_QUERIES, damaged, measure, read, total
from bot.app import import_sample
from bot.commands.context import Context
from bot.model.papers import Paper
from bot.search.full_text import search_full_text
from bot.search.lookup import MAX_QUERY_LENGTH, complete_name, look_up
from bot.sources.parsers.detect import parse_source as read_source
from storage import database
from storage.search.index_queries import SqliteIndex
from storage.store import ArchiveStore
from tests.samples import FIREACT, MONDAY, RING, UNISIM, issue

FIRST, AMONG_FIVE, WRONGLY = 0.98, 0.995, 0.03
"""The floors: the right paper first, among five; a paper where none is right."""


async def all_papers(store: ArchiveStore) -> list[Paper]:
    numbers: dict[int, None] = {}
    entered: list[Paper] = []
    async for each in store.issues(None, None):
        numbers |= {entry.paper.id: None for entry in each.entries}
        entered += [entry.paper for entry in each.entries]
    return [*await store.papers(list(numbers)), *entered]


def index_of(store: ArchiveStore) -> SqliteIndex:
    return SqliteIndex.open(store.path)


async def test_the_sample_is_found_by_every_kind_of_query(
    context: Context, store: ArchiveStore
) -> None:
    await import_sample(context)
    queries = read(SAMPLE_QUERIES, await all_papers(store))

    with closing(index_of(store)) as index:
        scores = measure(index, queries)

    nothing = scores.pop("none")
    whole = total(scores.values())
    assert all(query.right for query in queries if query.kind != "none")
    assert whole.first >= FIRST * whole.asked, whole.wrong
    assert whole.among_five >= AMONG_FIVE * whole.asked
    assert nothing.wrong == ()


async def test_the_real_archive_is_found_by_every_kind_of_query(
    store: ArchiveStore, reference_data: Path
) -> None:
    files = [
        *sorted((reference_data / "dair" / "years").glob("*.md")),
        reference_data / "seed" / "2023-10-09.txt",
        reference_data / "discourse" / "2026-06-08.html",
    ]
    for path in files:
        await store.save(read_source(path.read_bytes(), path.name).issues)
    papers = await all_papers(store)
    queries = read(QUERIES, papers)

    with closing(index_of(store)) as index:
        scores = measure(index, queries)
        unseen = total(measure(index, damaged(papers, 300, seed=5)).values())

    nothing = scores.pop("none")
    whole = total(scores.values())
    assert len(queries) >= 360
    assert whole.asked >= 300
    assert nothing.asked >= 60
    assert whole.first >= FIRST * whole.asked, whole.wrong
    assert whole.among_five >= AMONG_FIVE * whole.asked
    assert len(nothing.wrong) <= WRONGLY * nothing.asked
    assert unseen.among_five >= 0.97 * unseen.asked, unseen.wrong


async def test_a_recurring_title_lists_all_its_papers_newest_first(store: ArchiveStore) -> None:
    twin = replace(RING, key="arxiv:2401.00001", aliases=(), links=())
    await store.save([issue([RING]), issue([twin], MONDAY.replace(year=2024))])

    with closing(index_of(store)) as index:
        found = look_up(index, RING.titles["en"])

    papers = await store.papers([hit.paper_id for hit in found.hits])
    assert [paper.key for paper in papers] == [twin.key, RING.key]
    assert not found.is_sure


async def test_a_number_is_never_mistaken_for_another(store: ArchiveStore) -> None:
    three = Paper("title:llama-3", titles={"en": "Llama 3 Herd"})
    await store.save([issue([three])])

    with closing(index_of(store)) as index:
        assert look_up(index, "Llama 3 hurd").hits
        assert not look_up(index, "Llama 2 herd").hits


async def test_steps_explain_what_found_what(store: ArchiveStore) -> None:
    await store.save([issue()])

    with closing(index_of(store)) as index:
        found = look_up(index, "ring atention")

    lines = [str(step) for step in found.steps]
    assert lines[0] == "key: nothing"
    assert lines[-1].startswith("mistyped: ")
    assert RING.titles["en"] in lines[-1]


async def test_completion_offers_the_newest_first(store: ArchiveStore) -> None:
    newer = replace(RING, key="arxiv:2401.00001", aliases=(), links=(), titles={"en": "Rings"})
    await store.save([issue([RING, UNISIM]), issue([newer], MONDAY.replace(year=2024))])

    with closing(index_of(store)) as index:
        offered = complete_name(index, "r")
        limited = complete_name(index, "r", limit=1)

    assert [each.name for each in offered][:2] == ["Rings", RING.titles["en"]]
    assert [each.name for each in limited] == ["Rings"]


def rows(path: Path) -> dict[str, set[tuple[object, ...]]]:
    """Return the index, with names by their letters instead of their numbers."""
    named = "(SELECT paper_id || letters FROM names WHERE id = {})"
    selected = {
        "names": "paper_id, newest, letters, name",
        "name_starts": "start, newest, " + named.format("name_id"),
        "name_grams": "gram, " + named.format("name_id"),
        "gram_counts": "*",
        "name_words": named.format("name_words.rowid") + ", words",
        "paper_texts": "rowid, words",
    }
    with closing(sqlite3.connect(path)) as connection:
        return {
            table: set(connection.execute(f"SELECT {columns} FROM {table}"))  # noqa: S608 - ours
            for table, columns in selected.items()
        }


async def test_the_index_is_the_same_however_the_archive_came_about(tmp_path: Path) -> None:
    async def built(name: str, *saves: list[Paper]) -> dict[str, set[tuple[object, ...]]]:
        path = tmp_path / name
        database.prepare(path)
        store = ArchiveStore.open(path)
        for papers in saves:
            await store.save([issue(papers)])
        await store.close()
        return rows(path)

    reworded = replace(RING, titles={"en": "Quite another name"}, summaries={})
    straight = await built("a", [RING], [RING, UNISIM], [RING, UNISIM, FIREACT])
    roundabout = await built(
        "b", [RING], [reworded, UNISIM], [reworded, UNISIM, FIREACT], [RING, UNISIM, FIREACT]
    )

    assert straight == roundabout
    assert all(straight.values())


async def test_a_paper_that_is_gone_leaves_nothing_in_the_index(store: ArchiveStore) -> None:
    await store.save([issue([RING, UNISIM], series="sample")])
    await store.save([issue([FIREACT])])

    left = rows(store.path)
    assert len({row[0] for row in left["names"]}) == 1
    assert not any("unisim" in str(row) for table in left.values() for row in table)


async def test_what_a_curator_wrote_is_found_at_once(store: ArchiveStore) -> None:
    await store.save([issue()])
    await store.override_text(RING.key, "title", "ko", "둥근 주의")

    with closing(index_of(store)) as index:
        assert look_up(index, "둥근 주의").is_sure
        assert not look_up(index, "거의 무한한 문맥을 다루는").hits
    await store.override_text(RING.key, "title", "ko", None)
    with closing(index_of(store)) as index:
        assert not look_up(index, "둥근 주의").hits


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_query_gets_an_answer(small_index: SqliteIndex, query: str) -> None:
    found = look_up(small_index, query)
    complete_name(small_index, query)
    search_full_text(small_index, query, 5, 0)

    assert len(found.hits) <= 5
    assert not (found.hits and found.suggestions)


@pytest.fixture(scope="module")
def small_index(tmp_path_factory: pytest.TempPathFactory) -> SqliteIndex:

    path = tmp_path_factory.mktemp("index") / "a.sqlite3"
    database.prepare(path)

    async def fill() -> None:
        store = ArchiveStore.open(path)
        await store.save([issue()])
        await store.close()

    asyncio.run(fill())
    return SqliteIndex.open(path)


def test_a_query_without_end_is_cut(small_index: SqliteIndex) -> None:
    assert look_up(small_index, RING.titles["en"] + " " * MAX_QUERY_LENGTH + "x" * 10_000).is_sure
