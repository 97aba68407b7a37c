"""What programs make of the pages: feeds by the rules of Atom, JSON-LD, OpenGraph, OpenAPI."""

import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import pytest
from lxml import etree

from bot.app.archive import build_context
from bot.model.papers import Entry
from config.settings import Settings
from storage.store import ArchiveStore
from tests import samples
from tests.site_client import PUBLIC_URL, open_site

pytestmark = pytest.mark.slow

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = '"><script>alert(1)</script>{{ 7*7 }}&lt;b&gt;]]>'


@pytest.fixture
async def site(sample: Path, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield the pages of the sample weeks, and of one with hostile texts."""
    shutil.copy(sample, tmp_path / "sample.sqlite3")
    store = ArchiveStore.open(tmp_path / "sample.sqlite3")
    hostile = replace(
        samples.RING,
        key="arxiv:2310.99999",
        aliases=(),
        titles={"en": HOSTILE, "ko": HOSTILE},
        summaries={"en": HOSTILE},
        tags=("llm",),
    )
    week = replace(samples.issue((hostile,), date(2023, 10, 23)), intros={"en": HOSTILE})
    await store.save([replace(week, series="sample", entries=(Entry(1, hostile),))])
    context = replace(build_context(Settings(), store), today=lambda: date(2023, 10, 18))
    async with open_site(context) as client:
        yield client
    await store.close()


def read(response: httpx2.Response, *syntaxes: str) -> dict[str, Any]:
    import extruct  # noqa: PLC0415 - half a second, which the other processes need not spend

    assert response.status_code == httpx2.codes.OK
    found = extruct.extract(
        response.text, base_url=PUBLIC_URL, syntaxes=list(syntaxes), uniform=True
    )
    return dict(found)


@pytest.mark.parametrize(
    "path",
    ["/ko/feed.atom", "/en/feed.atom", "/en/tag/llm/feed.atom", "/en/series/sample/feed.atom",
     "/ko/search/feed.atom?q=llm"],
)  # fmt: skip
async def test_feeds_keep_to_the_rules_of_atom(site: httpx2.AsyncClient, path: str) -> None:
    rules = etree.RelaxNG(file=str(samples.FILES / "atom.rng"))
    feed = etree.fromstring((await site.get(path)).content)

    assert rules.validate(feed), rules.error_log
    # What a grammar cannot say: whose a feed is, where it is, and that no two entries are one.
    entries = feed.findall(f"{ATOM}entry")
    assert entries
    assert feed.find(f"{ATOM}author") is not None or all(
        entry.find(f"{ATOM}author") is not None for entry in entries
    )
    (own,) = [each for each in feed.findall(f"{ATOM}link") if each.get("rel") == "self"]
    assert own.get("href") == PUBLIC_URL.rstrip("/") + path
    as_json = (await site.get(path.replace("feed.atom", "feed.json"))).json()
    assert as_json["feed_url"] == own.get("href").replace("feed.atom", "feed.json")
    names = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(names)) == len(names)
    for entry in entries:
        assert entry.find(f"{ATOM}content") is not None or any(
            each.get("rel", "alternate") == "alternate" for each in entry.findall(f"{ATOM}link")
        )


def test_a_feed_that_breaks_a_rule_is_found() -> None:
    rules = etree.RelaxNG(file=str(samples.FILES / "atom.rng"))
    start = '<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><id>urn:x</id>'
    whole = f"{start}<updated>2023-10-09T00:00:00Z</updated></feed>"
    for broken in (
        f"{start}</feed>",
        f"{start}<updated>2023-10-09</updated></feed>",
        f"{start}<updated>2023-10-09T00:00:00Z</updated><id>urn:y</id></feed>",
        f"{start}<updated>2023-10-09T00:00:00Z</updated><link/></feed>",
    ):
        assert not rules.validate(etree.fromstring(broken)), broken
    assert rules.validate(etree.fromstring(whole))


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_a_paper_is_a_scholarly_article(site: httpx2.AsyncClient, language: str) -> None:
    found = read(await site.get(f"/{language}/paper/arxiv/2310.01889/"), "json-ld")

    (article,) = found["json-ld"]
    assert article["@type"] == "ScholarlyArticle"
    assert article["headline"] == samples.RING.titles["en"]
    assert article["url"] == f"{PUBLIC_URL}{language}/paper/arxiv/2310.01889/"
    assert article["sameAs"] == ["https://arxiv.org/abs/2310.01889"]


async def test_a_week_lists_its_papers_for_search_engines(site: httpx2.AsyncClient) -> None:
    (page,) = read(await site.get("/en/week/sample/2023-W41/"), "json-ld")["json-ld"]

    assert page["@type"] == "CollectionPage"
    items = page["mainEntity"]["itemListElement"]
    assert [item["position"] for item in items] == list(range(1, len(items) + 1))
    assert all(item["url"].startswith(f"{PUBLIC_URL}en/paper/") for item in items)


@pytest.mark.parametrize(
    "address",
    ["", "week/sample/2023-W41/", "paper/arxiv/2310.01889/", "tag/llm/", "trend/", "about/"],
)
@pytest.mark.parametrize("language", ["ko", "en"])
async def test_other_sites_are_told_what_a_page_is(
    site: httpx2.AsyncClient, address: str, language: str
) -> None:
    (found,) = read(await site.get(f"/{language}/{address}"), "opengraph")["opengraph"]

    assert found["og:url"] == f"{PUBLIC_URL}{language}/{address}"
    assert found["og:title"]
    assert found["og:locale"] == {"ko": "ko_KR", "en": "en_US"}[language]
    if address not in {"tag/llm/", "about/"}:
        image = found["og:image"]
        assert image.startswith(f"{PUBLIC_URL}{language}/")
        assert image.endswith(".png")
        assert found["og:image:alt"]


async def test_hostile_texts_stay_texts_for_programs_too(site: httpx2.AsyncClient) -> None:
    response = await site.get("/en/paper/arxiv/2310.99999/")
    found = read(response, "json-ld", "opengraph")

    assert found["json-ld"][0]["headline"] == HOSTILE
    assert found["opengraph"][0]["og:title"] == HOSTILE
    assert "<script>alert" not in response.text
    assert (await site.get("/en/paper/arxiv/2310.99999/preview.png")).status_code == 200


async def test_the_interface_is_described_by_the_rules_of_openapi(
    site: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It checks formats that no interface has, and takes six seconds to be loaded.
    monkeypatch.setitem(sys.modules, "rfc3987_syntax", None)
    import openapi_spec_validator  # noqa: PLC0415 - two seconds; the others need not spend them

    described = (await site.get("/api/v1/openapi.json")).json()

    assert described["openapi"].startswith("3.1")
    openapi_spec_validator.validate(described)
