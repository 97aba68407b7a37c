"""Curators' edits stand above every source, are recorded, and can be taken back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.commands import curation
from bot.commands.context import Context
from bot.model.curation import (
    AddPaper,
    CorrectLinks,
    CorrectTags,
    CorrectText,
    CurationRequest,
    Edit,
    MovePaper,
    RemovePaper,
    Undo,
)
from bot.model.papers import Entry, Issue, Link, Paper
from bot.model.weeks import Week
from bot.ports.curation import CurationRefused
from storage.store import ArchiveStore
from tests import empty_archive
from tests.curators import ADA

pytestmark = pytest.mark.slow

ON_BOTH_DATABASES = True

FIRST, SECOND = Week(2026, 25), Week(2026, 26)


def paper(number: int, title: str = "") -> Paper:
    key = f"arxiv:2606.{number:05}"
    return Paper(
        key=key,
        titles={"en": title or f"Paper {number}"},
        summaries={"en": f"It is number {number}."},
        links=(Link("paper", "Paper", f"https://arxiv.org/abs/2606.{number:05}"),),
    )


def issue(week: Week, *papers: Paper) -> Issue:
    start = date.fromisocalendar(week.year, week.number, 1)
    return Issue(
        "ours",
        week,
        start,
        start + timedelta(days=6),
        entries=tuple(Entry(place, each) for place, each in enumerate(papers, 1)),
    )


SOURCE = (issue(FIRST, *map(paper, (1, 2, 3))), issue(SECOND, *map(paper, (4, 5, 6))))
TWO, SIX = "arxiv:2606.00002", "arxiv:2606.00006"


@pytest.fixture
async def filled(store: ArchiveStore) -> ArchiveStore:
    await store.save(SOURCE)
    return store


async def edit(store: ArchiveStore, request: CurationRequest) -> Edit:
    return await store.curate(request, ADA)


async def export(store: ArchiveStore) -> list[Issue]:
    return [each async for each in store.issues(None, None)]


async def listed(store: ArchiveStore, week: Week = FIRST) -> str:
    """Return the numbers of the papers of a week, in order."""
    papers = [e.paper for each in await export(store) if each.week == week for e in each.entries]
    return "".join(paper.key[-1] for paper in papers)


async def test_a_removed_paper_does_not_come_back_and_comes_back_as_it_is_now(
    filled: ArchiveStore,
) -> None:
    made = await edit(filled, RemovePaper("ours", FIRST, TWO))
    assert await listed(filled) == "13"

    again = await filled.save(SOURCE)
    newer = replace(paper(2), summaries={"en": "Newer."})
    longer = issue(FIRST, paper(1), newer, paper(3), paper(7))
    await filled.save((longer,))

    assert (again.added, again.updated, again.problems) == (0, 0, ())
    assert await listed(filled) == "137"
    await edit(filled, Undo(made.id))
    assert (await export(filled))[0].entries == replace_ids(longer.entries, await export(filled))
    assert await listed(filled) == "1237"


def replace_ids(entries: Sequence[Entry], stored: Sequence[Issue]) -> tuple[Entry, ...]:
    """Return a source's entries with what only the archive knows of them."""
    known = {entry.paper.key: entry.paper for each in stored for entry in each.entries}
    return tuple(
        replace(entry, paper=replace(entry.paper, id=known[entry.paper.key].id))
        for entry in entries
    )


async def test_an_added_paper_stays_whatever_the_source_does(filled: ArchiveStore) -> None:
    before = await export(filled)
    made = await edit(filled, AddPaper("ours", FIRST, paper(9), 2))
    assert await listed(filled) == "1923"

    await filled.save((issue(FIRST, *map(paper, (1, 2, 3, 7))),))
    assert await listed(filled) == "19237"
    await filled.save((issue(FIRST, paper(9), paper(1), paper(2)), SOURCE[1]))
    assert await listed(filled) == "19237"  # what a source loses is kept
    await edit(filled, Undo(made.id))
    assert await listed(filled) == "91237"
    await filled.save(SOURCE)
    assert [each.week for each in before] == [FIRST, SECOND]


async def test_a_paper_moves_in_its_week_and_to_another(filled: ArchiveStore) -> None:
    before = await export(filled)
    up = await edit(filled, MovePaper("ours", SECOND, SIX, SECOND, 1))
    over = await edit(filled, MovePaper("ours", FIRST, TWO, SECOND))
    assert (await listed(filled), await listed(filled, SECOND)) == ("13", "6452")

    await filled.save(SOURCE)

    assert (await listed(filled), await listed(filled, SECOND)) == ("13", "6452")
    await edit(filled, Undo(over.id))
    await edit(filled, Undo(up.id))
    assert await export(filled) == before


