"""What the archive says of how many papers a tag has is what it would count."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from bot.model.papers import Issue, Paper
from storage.sqlite import SqliteDatabase, migrate
from storage.store import ArchiveStore
from tests.curators import correct_tag
from tests.samples import FIREACT, MONDAY, RING, UNISIM, issue

ON_BOTH_DATABASES = True
NEXT = MONDAY + timedelta(days=7)
POST = replace(RING, key=RING.aliases[0], aliases=(), tags=("agents", "speech"))


async def test_totals_are_those_of_the_papers_after_every_change(store: ArchiveStore) -> None:
    await saved(store, issue())
    assert await totals(store) == {"agents": 1, "fine-tuning": 1, "long-context": 1, "robotics": 1}
    await saved(store, issue())
    # Tags of a source are replaced, papers change places, and one is listed in two weeks.
    retagged = replace(UNISIM, tags=("long-context", "agents"), inferred_tags=("agents", "llm"))
    await saved(store, issue([FIREACT, retagged, RING]))
    await saved(store, issue([retagged], NEXT))
    assert (await totals(store))["agents"] == 2
    # A row is removed and replaced, so that a paper is in no week anymore.
    await saved(store, issue([FIREACT, RING, RING]))
    await saved(store, issue([FIREACT], NEXT))
    assert "llm" not in await totals(store)
    # Curators give a tag, take one from a source, and take both decisions back.
    for wanted in (True, None):
        await correct_tag(store, RING.key, "speech", wanted=wanted)
        await totals(store)
    await correct_tag(store, RING.key, "long-context", wanted=False)
    assert "long-context" not in await totals(store)
    await correct_tag(store, RING.key, "long-context", wanted=None)
    # A new vocabulary tags every entry anew.
    await store.apply_vocabulary("1", lambda paper: infer(paper, "speech"))
    assert (await totals(store))["speech"] == 2
    await store.apply_vocabulary("2", lambda paper: infer(paper, "vision"))
    assert "speech" not in await totals(store)


async def test_totals_are_those_of_the_papers_where_two_are_joined(store: ArchiveStore) -> None:
    await saved(store, issue([replace(RING, aliases=()), FIREACT]))
    await saved(store, issue([POST], series="pytorch-kr"))
    assert (await totals(store))["agents"] == 2
    await correct_tag(store, POST.key, "attention", wanted=True)

    await saved(store, issue([RING, FIREACT]))  # it says now that both are one

    assert (await store.totals()).papers == 2
    assert await totals(store) == {
        "agents": 2, "attention": 1, "fine-tuning": 1, "long-context": 1, "speech": 1,
    }  # fmt: skip
    await saved(store, issue([FIREACT]))
    await saved(store, issue([UNISIM], series="pytorch-kr"))
    assert (await totals(store))["robotics"] == 1


def test_an_older_archive_is_counted_once(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    migrate(path, "0032")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "INSERT INTO papers VALUES (7, 'arxiv:1'), (8, 'arxiv:2');"
            "INSERT INTO paper_tags VALUES ('llm', '2023-10-09', 7), ('llm', '2023-10-16', 8),"
            " ('agents', '2023-10-09', 7);"
        )

    SqliteDatabase(path).prepare()

    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT tag, papers FROM tag_totals ORDER BY tag").fetchall()
    assert found == [("agents", 1), ("llm", 2)]


def infer(paper: Paper, tag: str) -> tuple[str, ...]:
    return (tag,) if "en" in paper.titles else ()


async def saved(store: ArchiveStore, one: Issue) -> None:
    await store.save([one])
    await totals(store)


async def totals(store: ArchiveStore) -> dict[str, int]:
    """Return the totals, which are as they are counted, and those of pages."""
    engine = store.database.open_engine("test")
    with engine.connect() as connection:
        counted = text("SELECT tag, count(*) FROM paper_tags GROUP BY tag")
        found = {row[0]: row[1] for row in connection.execute(counted)}
    engine.dispose()
    said = await store.tag_counts()
    assert said == tuple(sorted(said, key=lambda each: (-each[1], each[0])))
    assert dict(said) == found
    assert {tag: (await store.papers_by_tag(tag, 0, 0)).total for tag in found} == found
    return found
