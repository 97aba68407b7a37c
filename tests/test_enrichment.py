"""Records are learnt in batches and in pace, kept for ever, and whatever fails waits its turn."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

import pytest

from bot.enrichment.enricher import ApiUrls, Enricher, EnrichmentResult
from bot.enrichment.lookups import BATCH_SIZE, REQUEST_INTERVAL
from bot.model.papers import Link, MetadataProvider, Paper
from bot.ports.enrichment import PendingLookups
from bot.ports.errors import StorageUnavailable, TryLater
from bot.ports.web import FetchRefused, FetchResult
from storage.store import ArchiveStore
from tests.arxiv_server import RATE_EXCEEDED, KnownPaper, MetadataServices, feed
from tests.samples import FIREACT, RING, UNISIM, issue

ARXIV = "https://export.arxiv.org/api/query"
HUGGING_FACE = "https://huggingface.co/api/papers"
REPOSITORY = "https://github.com/lhao499/RingAttention"
LONG = timedelta(hours=2)


class Leaping:
    """Fulfils `bot.lib.clock.Clock`: a sleep ends at once, and moves the time on."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return datetime(2023, 10, 16, tzinfo=UTC) + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds
        await asyncio.sleep(0)


@dataclass
class FakeWeb:
    """Fulfils `bot.ports.web.WebClient` with the answers of both services, and remembers when."""

    services: MetadataServices
    clock: Leaping
    faults: list[Exception | bytes | None] = field(default_factory=list)
    """What the next questions meet; None: the true answer."""
    always: Callable[[str], Exception | None] = lambda _: None
    times: list[float] = field(default_factory=list)
    """When arXiv was asked."""
    takes: float = 0.5

    async def get(self, url: str, *, etag: str = "", last_modified: str = "") -> FetchResult:
        parts = urlsplit(url)
        is_arxiv = url.startswith(ARXIV)
        if is_arxiv:
            self.times.append(self.clock.monotonic())
        self.clock.passed += self.takes
        fault = self.faults.pop(0) if self.faults else None
        fault = fault or self.always(url)
        if isinstance(fault, bytes):
            return FetchResult(fault, url)
        if fault:
            raise fault
        answer = (
            self.services.query(parts.query)
            if is_arxiv
            else self.services.paper(parts.path.rsplit("/", 1)[-1])
        )
        if answer.status != 200:
            raise FetchRefused(f"it answered {answer.status}", answer.status)
        return FetchResult(answer.body, url)


def numbered(count: int, month: int = 2310) -> list[Paper]:
    return [
        Paper(f"arxiv:{month}.{n:05}", titles={"en": f"Paper {n}"}) for n in range(1, count + 1)
    ]


@dataclass
class Bench:
    """An enrichment, and all that it speaks to."""

    store: ArchiveStore
    services: MetadataServices
    web: FakeWeb
    clock: Leaping
    enrichment: Enricher

    async def records(self) -> int:
        """Return how many papers have a record."""
        found = 0
        async for each in self.store.issues(None, None):
            found += sum(entry.paper.record is not None for entry in each.entries)
        return found


@pytest.fixture
def bench(store: ArchiveStore) -> Bench:
    clock, services = Leaping(), MetadataServices()
    web = FakeWeb(services, clock)
    addresses = ApiUrls(ARXIV, HUGGING_FACE)
    return Bench(store, services, web, clock, Enricher(store, web, addresses, clock))


async def test_what_arxiv_knows_is_learnt_and_code_that_hugging_face_names(bench: Bench) -> None:
    named = replace(
        FIREACT, links=(*FIREACT.links, Link("code", "Code", "https://github.com/a/b"))
    )
    await bench.store.save([issue([RING, UNISIM, named])])
    bench.services.hold(
        KnownPaper("2310.01889"), KnownPaper("2310.06114"), KnownPaper("2310.05915")
    )
    bench.services.repositories = {"2310.01889": REPOSITORY, "2310.06114": None}

    learnt = await bench.enrichment.run_to_completion(LONG)

    assert learnt == EnrichmentResult(records=3, repositories=1)
    assert bench.services.asked == [("2310.01889", "2310.05915", "2310.06114")]
    assert bench.services.repository_requests == ["2310.01889", "2310.06114"]
    found = await bench.store.papers([1])
    assert found[0].record is not None
    assert found[0].record.authors == ("Hao Liu", "Matei Zaharia", "Pieter Abbeel")
    assert found[0].record.repository == REPOSITORY


async def test_what_is_known_is_not_asked_again(bench: Bench) -> None:
    await bench.store.save([issue()])
    bench.services.hold(KnownPaper("2310.01889"))
    await bench.enrichment.run_to_completion(LONG)

    again = await bench.enrichment.run_to_completion(LONG)

    assert again == EnrichmentResult()
    assert len(bench.services.asked) == 1