async def test_a_week_that_curators_made_is_joined_by_its_source(filled: ArchiveStore) -> None:
    third = Week(2026, 27)
    made = await edit(filled, AddPaper("ours", third, paper(9)))
    assert await listed(filled, third) == "9"
    await edit(filled, Undo())
    assert [each.week for each in await export(filled)] == [FIRST, SECOND]
    await edit(filled, Undo(made.id + 1))  # the undo is taken back

    await filled.save((issue(third, paper(7), paper(8)),))

    assert await listed(filled, third) == "789"


WRONG, RIGHT = Week(2026, 28), Week(2026, 27)
LIST = tuple(map(paper, (5, 6, 7, 8)))


async def place_in_misdated_week(store: ArchiveStore, *, is_made: bool) -> list[Edit]:
    """Store a misdated week, and edit it as a curator who has not noticed it."""
    await store.save((SOURCE[0], issue(WRONG, *LIST)))
    made = [
        await edit(store, CorrectText("arxiv:2606.00005", "title", "en", "Five")),
        await edit(store, AddPaper("ours", WRONG, paper(9), 1)),
        await edit(store, RemovePaper("ours", WRONG, SIX)),
        await edit(store, MovePaper("ours", WRONG, "arxiv:2606.00007", FIRST)),
        await edit(store, MovePaper("ours", WRONG, "arxiv:2606.00008", WRONG, 1)),
    ]
    if is_made:
        made.append(await edit(store, AddPaper("ours", RIGHT, paper(4))))
    assert (await listed(store, WRONG), await listed(store)) == ("895", "1237")
    return made


@pytest.mark.parametrize("is_made", [False, True])
async def test_placed_papers_follow_a_week_to_its_right_date(
    store: ArchiveStore, *, is_made: bool
) -> None:
    made = await place_in_misdated_week(store, is_made=is_made)

    corrected = (SOURCE[0], issue(RIGHT, *LIST))
    saved = await store.save(corrected)
    again = await store.save(corrected)

    assert (saved.problems, again.added, again.updated) == ((), 0, 0)
    assert [each.week for each in await export(store)] == [FIRST, RIGHT]
    assert sorted(await listed(store, RIGHT)) == sorted("895" + "4" * is_made)
    assert await listed(store) == "1237"
    titles = {entry.paper.titles["en"] for entry in (await export(store))[1].entries}
    assert "Five" in titles
    for each in reversed(made):
        await edit(store, Undo(each.id))
    assert (await listed(store), await listed(store, RIGHT)) == ("123", "5678")
    (placed,) = (await store.edits("arxiv:2606.00009", 9))[-1].changes
    assert placed.name == "ours 2026-W27"


async def test_a_week_with_placed_papers_and_other_papers_of_its_source_stays(
    store: ArchiveStore,
) -> None:
    await place_in_misdated_week(store, is_made=False)

    await store.save((SOURCE[0], issue(RIGHT, *LIST[:3], paper(2))))

    assert [each.week for each in await export(store)] == [FIRST, RIGHT, WRONG]
    assert await listed(store, WRONG) == "895"


async def test_texts_tags_and_links_are_put_right_and_back(filled: ArchiveStore) -> None:
    before = await export(filled)
    links = (Link("code", "Code", "https://github.com/a/b"),)
    await edit(filled, CorrectText(TWO, "summary", "ko", "둘째입니다."))
    await edit(filled, CorrectTags(TWO, {"agents": True, "llm": False}))
    await edit(filled, CorrectLinks(TWO, links))

    await filled.save((issue(FIRST, paper(1), replace(paper(2), links=()), paper(3)),))
    (found,) = await filled.papers([before[0].entries[1].paper.id])

    assert found.summaries["ko"] == "둘째입니다."
    assert (found.tags, found.links) == (("agents",), links)
    await filled.save(SOURCE)
    for _ in range(3):
        await edit(filled, Undo())
    assert await export(filled) == before
    with pytest.raises(CurationRefused, match="no edit to take back"):
        await edit(filled, Undo())


