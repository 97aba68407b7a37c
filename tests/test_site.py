"""The archive on the web: pages, languages, other forms, feeds, the interface, and limits."""

import json
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import feedparser
import httpx2
import jsonschema_rs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from adapters.site.app import preferred_language
from bot.app.archive import build_context
from bot.cards.page_addresses import MAX_SEGMENT, InvalidAddress, escape_name, unescape_name
from bot.commands.context import Context
from bot.commands.dispatcher import dispatch
from bot.model.card import Card, LinkButton
from bot.model.channels import MessageRef, Person, Target
from bot.model.discussions import PaperThread, ThreadCounts
from bot.model.papers import Entry, Issue, Link, Paper, Record
from bot.model.weeks import Week
from bot.ports.conversation import Request
from bot.sources.parsers.feed import posts
from bot.sources.parsers.feed.document import parse as read_feed
from config.settings import Settings
from storage.store import ArchiveStore
from tests.samples import RING
from tests.site_client import PUBLIC_URL, open_site

pytestmark = pytest.mark.slow

ROOT = urlsplit(PUBLIC_URL).path
MAX_PAGE_BYTES = 50_000
MAX_OF_A_KIND = 6
"""Pages of one kind and language that are looked at."""

NOON = datetime(2023, 10, 18, 12, tzinfo=UTC)
HOSTILE = '"><script>alert(1)</script>{{ 7*7 }}&lt;b&gt;\u202e'


def path_of(url: str) -> str:
    """Return the path below the public address, where the pages are served in tests."""
    return urlsplit(urljoin(PUBLIC_URL, url)).path.removeprefix(ROOT.rstrip("/"))


def parse(response: httpx2.Response) -> LexborHTMLParser:
    assert response.status_code == httpx2.codes.OK, (response.url, response.text[:300])
    return LexborHTMLParser(response.text)


def first(page: LexborHTMLParser | LexborNode, selector: str) -> LexborNode:
    found = page.css_first(selector)
    assert found is not None, selector
    return found


def hrefs(page: LexborHTMLParser, selector: str = "a, link") -> list[str]:
    return [node.attributes["href"] or "" for node in page.css(selector)]


@pytest.fixture
async def filled_context(sample: Path, tmp_path: Path) -> AsyncIterator[Context]:
    """Yield a context on the sample weeks."""
    shutil.copy(sample, tmp_path / "sample.sqlite3")
    store = ArchiveStore.open(tmp_path / "sample.sqlite3")
    yield replace(build_context(Settings(), store), today=lambda: date(2023, 10, 18))
    await store.close()


