"""Records are learnt over real sockets, by `paperboy enrich` and beside the running bot."""

import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.http.client import HttpClient
from adapters.http.options import Options
from bot.enrichment.enricher import ApiUrls, Enricher
from storage.store import ArchiveStore
from tests.arxiv_server import RATE_EXCEEDED, Fault, KnownPaper, MetadataServices, serve
from tests.bot_process import BotProcess as Running
from tests.bot_process import DeliveryScenario, prepare
from tests.command_line import CommandLine
from tests.samples import RING, UNISIM, issue
from tests.test_enrichment import LONG, REPOSITORY, Leaping, numbered
from tests.webhook_receiver import SECRET, WebhookReceiver

pytestmark = pytest.mark.slow

HERE = frozenset({"127.0.0.1"})


@pytest.fixture
def services() -> Iterator[MetadataServices]:
    with serve(MetadataServices()) as found:
        found.hold(KnownPaper("2310.01889"), KnownPaper("2310.06114", "UniSim"))
        yield found


@dataclass
class Bench:
    """An enrichment that speaks to both services over the web's own adapter."""

    store: ArchiveStore
    services: MetadataServices
    enrichment: Enricher
    clock: Leaping


@pytest.fixture
async def bench(store: ArchiveStore, services: MetadataServices) -> AsyncIterator[Bench]:
    clock = Leaping()
    options = Options(
        version="1.2.3", contact="mail@example.org", private_hosts=HERE, interval=timedelta()
    )
    web = HttpClient(options, clock)
    addresses = ApiUrls(services.arxiv, services.hugging_face)
    yield Bench(store, services, Enricher(store, web, addresses, clock), clock)
    await web.close()


async def test_everything_is_learnt_over_one_connection_by_whoever_says_who_it_is(
    bench: Bench,
) -> None:
    papers = numbered(230)
    bench.services.hold(*(KnownPaper(paper.key.removeprefix("arxiv:")) for paper in papers))
    bench.services.repositories = {"2310.00001": REPOSITORY}
    await bench.store.save([issue(papers)])

    learnt = await bench.enrichment.run_to_completion(LONG)

    assert (learnt.records, learnt.repositories, learnt.remaining) == (230, 1, 0)
    assert [len(each) for each in bench.services.asked] == [100, 100, 30]
    assert len(bench.services.connections) == 1
    assert bench.services.agents == {"Paperboy/1.2.3 (+mail@example.org)"}


async def test_every_oddity_is_lived_with(bench: Bench) -> None:
    await bench.store.save([issue([RING, UNISIM, *numbered(3)])])
    bench.services.hold(KnownPaper("2310.00002"))
    bench.services.malformed = frozenset({"2310.00003"})
    bench.services.faults = [
        Fault(200, RATE_EXCEEDED),
        Fault(503, b"", "120"),
        Fault(429, RATE_EXCEEDED),
        Fault(200, b"<html><body>Maintenance</body></html>"),
    ]

    learnt = await bench.enrichment.run_to_completion(LONG)

    assert (learnt.records, learnt.unknown, learnt.remaining) == (3, 2, 0)
    assert bench.clock.passed > 120


@pytest.fixture
def paperboy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, services: MetadataServices
) -> CommandLine:
    return CommandLine(tmp_path)


def environment(services: MetadataServices) -> dict[str, str]:
    return {
        "PAPERBOY_RECORD_ENABLED": "true",
        "PAPERBOY_RECORD_ARXIV_URL": services.arxiv,
        "PAPERBOY_RECORD_HUGGING_FACE_URL": services.hugging_face,
        "PAPERBOY_WEB_PRIVATE_HOSTS": '["127.0.0.1"]',
        "PAPERBOY_WEB_INTERVAL_SECONDS": "0",
    }


def test_the_command_tells_what_it_learnt_and_asks_for_it_once(
    paperboy: CommandLine, services: MetadataServices
) -> None:
    paperboy("import", "--sample")
    services.repositories = {"2310.01889": REPOSITORY}

    code, said, _ = paperboy.child("enrich", "--json", **environment(services))
    again = paperboy.child("enrich", **environment(services))

    learnt = json.loads(said)
    assert code == 0
    assert (learnt["records"], learnt["repositories"], learnt["left"]) == (2, 1, 0)
    assert again[:2] == (
        0,
        "Records: 0 learnt, 0 unknown to arXiv. Repositories: 0 learnt. Left for later: 0.\n",
    )
    assert len(services.asked) == 1


def test_the_command_tells_what_is_left_and_why(
    paperboy: CommandLine, services: MetadataServices
) -> None:
    paperboy("import", "--sample")
    services.faults = [Fault(503, b"", "3600")]

    code, said, beside = paperboy.child("enrich", **environment(services))

    assert code == 3
    assert "Records: 0 learnt" in said
    assert "127.0.0.1: it answered 503 (Service Unavailable); try again later." in beside
    assert paperboy.child("enrich")[0] == 2
    assert "record.enabled is false" in paperboy.child("enrich")[2]


async def test_beside_the_running_bot_records_are_learnt(
    tmp_path: Path, services: MetadataServices
) -> None:
    async with WebhookReceiver() as receiver:
        path = tmp_path / "archive.sqlite3"
        await prepare(DeliveryScenario(), path)
        program = running(receiver, path, environment(services))
        await program.start()
        assert await program.deliver_all()
        await program.wait_for_log('"event": "Fetched records", "records": 2')
        assert await program.stop() == 0


async def test_arxiv_that_never_answers_delays_no_digest_and_no_end(
    tmp_path: Path, services: MetadataServices
) -> None:
    services.silent = True
    async with WebhookReceiver() as receiver:
        path = tmp_path / "archive.sqlite3"
        await prepare(DeliveryScenario(), path)
        program = running(receiver, path, environment(services))
        await program.start()
        assert await program.deliver_all()
        ended = await program.stop()
        services.silent = False

    assert ended == 0
    assert len(receiver.ledger) == 1
    assert _records(path) == 0


def running(receiver: WebhookReceiver, path: Path, more: dict[str, str]) -> Running:
    channels = json.dumps({"c00": receiver.url("c00")})
    webhook = {"PAPERBOY_WEBHOOK_CHANNELS": channels, "PAPERBOY_WEBHOOK_SECRET": SECRET}
    return Running(path, webhook | more, DeliveryScenario())


def _records(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM records").fetchone()
    return int(count)