async def test_an_edit_that_was_changed_again_is_not_taken_back(filled: ArchiveStore) -> None:
    first = await edit(filled, CorrectText(TWO, "title", "en", "One"))
    second = await edit(filled, CorrectText(TWO, "title", "en", "Two"))

    with pytest.raises(CurationRefused, match="changed again since"):
        await edit(filled, Undo(first.id))

    await edit(filled, Undo(second.id))
    with pytest.raises(CurationRefused, match="taken back already"):
        await edit(filled, Undo(second.id))
    await edit(filled, Undo(first.id))
    assert [each.is_undone for each in await filled.edits(TWO, 9)] == [False, False, True, True]


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (CorrectText("arxiv:0000.00000", "title", "en", "x"), "No paper is known as arxiv:0000"),
        (CorrectText(TWO, "title", "en", None), "Nothing would change"),
        (RemovePaper("ours", SECOND, TWO), "is not in 2026-W26 of ours"),
        (RemovePaper("ours", Week(2020, 1), TWO), "is not in 2020-W01 of ours"),
        (AddPaper("ours", FIRST, paper(2)), "is in 2026-W25 of ours already"),
        (MovePaper("theirs", FIRST, TWO, SECOND), "is not in 2026-W25 of theirs"),
        (MovePaper("ours", FIRST, TWO, SECOND), "is in 2026-W26 of ours already"),
        (Undo(99), "There is no edit 99"),
    ],
)
async def test_what_cannot_be_done_is_said_and_changes_nothing(
    filled: ArchiveStore, request_: CurationRequest, reason: str
) -> None:
    await filled.save((issue(SECOND, *map(paper, (4, 5, 6))),))
    if isinstance(request_, MovePaper):
        await edit(filled, AddPaper("ours", SECOND, paper(2)))
    before = await export(filled), await filled.edits(None, 9)

    with pytest.raises(CurationRefused, match=reason):
        await edit(filled, request_)

    assert (await export(filled), await filled.edits(None, 9)) == before


async def test_the_history_says_who_when_why_before_and_after(filled: ArchiveStore) -> None:
    await edit(filled, CorrectText(TWO, "title", "en", "One"))
    await edit(filled, CorrectText(TWO, "title", "en", "Two"))
    await edit(filled, RemovePaper("ours", FIRST, TWO))

    removed, second, _ = await filled.edits(TWO, 9)

    assert (second.by, second.action, second.key) == (ADA, "correct", TWO)
    (change,) = second.changes
    assert (change.field, change.name, change.before, change.after) == (
        "title",
        "en",
        "One",
        "Two",
    )
    assert (removed.action, removed.changes[0].name) == ("remove", "ours 2026-W25")
    assert await filled.edits("arxiv:2606.00001", 9) == ()
    assert len(await filled.edits(None, 2)) == 2


async def test_a_paper_is_named_by_key_address_or_name(
    context: Context, store: ArchiveStore
) -> None:
    await store.save([issue(FIRST, paper(1, "Ring Attention: Blocks"), paper(2, "MemWalker"))])
    for text in ("arxiv:2606.00001", "2606.00001", "https://arxiv.org/pdf/2606.00001v2",
                 "ring attention", "Ringattention"):  # fmt: skip
        assert (await curation.find_paper(context, text)).key == "arxiv:2606.00001", text
    with pytest.raises(CurationRefused, match="No paper is known as “zebra fish”"):
        await curation.find_paper(context, "zebra fish")


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "move", "title", "undo", "save", "other"]),
        st.integers(1, 9),
        st.sampled_from([FIRST, SECOND]),
        st.sampled_from([FIRST, SECOND]),
        st.none() | st.integers(1, 5),
    ),
    max_size=12,
)
OTHER = (issue(FIRST, *map(paper, (3, 8, 1))), issue(SECOND, *map(paper, (5, 4, 6, 2))))


@pytest.mark.long
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=EDITS)
async def test_whatever_is_edited_all_of_it_can_be_taken_back(
    edits: list[tuple[str, int, Week, Week, int | None]],
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive.sqlite3"
        empty_archive.make(path)
        store = ArchiveStore.open(path)
        try:
            await _edit_and_take_back(store, edits)
        finally:
            await store.close()


async def _edit_and_take_back(
    store: ArchiveStore, edits: list[tuple[str, int, Week, Week, int | None]]
) -> None:
    source = SOURCE
    await store.save(source)
    for kind, number, week, target, position in edits:
        key = paper(number).key
        requests: dict[str, CurationRequest] = {
            "add": AddPaper("ours", week, paper(number), position),
            "remove": RemovePaper("ours", week, key),
            "move": MovePaper("ours", week, key, target, position),
            "title": CorrectText(key, "title", "en", f"Title {position}"),
            "undo": Undo(number),
        }
        if kind in requests:
            try:
                await edit(store, requests[kind])
            except CurationRefused as error:
                assert str(error)  # noqa: PT017 - either is right
        else:
            source = OTHER if kind == "other" else source
            await store.save(source)
            before = await export(store)
            await store.save(source)
            assert await export(store) == before
    while True:
        try:
            await edit(store, Undo())
        except CurationRefused:
            break
    await store.save(source)
    for own, stored in zip(source, await export(store), strict=True):
        assert [e.paper.key for e in stored.entries] == [e.paper.key for e in own.entries]
        assert [e.paper.titles for e in stored.entries] == [e.paper.titles for e in own.entries]