async def test_papers_are_asked_about_in_batches_and_arxiv_is_left_three_seconds_between(
    bench: Bench,
) -> None:
    papers = numbered(2 * BATCH_SIZE + 50)
    await bench.store.save([issue(papers)])
    bench.services.hold(*(KnownPaper(paper.key.removeprefix("arxiv:")) for paper in papers))
    bench.services.repositories = {}

    learnt = await bench.enrichment.run_to_completion(LONG)

    assert learnt.records == len(papers)
    assert [len(each) for each in bench.services.asked] == [BATCH_SIZE, BATCH_SIZE, 50]
    apart = REQUEST_INTERVAL.total_seconds() + bench.web.takes
    gaps = [after - before for before, after in pairwise(bench.web.times)]
    assert all(gap >= apart for gap in gaps)


async def test_a_paper_that_arxiv_does_not_know_is_remembered(bench: Bench) -> None:
    await bench.store.save([issue()])
    bench.services.hold(KnownPaper("2310.01889"))

    learnt = await bench.enrichment.run_to_completion(LONG)
    bench.clock.passed += timedelta(hours=23).total_seconds()
    await bench.enrichment.run_to_completion(LONG)
    bench.services.hold(KnownPaper("2310.06114"))
    bench.clock.passed += timedelta(hours=2).total_seconds()
    later = await bench.enrichment.run_to_completion(LONG)

    assert (learnt.records, learnt.unknown) == (1, 2)
    assert (later.records, later.unknown) == (1, 1)
    assert len(bench.services.asked) == 2


async def test_one_id_that_spoils_the_question_is_found_out(bench: Bench) -> None:
    papers = [*numbered(60), Paper("arxiv:2313.99999", titles={"en": "A typing error"})]
    await bench.store.save([issue(papers)])
    bench.services.hold(*(KnownPaper(paper.key.removeprefix("arxiv:")) for paper in papers[:-1]))
    bench.services.malformed = frozenset({"2313.99999"})

    learnt = await bench.enrichment.run_to_completion(LONG)

    assert (learnt.records, learnt.unknown, learnt.remaining) == (60, 1, 0)
    assert len(bench.services.asked) <= 14


async def test_nothing_in_place_of_many_papers_is_no_answer(bench: Bench) -> None:
    await bench.store.save([issue([RING, UNISIM, FIREACT])])
    bench.services.hold(
        KnownPaper("2310.01889"), KnownPaper("2310.06114"), KnownPaper("2310.05915")
    )
    bench.web.faults = [feed()]

    learnt = await bench.enrichment.run_to_completion(LONG)

    assert (learnt.records, learnt.unknown) == (3, 0)


async def test_a_lone_id_that_is_refused_is_remembered(bench: Bench) -> None:
    await bench.store.save([issue([Paper("arxiv:2313.99999", titles={"en": "A typing error"})])])
    bench.services.malformed = frozenset({"2313.99999"})

    learnt = await bench.enrichment.run_to_completion(LONG)

    assert (learnt.unknown, learnt.remaining, len(bench.services.asked)) == (1, 0, 1)


async def test_whoever_is_refused_everything_remembers_nothing_and_comes_back_later(
    bench: Bench,
) -> None:
    await bench.store.save([issue(numbered(100))])
    bench.web.always = lambda url: (
        FetchRefused("it answered 403", 403) if url.startswith(ARXIV) else None
    )

    learnt = await bench.enrichment.run_to_completion(timedelta(seconds=30))

    assert (learnt.records, learnt.unknown, learnt.remaining) == (0, 0, 100)
    assert learnt.reasons == ("export.arxiv.org: it answered 403",)
    assert len(bench.web.times) == 1
    bench.web.always = lambda _: None
    bench.clock.passed += timedelta(hours=6).total_seconds()
    bench.services.hold(*(KnownPaper(f"2310.{n:05}") for n in range(1, 101)))
    assert (await bench.enrichment.run_to_completion(LONG)).records == 100


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (RATE_EXCEEDED, "it says “Rate exceeded.”"),
        (b"<html>busy</html>", "the answer cannot be read: it is no Atom feed"),
        (TryLater(None, "it answered 503"), "it answered 503"),
    ],
)
async def test_what_fails_is_asked_again_after_a_pause(
    bench: Bench, fault: Exception | bytes, reason: str
) -> None:
    await bench.store.save([issue([RING, UNISIM])])
    bench.services.hold(KnownPaper("2310.01889"), KnownPaper("2310.06114"))
    bench.web.faults = [fault] * 3

    first = await bench.enrichment.run_once()
    whole = await bench.enrichment.run_to_completion(LONG)

    assert first.remaining == 2
    assert first.records == 0
    assert first.reasons == (f"export.arxiv.org: {reason}",)
    assert (whole.records, whole.remaining) == (2, 0)


