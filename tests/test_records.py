"""Records are kept beside what sources and curators say, and found with every paper."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.model.papers import Link, MetadataProvider, Paper, Record
from bot.ports.archive import SeriesPreference
from bot.ports.enrichment import FailedLookup
from storage.store import ArchiveStore
from tests.counted import counted
from tests.curators import correct_text
from tests.samples import FIREACT, MONDAY, RECORD, RING, UNISIM, issue

ON_BOTH_DATABASES = True

NOW = datetime(2023, 10, 16, tzinfo=UTC)
RING_NUMBER = "2310.01889"
REPOSITORY = "https://github.com/lhao499/RingAttention"


async def paper(store: ArchiveStore, key: str = RING.key) -> Paper:
    numbers = await store.query_index(lambda index: index.find_by_keys([key]))
    return (await store.papers(numbers))[0]


async def wanted(
    store: ArchiveStore, origin: MetadataProvider = MetadataProvider.ARXIV, now: datetime = NOW
) -> tuple[str, ...]:
    return (await store.pending_lookups(origin, 10, now)).arxiv_ids


async def test_a_record_comes_with_the_paper_and_changes_nothing_else(store: ArchiveStore) -> None:
    await store.save([issue()])
    before = await paper(store)

    await store.save_records({RING_NUMBER: RECORD}, NOW)

    assert await paper(store) == replace(before, record=RECORD)
    found = (await store.find_issue(MONDAY, MONDAY, SeriesPreference())).issue
    assert found is not None
    assert [entry.paper.record for entry in found.entries] == [RECORD, None, None]


async def test_a_record_is_kept_for_ever(store: ArchiveStore) -> None:
    await store.save([issue()])
    await store.save_records({RING_NUMBER: RECORD}, NOW)

    await store.save_records({RING_NUMBER: replace(RECORD, title="Other")}, NOW)
    await store.save([issue([UNISIM])])
    await store.save([issue([replace(RING, titles={"en": "Renamed"}), UNISIM])])

    again = await paper(store)
    assert again.record == RECORD
    assert again.titles["en"] == "Renamed"


async def test_a_record_of_a_young_paper_is_asked_for_again_and_replaced(
    store: ArchiveStore,
) -> None:
    await store.save([issue([RING])])
    first = replace(RECORD, published=NOW.date(), doi="", journal="")
    await store.save_records({RING_NUMBER: first}, NOW)
    half_a_year = timedelta(days=180)

    assert await wanted(store, now=NOW + half_a_year - timedelta(seconds=1)) == ()
    assert await wanted(store, now=NOW + half_a_year) == (RING_NUMBER,)
    later = replace(first, title="As printed", doi="10.1/ring", journal="Journal of Rings 1")
    await store.save_records({RING_NUMBER: later}, NOW + half_a_year)

    assert (await paper(store)).record == later
    times = [NOW + half_a_year * count for count in (2, 3, 4, 9)]
    for now, asked in zip(times, (True, True, False, False), strict=True):
        assert await wanted(store, now=now) == ((RING_NUMBER,) if asked else ())
        await store.save_records({RING_NUMBER: later}, now)


async def test_an_answer_that_fails_leaves_the_record_that_was_learnt(store: ArchiveStore) -> None:
    await store.save([issue([RING])])
    first = replace(RECORD, published=NOW.date())
    await store.save_records({RING_NUMBER: first}, NOW)
    later = NOW + timedelta(days=180)

    failed = [FailedLookup(RING_NUMBER, "it is not known")]
    await store.save_failed_lookups(MetadataProvider.ARXIV, failed, later)

    assert (await paper(store)).record == first
    assert await wanted(store, now=later) == ()
    assert await wanted(store, now=later + timedelta(days=1)) == (RING_NUMBER,)


async def test_what_curators_wrote_stands_above_a_record(store: ArchiveStore) -> None:
    await store.save([issue()])
    await correct_text(store, RING.key, "title", "en", "By hand")
    await correct_text(store, RING.key, "abstract", "en", "An abstract by hand")

    await store.save_records({RING_NUMBER: RECORD}, NOW)

    assert (await paper(store)).titles["en"] == "By hand"
    assert (await paper(store)).abstracts["en"] == "An abstract by hand"


async def test_papers_without_a_record_are_wanted_those_of_the_newest_week_first(
    store: ArchiveStore,
) -> None:
    other = Paper("doi:10.1038/x", titles={"en": "Elsewhere"})
    await store.save([issue([FIREACT, other], MONDAY - timedelta(days=7)), issue([UNISIM, RING])])

    first = await store.pending_lookups(MetadataProvider.ARXIV, 2, NOW)
    await store.save_records({RING_NUMBER: RECORD}, NOW)

    assert (first.arxiv_ids, first.total) == ((RING_NUMBER, "2310.06114"), 3)
    assert await wanted(store) == ("2310.06114", "2310.05915")


async def test_what_arxiv_does_not_know_is_asked_again_later_and_later(
    store: ArchiveStore,
) -> None:
    await store.save([issue([RING])])
    failed = [FailedLookup(RING_NUMBER, "it is not known")]

    for days in (1, 2, 4, 8, 16, 32, 64, 128, 128):
        await store.save_failed_lookups(MetadataProvider.ARXIV, failed, NOW)
        assert await wanted(store, now=NOW + timedelta(days=days) - timedelta(seconds=1)) == ()
        assert await wanted(store, now=NOW + timedelta(days=days)) == (RING_NUMBER,)

    await store.save_records({RING_NUMBER: RECORD}, NOW)
    assert await wanted(store, now=NOW + timedelta(days=1000)) == ()


async def test_hugging_face_is_asked_for_code_that_nobody_names(store: ArchiveStore) -> None:
    with_code = replace(UNISIM, links=(*UNISIM.links, Link("code", "Code", REPOSITORY)))
    await store.save([issue([RING, with_code, FIREACT])])
    assert await wanted(store, MetadataProvider.HUGGING_FACE) == ()

    await store.save_records(
        {
            RING_NUMBER: RECORD,
            "2310.06114": RECORD,
            "2310.05915": replace(RECORD, repository="https://github.com/a/b"),
        },
        NOW,
    )
    assert await wanted(store, MetadataProvider.HUGGING_FACE) == (RING_NUMBER,)
    await store.save_repositories({RING_NUMBER: REPOSITORY}, NOW)

    assert await wanted(store, MetadataProvider.HUGGING_FACE) == ()
    assert (await paper(store)).record == replace(RECORD, repository=REPOSITORY)


async def test_code_is_shown_though_arxiv_does_not_know_the_paper(store: ArchiveStore) -> None:
    await store.save([issue([RING])])
    await store.save_failed_lookups(
        MetadataProvider.ARXIV, [FailedLookup(RING_NUMBER, "it is not known")], NOW
    )
    assert await wanted(store, MetadataProvider.HUGGING_FACE) == (RING_NUMBER,)

    await store.save_repositories({RING_NUMBER: REPOSITORY}, NOW)

    assert (await paper(store)).record == Record(repository=REPOSITORY)


async def test_authors_and_abstracts_of_records_are_found(store: ArchiveStore) -> None:
    await store.save([issue()])
    await store.save_records({RING_NUMBER: RECORD}, NOW)

    for words in (["matei", "zaharia"], ["blocks", "travel"]):
        numbers, total = await store.query_index(
            lambda index, words=words: index.search_texts(words, 10, 0, max_gap=0)  # type: ignore[misc]
        )
        assert total == 1
        assert (await store.papers(numbers))[0].key == RING.key
    texts = await store.query_index(lambda index: index.texts(numbers))
    assert any("Matei Zaharia" in text for text in texts[numbers[0]])


async def test_a_week_costs_as_many_statements_however_many_papers_it_has(
    store: ArchiveStore,
) -> None:
    # Each week has a tag that none before it had.
    many = [
        replace(RING, key=f"arxiv:2310.{n:05}", aliases=(), tags=("agents",)) for n in range(60)
    ]
    await store.save([issue([RING]), issue(many, MONDAY + timedelta(days=7))])
    await store.save_records({f"2310.{n:05}": RECORD for n in range(60)}, NOW)
    counts = []

    for day in (MONDAY, MONDAY + timedelta(days=7)):
        with counted() as seen:
            await store.find_issue(day, day, SeriesPreference())
        counts.append(len(seen))

    assert counts[0] == counts[1] > 0