@pytest.fixture
async def site(filled_context: Context) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield the pages of the sample weeks."""
    async with open_site(filled_context) as client:
        yield client


async def test_every_page_is_reached_by_links_and_is_sound(site: httpx2.AsyncClient) -> None:
    waiting, seen, kinds = ["/en/"], set[str](), Counter[str]()
    while waiting:
        path = waiting.pop(0)
        kind = "/".join(path.split("/")[:3])
        if path in seen or kinds[kind] == MAX_OF_A_KIND:
            continue
        seen.add(path)
        kinds[kind] += 1
        response = await site.get(path)
        assert response.status_code == httpx2.codes.OK, path
        assert len(response.content) < MAX_PAGE_BYTES or "feed." in path or "/api/" in path
        if not response.headers["content-type"].startswith("text/html"):
            continue
        page = parse(response)
        language = path.split("/")[1]
        assert first(page, "html").attributes["lang"] == language
        assert len(page.css("h1")) == 1, path
        assert all(node.text(strip=True) for node in page.css("title, h1, h2, a, button")), path
        assert not page.css("[style], [onclick], script:not([src]):not([type])")
        canonical = hrefs(page, "link[rel=canonical]")
        assert canonical == [PUBLIC_URL.rstrip("/") + path], path
        links = [each for each in hrefs(page) if not each.startswith("#")]
        waiting += [path_of(each) for each in links if each.startswith((ROOT, PUBLIC_URL))]

    assert {"/en/", "/ko/", "/en/tags/", "/ko/about/", "/en/weeks/2023/"} <= seen
    assert kinds["/en/week"] > 1
    assert kinds["/ko/paper"] == kinds["/en/tag"] == MAX_OF_A_KIND
    assert "/assets/style.css" in seen
    assert {"/en/feed.atom", "/ko/feed.json", "/api/v1/openapi.json"} <= seen


async def test_a_paper_is_shown_in_both_languages_with_everything_known(
    site: httpx2.AsyncClient,
) -> None:
    korean = parse(await site.get("/ko/paper/arxiv/2310.01889/"))
    english = parse(await site.get("/en/paper/arxiv/2310.01889/"))

    for page, own, other in ((korean, "ko", "en"), (english, "en", "ko")):
        summary = first(page, "section[aria-labelledby=summary]")
        own_part, other_part = summary.css("div")
        assert ("lang" in own_part.attributes, other_part.attributes["lang"]) == (False, other), (
            own
        )
        assert first(page, "pre").text().startswith("@misc{arxiv:2310.01889,")
        assert any("arxiv.org/abs/2310.01889" in each for each in hrefs(page, ".links a"))
        assert hrefs(page, "[aria-labelledby=weeks] a") == [f"{ROOT}{own}/week/sample/2023-W41/"]
    assert first(english, "h1").text() == RING.titles["en"]
    assert hrefs(korean, 'nav a[hreflang="en"]') == [f"{ROOT}en/paper/arxiv/2310.01889/"]


async def test_an_address_without_a_language_leads_to_the_readers(
    site: httpx2.AsyncClient,
) -> None:
    accepted = {"ko-KR,ko;q=0.9,en;q=0.8": "ko", "en-GB": "en", "de, ko;q=0.2, en;q=0.3": "en",
                "fr": "en", "*": "en", "ko;q=0, en;q=nan": "en"}  # fmt: skip
    for header, language in accepted.items():
        answer = await site.get("/tags/", headers={"Accept-Language": header})

        assert answer.status_code == httpx2.codes.FOUND
        assert answer.headers["location"] == f"{ROOT}{language}/tags/", header
        assert answer.headers["vary"] == "Accept-Language"


async def test_a_reader_of_no_known_language_chooses(site: httpx2.AsyncClient) -> None:
    page = parse(await site.get("/", headers={"Accept-Language": "fr"}))

    assert hrefs(page, "a") == [f"{ROOT}ko/", f"{ROOT}en/"]


@given(st.text(max_size=80))
def test_any_header_of_languages_is_read(header: str) -> None:
    assert preferred_language(header) in {"", "ko", "en"}


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.integers(1, 40))
@example(":0000000000000\x80\x80\x80\x80\x80\x80\x80\x80\x80.", 4)
@example("a" + "." * 39, 30)
def test_any_name_has_one_address(text: str, times: int) -> None:
    name = text * times
    escaped = escape_name(name)

    assert unescape_name(escaped) == name
    assert re.fullmatch(r"[A-Za-z0-9._/~-]*", escaped)
    assert not {"", ".", ".."} & set(escaped.split("/")) or not name
    assert max(map(len, escaped.split("/"))) <= MAX_SEGMENT + 1


@given(st.text("ab~_./ 0f", max_size=12))
def test_what_is_no_address_is_refused_or_the_only_one(text: str) -> None:
    try:
        name = unescape_name(text)
    except InvalidAddress:
        return
    assert escape_name(name) == text


ANSWERS = [
    ("/en/nothing/", 404),
    ("/en/week/sample/2023-W99/", 404),
    ("/en/week/sample/2023-w41/", 404),
    ("/en/weeks/9999999999999/", 404),
    ("/en/tag/no-such-tag/", 404),
    ("/en/author/No_One/", 404),
    ("/en/paper/arxiv/%2E%2E/", 404),
    ("/en/paper/arxiv/~zz/", 404),
    ("/en/paper/x/y/", 404),
    ("/en/search/?q=a&page=99999", 404),
    ("/en/search/?page=-1", 200),
    ("/en/search/?q=%00%FF", 200),
    ("/en/tag/llm/page/0/", 404),
    ("/api/v1/papers/x/y.json", 404),
    ("/sitemap-9.xml", 404),
    ("/assets/%2E%2E/app.py", 404),
    ("/feed.atom", 404),
    ("/ko/week/sample/2023-W41/index.pdf", 404),
]


async def test_what_there_is_not_is_said(site: httpx2.AsyncClient) -> None:
    for path, status in ANSWERS:
        answer = await site.get(path)

        assert answer.status_code == status, path
        if status == httpx2.codes.NOT_FOUND:
            page = LexborHTMLParser(answer.text)
            assert first(page, "h1").text() in {"There is no such page", "없는 페이지입니다"}
            assert first(page, "meta[name=robots]").attributes["content"] == "noindex, follow"


async def test_a_missing_slash_is_put_there(site: httpx2.AsyncClient) -> None:
    answer = await site.get("/en/tags")

    assert (answer.status_code, answer.headers["location"]) == (301, f"{ROOT}en/tags/")
    assert (await site.get("/ko")).headers["location"] == f"{ROOT}ko/"


async def test_nothing_of_a_source_becomes_markup(context: Context) -> None:
    paper = Paper(
        key="title:" + HOSTILE,
        titles={"en": HOSTILE, "ko": f"가{HOSTILE}"},
        summaries={"en": HOSTILE, "ko": f"나 {HOSTILE}\n\n● {HOSTILE}"},
        abstracts={"en": f"</script>{HOSTILE}"},
        tags=(HOSTILE,),
        links=(
            Link("paper", HOSTILE, "https://a.example/?q=<b>"),
            Link("code", "", "javascript:1"),
        ),
    )
    issue = Issue(
        HOSTILE, Week(2023, 41), date(2023, 10, 9), date(2023, 10, 15), {"en": HOSTILE},
        {"en": HOSTILE}, "javascript:alert(1)", entries=(Entry(1, paper),),
    )  # fmt: skip
    await context.archive.save([issue])
    async with open_site(context) as site:
        escaped = escape_name(HOSTILE)
        for path in ("", f"week/{escaped}/2023-W41/", f"paper/title/{escaped}/", f"tag/{escaped}/",
                     "tags/", "about/", "search/?q=script", "search/?q=%3Cscript%3E"):  # fmt: skip
            for language in ("ko", "en"):
                page = parse(await site.get(f"/{language}/{path}"))
                scripts = [node.attributes for node in page.css("script")]
                assert all(
                    each.get("type") == "application/ld+json"
                    or each.get("src") == f"{ROOT}assets/search.js"
                    for each in scripts
                )
                assert not [each for each in hrefs(page) if each.startswith("javascript")]
                json.loads(first(page, "script[type='application/ld+json']").text())
        feed = feedparser.parse((await site.get("/en/feed.atom")).content, sanitize_html=False)
        assert not feed.bozo
        assert "<script" not in feed.entries[0].content[0].value
        assert "<script" not in (await site.get(f"/en/tag/{escaped}/feed.atom")).text


async def test_browsers_may_load_nothing_from_elsewhere(site: httpx2.AsyncClient) -> None:
    for path in ("/en/", "/en/none/", "/assets/style.css", "/api/v1/weeks.json"):
        headers = (await site.get(path)).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in headers


async def test_a_page_that_is_the_same_is_not_sent_again(site: httpx2.AsyncClient) -> None:
    before = await site.get("/en/week/sample/2023-W41/")
    again = await site.get(
        "/en/week/sample/2023-W41/", headers={"If-None-Match": f'"x", W/{before.headers["etag"]}'}
    )

    assert (again.status_code, again.content) == (304, b"")
    assert before.headers["last-modified"] == again.headers["last-modified"]
    other = await site.get("/ko/week/sample/2023-W41/")
    assert other.headers["etag"] != before.headers["etag"]


async def test_one_client_does_not_ask_without_end(filled_context: Context) -> None:
    async with open_site(filled_context, per_minute=3) as site:
        # A minute may end meanwhile, so that some more are answered.
        answers = [(await site.get("/en/about/")).status_code for _ in range(8)]
        assert answers[:3] == [200, 200, 200]
        assert httpx2.codes.TOO_MANY_REQUESTS in answers
        refused = await site.get("/en/about/", headers={"X-Forwarded-For": "192.0.2.1"})
        assert refused.status_code == httpx2.codes.OK  # another client behind the same proxy


async def test_search_finds_names_and_words(site: httpx2.AsyncClient) -> None:
    page = parse(await site.get("/en/search/", params={"q": "ringattention"}))
    assert "Ring Attention" in first(page, "#results h2 + .papers h2").text()

    page = parse(await site.get("/ko/search/", params={"q": "긴 문맥"}))
    assert page.css("#results mark")

    page = parse(await site.get("/ko/search/", params={"q": "qqqqzzzz"}))
    assert "찾은 논문이 없습니다." in first(page, "#results").text()

    typed = (await site.get("/en/search/index.json", params={"q": "ringattention"})).json()
    assert typed["complete"] is False
    assert typed["papers"][0]["url"] == f"{ROOT}en/paper/arxiv/2310.01889/"
    whole = (await site.get("/en/search/index.json")).json()
    assert whole["complete"] is True
    assert typed["papers"][0] in whole["papers"]


async def test_a_paper_under_a_former_key_has_moved(filled_context: Context) -> None:
    stored = await filled_context.archive.papers([1])
    paper = stored[0]
    assert paper.aliases
    async with open_site(filled_context) as site:
        kind, _, rest = paper.aliases[0].partition(":")
        answer = await site.get(f"/en/paper/{kind}/{escape_name(rest)}/")

        assert answer.status_code == httpx2.codes.MOVED_PERMANENTLY
        kind, _, rest = paper.key.partition(":")
        assert answer.headers["location"] == f"{ROOT}en/paper/{kind}/{escape_name(rest)}/"


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_a_source_of_the_kind_feed_reads_every_week_back(
    filled_context: Context, language: str
) -> None:
    stored = {each.week: each async for each in filled_context.archive.issues("sample", None)}
    async with open_site(filled_context) as site:
        feed = read_feed((await site.get(f"/{language}/feed.atom")).content)

    assert not feed.warning
    assert len(feed.posts) == len(stored)
    for post in feed.posts:
        read = posts.parse(post, "sample", language)
        assert not read.problems
        (issue,) = read.issues
        assert issue.source_url.endswith(f"/{language}/week/sample/{issue.week}/")
        assert _shown(issue, language) == _shown(stored[issue.week], language)


def _shown(issue: Issue, language: str) -> Any:
    return (
        issue.week, issue.start, issue.end, dict(issue.titles), issue.intros.get(language),
        [
            (entry.position, set(entry.paper.titles.values()), dict(entry.paper.summaries),
             dict(entry.paper.abstracts), sorted(entry.paper.tags),
             sorted(each.url for each in entry.paper.links))
            for entry in issue.entries
        ],
    )  # fmt: skip


@pytest.mark.parametrize(
    "path",
    ["/ko/feed.atom", "/en/tag/llm/feed.atom", "/en/series/sample/feed.atom",
     "/en/search/feed.atom?q=llm"],
)  # fmt: skip
async def test_feeds_are_well_formed(site: httpx2.AsyncClient, path: str) -> None:
    response = await site.get(path)
    feed = feedparser.parse(response.content)

    assert not feed.bozo, feed.get("bozo_exception")
    assert response.headers["content-type"].startswith("application/atom+xml")
    assert feed.entries
    assert feed.feed.id
    assert feed.feed.updated_parsed
    assert len({entry.id for entry in feed.entries}) == len(feed.entries)
    for entry in feed.entries:
        assert entry.link.startswith(PUBLIC_URL)
        assert entry.updated_parsed
        assert (await site.get(path_of(entry.link))).status_code == httpx2.codes.OK
    written = (await site.get(path.replace("feed.atom", "feed.json"))).json()
    assert [item["id"] for item in written["items"]] == [entry.id for entry in feed.entries]


async def test_the_interface_is_as_it_is_described(site: httpx2.AsyncClient) -> None:
    described = (await site.get("/api/v1/openapi.json")).json()
    schemas = {"components": described["components"]}
    parameters = {"series": "sample", "week": "2023-W41", "kind": "arxiv", "rest": "2310.01889",
                  "tag": "llm", "page": 1}  # fmt: skip

    for path, methods in described["paths"].items():
        answer = await site.get("/api/v1" + path.format(**parameters), params={"q": "ring"})
        assert answer.status_code == httpx2.codes.OK, path
        schema = methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema_rs.validate(schemas | schema, answer.json())
    found = (await site.get("/api/v1/weeks.json")).json()["weeks"]
    for week in found:
        assert (await site.get(path_of(week["url"]))).json()["week"] == week["week"]


async def test_machines_read_what_a_page_is_about(filled_context: Context) -> None:
    record = Record(
        title="A Title of arXiv",
        abstract="What it says.",
        authors=("Ada B. Example", "김 하나"),
        published=date(2023, 10, 3),
    )
    await filled_context.records.save_records({"2310.01889": record}, filled_context.now())
    async with open_site(filled_context) as site:
        page = parse(await site.get("/en/paper/arxiv/2310.01889/"))
        about = json.loads(first(page, "script[type='application/ld+json']").text())
        assert about["@type"] == "ScholarlyArticle"
        assert [each["name"] for each in about["author"]] == ["Ada B. Example", "김 하나"]
        assert about["datePublished"] == "2023-10-03"
        properties = {node.attributes["property"] for node in page.css("meta[property]")}
        assert {"og:title", "og:type", "og:url", "og:description"} <= properties

        of_author = [each for each in hrefs(page, ".authors a") if "Ada" in each]
        papers = parse(await site.get(path_of(of_author[0])))
        assert f"{ROOT}en/paper/arxiv/2310.01889/" in hrefs(papers, ".papers a")
        korean = unquote(path_of(hrefs(page, ".authors a")[1]))
        by_korean = parse(await site.get(korean))
        assert first(by_korean, "h1").text() == "김 하나"

        listed = (await site.get("/sitemap-1.xml")).text
        for path in ("en/author/Ada_B._Example/", "ko/paper/arxiv/2310.01889/", "en/tags/"):
            assert f"<loc>{PUBLIC_URL}{path}</loc>" in listed
        assert "sitemap-1.xml" in (await site.get("/sitemap.xml")).text
        assert f"Sitemap: {PUBLIC_URL}sitemap.xml" in (await site.get("/robots.txt")).text


async def test_papers_and_weeks_in_chat_link_to_their_pages(filled_context: Context) -> None:
    linked = replace(filled_context, public_url=PUBLIC_URL)
    person, channel = Person("fake", "1", language="ko"), Target("fake", "", "c")
    async with open_site(linked) as site:
        for command, argument in (("paper", "ringattention"), ("week", "2023-W41")):
            asked = Request(command, argument, person, channel)
            card = (await dispatch(linked, asked)).content
            assert isinstance(card, Card)
            urls = [each.url for each in card.controls if isinstance(each, LinkButton)]
            (page,) = [url for url in urls if url.startswith(PUBLIC_URL)]
            assert (await site.get(path_of(page))).status_code == httpx2.codes.OK
            plain = (await dispatch(filled_context, asked)).content
            assert isinstance(plain, Card)
            assert len(plain.controls) == len(card.controls) - 1


async def test_an_empty_archive_has_a_first_page(context: Context) -> None:
    async with open_site(context) as site:
        for path in ("/ko/", "/en/tags/", "/en/search/?q=x", "/en/about/", "/en/feed.atom",
                     "/en/feed.json", "/sitemap.xml", "/api/v1/weeks.json"):  # fmt: skip
            assert (await site.get(path)).status_code == httpx2.codes.OK, path


async def test_lists_of_papers_have_pages(context: Context) -> None:
    papers = [_numbered_paper(number) for number in range(1, 61)]
    entries = tuple(Entry(position, paper) for position, paper in enumerate(papers, 1))
    await context.archive.save(
        [Issue("dair", Week(2023, 1), date(2023, 1, 2), date(2023, 1, 8), entries=entries)]
    )
    async with open_site(context) as site:
        seen: list[str] = []
        path = "/en/tag/llm/"
        while path:
            page = parse(await site.get(path))
            seen += hrefs(page, ".papers h2 a")
            path = next(map(path_of, hrefs(page, "a[rel=next]")), "")
        assert len(seen) == len(set(seen)) == len(papers)


async def test_long_lists_are_read_by_pieces(
    filled_context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_site(filled_context) as site:
        (whole,) = re.findall("<urlset.*", (await site.get("/sitemap-1.xml")).text, re.DOTALL)
        weeks = (await site.get("/api/v1/weeks.json")).json()
    monkeypatch.setattr("adapters.site.page_index._SITEMAP_SIZE", 7)
    monkeypatch.setattr("adapters.site.structured_data.WEEKS", 2)
    monkeypatch.setattr("adapters.site.feeds.MAX_PAPERS", 1)
    async with open_site(filled_context) as site:
        parts = re.findall(r"sitemap-\d+\.xml", (await site.get("/sitemap.xml")).text)
        listed = [(await site.get(f"/{part}")).text for part in parts]
        assert re.findall("<loc>.*", "".join(listed)) == re.findall("<loc>.*", whole)
        assert (await site.get(f"/sitemap-{len(parts) + 1}.xml")).status_code == 404
        read: list[dict[str, Any]] = []
        address = f"{PUBLIC_URL}api/v1/weeks.json"
        while address:
            found = (await site.get(path_of(address))).json()
            read, address = read + found["weeks"], found["next"]
        assert (read, weeks["next"]) == (weeks["weeks"], "")
        assert (await site.get("/api/v1/weeks/page/99.json")).status_code == 404
        newest = feedparser.parse((await site.get("/en/feed.atom")).content).entries
        assert [entry.link for entry in newest] == [
            f"{PUBLIC_URL}en/week/sample/{read[0]['week']}/"
        ]


async def test_discussions_that_anyone_may_read_stand_on_a_papers_page(
    filled_context: Context,
) -> None:
    (number,) = await filled_context.archive.query_index(
        lambda index: index.find_by_keys([RING.key])
    )
    for platform, channel, replies, url in (
        ("discord", "open", 12, "https://discord.com/channels/1/2"),
        ("discord", "closed", 7, "https://discord.com/channels/1/3"),
        ("slack", "open", 1, "https://team.slack.com/archives/C1/p2"),
        ("slack", "silent", 0, "https://team.slack.com/archives/C2/p2"),
        ("slack", "hostile", 3, "javascript:alert(1)"),
    ):
        ref = MessageRef(Target(platform, "team", channel), "m", f"t-{channel}", url)
        counts = ThreadCounts(replies, min(replies, 5))
        await filled_context.ledger.record_thread(PaperThread(number, ref, counts=counts), NOON)
    public = (Target("discord", "team", "open"), Target("slack", "team", ""))
    path = "/ko/paper/arxiv/2310.01889/"
    async with open_site(filled_context) as site:
        assert "discord.com" not in (await site.get(path)).text
    async with open_site(replace(filled_context, public_channels=public)) as site:
        links = parse(await site.get(path)).css("[aria-labelledby=discussions] li")
        assert [link.text() for link in links] == ["Discord 댓글 12개, 5명", "Slack 댓글 1개, 1명"]
        english = parse(await site.get("/en/paper/arxiv/2310.01889/"))
        assert hrefs(english, "[aria-labelledby=discussions] a") == [
            "https://discord.com/channels/1/2", "https://team.slack.com/archives/C1/p2",
        ]  # fmt: skip


def _numbered_paper(number: int) -> Paper:
    link = Link("paper", "", f"https://arxiv.org/abs/2301.{number:05}")
    key, titles = f"arxiv:2301.{number:05}", {"en": f"Paper {number}"}
    return replace(RING, key=key, aliases=(), titles=titles, links=(link,), tags=("llm",))


async def test_a_trend_has_its_table_and_a_chart_for_light_and_dark(
    site: httpx2.AsyncClient,
) -> None:
    page = parse(await site.get("/en/trend/?q=llm%2C+agents"))

    assert first(page, "h1").text() == "Trend: #llm, #agents"
    assert [cell.text() for cell in page.css("thead th")] == ["Month", "All", "#llm", "#agents"]
    assert len(page.css("tbody tr")) >= 1
    image = first(page, "picture img").attributes
    assert image["alt"] == f"Trend: #llm, #agents. {' '.join(findings(page))}"
    sources = [image["src"], first(page, "picture source").attributes["srcset"]]
    charts = [await site.get(path_with_query(each or "")) for each in sources]
    assert [chart.headers["content-type"] for chart in charts] == ["image/png"] * 2
    assert charts[0].content != charts[1].content
    assert first(page, "meta[property='og:image']").attributes["content"] == urljoin(
        PUBLIC_URL, image["src"]
    )


def findings(page: LexborHTMLParser) -> list[str]:
    return [item.text().strip() for item in page.css("main > ul > li")]


def path_with_query(url: str) -> str:
    split = urlsplit(urljoin(PUBLIC_URL, url))
    return f"{path_of(url)}?{split.query}" if split.query else path_of(url)


async def test_what_rose_and_fell_is_a_page(site: httpx2.AsyncClient) -> None:
    for language, title in (("en", "What rose and fell"), ("ko", "늘고 줄어든 주제")):
        page = parse(await site.get(f"/{language}/trends/"))

        assert first(page, "h1").text() == title
        assert len(page.css("section")) == 3


@pytest.mark.parametrize(
    "query",
    ["%24x%5E2%24", "%3Cscript%3Ealert(1)%3C/script%3E", "xyzzy", "a,b,c,d,e,f,g", "llm+9999",
     "%F0%9F%98%80+%E6%BC%A2%E5%AD%97", "+,+", "tag:llm+-x"],
)  # fmt: skip
async def test_any_question_about_a_trend_is_answered(
    site: httpx2.AsyncClient, query: str
) -> None:
    page = await site.get(f"/ko/trend/?q={query}")
    chart = await site.get(f"/ko/trend/chart.png?q={query}")

    assert page.status_code == httpx2.codes.OK
    assert "<script>alert" not in page.text
    has_chart = "<picture>" in page.text
    assert chart.status_code == (httpx2.codes.OK if has_chart else httpx2.codes.NOT_FOUND)


async def test_pages_without_the_extra_have_no_pictures(filled_context: Context) -> None:
    async with open_site(replace(filled_context, pictures=None)) as site:
        page = await site.get("/en/trend/?q=llm")
        paper = await site.get("/en/paper/arxiv/2310.01889/")
        picture = await site.get("/en/paper/arxiv/2310.01889/preview.png")

    assert "<table>" in page.text
    assert "<picture>" not in page.text
    assert "og:image" not in paper.text
    assert '<meta name="twitter:card" content="summary">' in paper.text
    assert picture.status_code == httpx2.codes.NOT_FOUND


@pytest.mark.parametrize("address", ["week/sample/2023-W41/", "paper/arxiv/2310.01889/"])
async def test_weeks_and_papers_have_a_picture_for_other_sites(
    site: httpx2.AsyncClient, address: str
) -> None:
    seen = set()
    for language in ("en", "ko"):
        page = parse(await site.get(f"/{language}/{address}"))
        url = first(page, "meta[property='og:image']").attributes["content"]
        assert url == f"{PUBLIC_URL}{language}/{address}preview.png"
        assert first(page, "meta[name='twitter:card']").attributes["content"] == (
            "summary_large_image"
        )
        picture = await site.get(path_of(url or ""))
        assert picture.content.startswith(b"\x89PNG")
        assert picture.headers["etag"]
        seen.add(picture.content)
    assert len(seen) == 2