async def test_retry_after_is_waited_for_and_failures_double_the_pause(bench: Bench) -> None:
    await bench.store.save([issue([RING])])
    bench.services.hold(KnownPaper("2310.01889"))
    bench.web.faults = [TryLater(timedelta(seconds=700)), TryLater(None), TryLater(None)]

    await bench.enrichment.run_to_completion(LONG)

    gaps = [after - before for before, after in pairwise(bench.web.times)]
    assert [round(gap - bench.web.takes) for gap in gaps] == [700, 10, 20]


async def test_a_service_that_fails_does_not_hold_up_the_other(bench: Bench) -> None:
    await bench.store.save([issue([RING])])
    bench.services.hold(KnownPaper("2310.01889"))
    await bench.enrichment.run_once()
    await bench.store.save([issue([RING, UNISIM])])
    bench.services.repositories = {"2310.01889": REPOSITORY}
    bench.clock.passed += timedelta(days=2).total_seconds()
    bench.web.faults = [RATE_EXCEEDED]

    step = await bench.enrichment.run_once()

    assert (step.records, step.repositories, step.remaining) == (0, 1, 1)


async def test_hugging_face_is_asked_again_where_it_fails_and_not_where_it_knows_nothing(
    bench: Bench,
) -> None:
    await bench.store.save([issue([RING, UNISIM])])
    bench.services.hold(KnownPaper("2310.01889"), KnownPaper("2310.06114"))
    bench.services.repositories = {"2310.06114": REPOSITORY}
    bench.web.faults = [None, None, b"<html>", TryLater(None, "it answered 500")]

    learnt = await bench.enrichment.run_to_completion(LONG)
    again = await bench.enrichment.run_to_completion(LONG)

    assert (learnt.repositories, learnt.remaining) == (1, 0)
    assert bench.services.repository_requests == ["2310.01889", "2310.06114"]
    assert again == EnrichmentResult()


async def test_hugging_face_can_be_left_out(bench: Bench) -> None:
    await bench.store.save([issue([RING])])
    bench.services.hold(KnownPaper("2310.01889"))
    alone = Enricher(bench.store, bench.web, ApiUrls(ARXIV), bench.clock)

    assert await alone.run_to_completion(LONG) == EnrichmentResult(records=1)
    assert bench.services.repository_requests == []


async def test_in_the_background_new_weeks_are_learnt_and_nothing_ends_it(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    stop = asyncio.Event()
    fails: list[Exception] = [StorageUnavailable("the disk is full"), RuntimeError("a bug")]

    class Failing:
        """The real records, which fail as often as they are told."""

        async def pending_lookups(
            self, origin: MetadataProvider, limit: int, now: datetime
        ) -> PendingLookups:
            if fails:
                raise fails.pop(0)
            return await bench.store.pending_lookups(origin, limit, now)

        enrichment_lock = bench.store.enrichment_lock
        save_records = bench.store.save_records
        save_repositories = bench.store.save_repositories
        save_failed_lookups = bench.store.save_failed_lookups

    bench.services.hold(KnownPaper("2310.01889"), KnownPaper("2310.06114"))
    bench.web.faults = [RATE_EXCEEDED]
    enrichment = Enricher(Failing(), bench.web, ApiUrls(ARXIV, HUGGING_FACE), bench.clock)
    running = asyncio.create_task(enrichment.run(stop))
    await bench.store.save([issue([RING])])
    await _until(bench, 1)
    await bench.store.save([issue([RING, UNISIM])])
    await _until(bench, 2)
    stop.set()
    await running

    reasons = [getattr(record, "fields", {}).get("reason", "") for record in caplog.records]
    assert "the disk is full" in reasons
    assert "a bug" in caplog.text
    assert any("Rate exceeded" in reason for reason in reasons)


async def _until(bench: Bench, records: int) -> None:
    async with asyncio.timeout(60):
        while await bench.records() < records:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)


async def test_of_two_programs_one_alone_asks(bench: Bench) -> None:
    await bench.store.save([issue([RING])])
    bench.services.hold(KnownPaper("2310.01889"))

    with bench.store.enrichment_lock() as is_ours:
        other = await bench.enrichment.run_to_completion(timedelta(seconds=15))
    after = await bench.enrichment.run_to_completion(timedelta(seconds=15))

    assert is_ours
    assert (other.records, other.remaining, other.is_running_elsewhere) == (0, 1, True)
    assert "another Paperboy" in other.reasons[0]
    assert (after.records, after.remaining) == (1, 0)


async def test_progress_is_told(bench: Bench) -> None:
    papers = numbered(30)
    await bench.store.save([issue(papers)])
    bench.services.hold(*(KnownPaper(paper.key.removeprefix("arxiv:")) for paper in papers))
    told: list[EnrichmentResult] = []

    await bench.enrichment.run_to_completion(LONG, told.append)

    assert [each.remaining for each in told] == [10, 0]
