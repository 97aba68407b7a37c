"""The real lists make one archive, whatever comes first."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands.context import Context
from bot.model.papers import Entry, Issue
from bot.model.weeks import Week
from bot.sources.importer import import_source, with_inferred_tags
from bot.sources.parsers.detect import parse_source
from storage.store import ArchiveStore
from tests import empty_archive
from tests.samples import RING, issue


async def exported(store: ArchiveStore) -> list[Issue]:
    return [each async for each in store.issues(None, None)]


@pytest.mark.long
async def test_the_lists_are_joined_the_same_in_either_order(
    reference_data: Path, tmp_path: Path, context: Context
) -> None:
    files = [
        *sorted((reference_data / "dair" / "years").glob("*.md")),
        reference_data / "seed" / "2023-10-09.txt",
    ]
    parsed = {
        path: [
            with_inferred_tags(each, context.vocabulary)
            for each in parse_source(path.read_bytes(), path.name).issues
        ]
        for path in files
    }
    archives = []
    for name, order in (("a", files), ("b", [files[-1], *reversed(files[:-1])])):
        empty_archive.make(tmp_path / name)
        store = ArchiveStore.open(tmp_path / name)
        for path in order:
            await store.save(parsed[path])
        archives.append((await exported(store), await store.totals()))
        await store.close()

    (first, totals), (second, _) = archives
    assert unnumbered(first) == unnumbered(second)
    assert (totals.issues, totals.entries) == (182, 1820)
    seed = next(each for each in first if each.series == "pytorch-kr")
    dair = next(e for e in first if e.series == "dair" and e.week == Week(2023, 41))
    assert [e.paper.key for e in seed.entries] == [e.paper.key for e in dair.entries]
    assert [e.paper.id for e in seed.entries] == [e.paper.id for e in dair.entries]
    for entry in seed.entries:
        assert any(link.url.startswith("https://arxiv.org") for link in entry.paper.links)


def unnumbered(issues: list[Issue]) -> list[Issue]:
    """Return the issues with papers that bear no numbers: those tell the order of arrival."""
    return [
        replace(
            each,
            entries=tuple(Entry(e.position, replace(e.paper, id=0)) for e in each.entries),
        )
        for each in issues
    ]


async def test_a_new_vocabulary_tags_what_is_there_anew(
    context: Context, store: ArchiveStore
) -> None:
    await store.save([issue([RING])])
    assert await store.tag_counts() == (("long-context", 1),)

    await store.apply_vocabulary(
        "1", lambda paper: ("attention",) if "Ring" in paper.titles["en"] else ()
    )
    assert {tag for tag, _ in await store.tag_counts()} == {"attention", "long-context"}
    await store.apply_vocabulary("1", lambda _: ("never-asked",))
    await store.apply_vocabulary("2", lambda _: ())

    assert await store.tag_counts() == (("long-context", 1),)


async def test_a_source_is_taken_in_with_its_tags(context: Context) -> None:
    text = (
        "## Top AI Papers of the Week (October 9 - October 15) - 2023\n"
        "| 1) **A Survey of Diffusion Models** - x | [Paper](https://arxiv.org/abs/2310.00001) |\n"
    )

    taken = await import_source(context.archive, context.vocabulary, text.encode(), "2023.md")

    assert (taken.issues, taken.entries, taken.saved.added) == (1, 1, 1)
    assert dict(await context.archive.tag_counts()).keys() >= {"diffusion", "survey-paper"}
