"""The pages in a real browser: accessibility, a phone's width, the keyboard, a search."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import feedparser
import httpx2
import pytest

from adapters.site.admin import Admin
from bot.app.archive import build_context
from bot.commands.administration import Administration, SourceStatus
from bot.model.channels import Target
from bot.model.subscriptions import Subscription
from config.settings import Settings
from storage.store import ArchiveStore
from tests.browser import Page, open_page
from tests.site_client import open_site

pytestmark = pytest.mark.long

PAGES = ("", "week/sample/2023-W41/", "paper/arxiv/2310.01889/", "tags/", "tag/llm/",
         "trends/", "trend/", "search/?q=ring", "about/", "none/")  # fmt: skip
PHONE = 390


async def no_sources() -> tuple[SourceStatus, ...]:
    return ()


def find_chromium() -> str:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("skipped: there is no Chromium to read the pages in")
    return chromium


@asynccontextmanager
async def pages_in_browser(
    sample: Path, folder: Path, width: int, height: int
) -> AsyncIterator[tuple[Page, str]]:
    """Yield a browser on the sample's pages, and their address."""
    shutil.copy(sample, folder / "sample.sqlite3")
    store = ArchiveStore.open(folder / "sample.sqlite3")
    try:
        context = replace(build_context(Settings(), store), platforms=frozenset({"fake"}))
        wanted = Subscription(Target("fake", "100", "papers"), "sample")
        await context.ledger.subscribe(wanted, context.now())
        admin = Admin(Administration(context, no_sources, lambda: ()))
        async with open_site(context, public_url="http://site.example/", admin=admin) as site:
            url = str(site.base_url).rstrip("/")
            async with open_page(find_chromium(), url, width, height) as page:
                yield page, url
    finally:
        await store.close()


async def go(page: Page, url: str) -> None:
    await page.call("Page.navigate", url=url)
    loaded = "document.readyState === 'complete' && document.querySelector('h1')"
    await page.wait_until(f"location.href === {url!r} && {loaded}")


async def test_no_page_has_a_barrier(sample: Path, tmp_path: Path) -> None:
    axe = os.environ.get("PAPERBOY_AXE_CORE", "")
    if not axe or not Path(axe).is_file():  # noqa: ASYNC240 - nothing else runs yet
        pytest.skip(
            "skipped: PAPERBOY_AXE_CORE does not name axe.min.js of the npm package axe-core"
        )
    rules = Path(axe).read_text(encoding="utf-8")  # noqa: ASYNC240
    async with pages_in_browser(sample, tmp_path, PHONE, 844) as (page, url):
        for scheme in ("light", "dark"):
            await page.call(
                "Emulation.setEmulatedMedia",
                features=[{"name": "prefers-color-scheme", "value": scheme}],
            )
            addresses = [f"{language}/{each}" for each in PAGES for language in ("ko", "en")]
            for address in (*addresses, "admin/"):
                await go(page, f"{url}/{address}")
                await page.run(rules + ";0")
                found = await page.run(
                    "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))"
                )
                assert found == [], (address, scheme)


async def test_pages_fit_a_phone_also_at_twice_the_size(sample: Path, tmp_path: Path) -> None:
    async with pages_in_browser(sample, tmp_path, PHONE, 844) as (page, url):
        for address in PAGES:
            for language in ("ko", "en"):
                await go(page, f"{url}/{language}/{address}")
                for size in ("100%", "200%"):
                    await page.run(f"document.documentElement.style.fontSize = {size!r}")
                    wide = await page.run("document.documentElement.scrollWidth")
                    assert wide <= await page.run("innerWidth"), (address, size)


async def test_a_page_is_read_by_the_keyboard_alone(sample: Path, tmp_path: Path) -> None:
    async with pages_in_browser(sample, tmp_path, 900, 900) as (page, url):
        await go(page, f"{url}/en/week/sample/2023-W41/")
        seen = []
        for _ in range(12):
            await page.press("Tab", 9)
            seen.append(await page.run("document.activeElement.textContent.trim()"))
        assert seen[0] == "Skip to the content"
        assert seen[1:6] == ["Paperboy", "Subjects", "Trends", "Search", "About"]
        assert "Ring Attention with Blockwise Transformers for Near-Infinite Context" in seen
        await page.run("document.querySelector('main h2 a').focus()")
        await page.press("Enter", 13)
        await page.wait_until(
            "location.pathname.includes('/paper/') && document.querySelectorAll('h1').length === 1"
        )


async def test_a_search_is_answered_while_one_types(sample: Path, tmp_path: Path) -> None:
    async with pages_in_browser(sample, tmp_path, PHONE, 844) as (page, url):
        await go(page, f"{url}/en/search/")
        await page.run("document.getElementById('q').focus()")
        await page.call("Input.insertText", text="ringattention")
        await page.wait_until("document.querySelector('#results .papers a')")
        shown = await page.run("document.querySelector('#results .papers a').textContent")
        assert "Ring Attention" in shown
        await page.call("Input.insertText", text=" qqqqzzzz")
        await page.wait_until("document.querySelector('#results').textContent.includes('Nothing')")


async def test_without_scripts_the_form_is_sent(sample: Path, tmp_path: Path) -> None:
    async with pages_in_browser(sample, tmp_path, PHONE, 844) as (page, url):
        await page.call("Emulation.setScriptExecutionDisabled", value=True)
        await go(page, f"{url}/ko/search/")
        await page.type("#q", "ringattention")
        await page.wait_until("document.querySelector('#results .papers a')")
        assert "q=ringattention" in await page.run("location.search")
        links = await page.run(
            "[...document.querySelectorAll('nav a')].map(a => a.getAttribute('href'))"
        )
        assert "/en/search/?q=ringattention" in links


async def test_the_language_is_switched_on_the_same_page(sample: Path, tmp_path: Path) -> None:
    async with pages_in_browser(sample, tmp_path, PHONE, 844) as (page, url):
        await go(page, f"{url}/ko/paper/arxiv/2310.01889/")
        await page.run("document.querySelector('nav a[lang=en]').click()")
        loaded = "document.readyState === 'complete' && document.querySelector('h1')"
        await page.wait_until(f"location.pathname === '/en/paper/arxiv/2310.01889/' && {loaded}")
        assert await page.run("document.documentElement.lang") == "en"
        broken = await page.run(
            "Promise.all([...document.querySelectorAll('link[rel=stylesheet], link[rel=icon]')]"
            ".map(l => fetch(l.href).then(r => r.status)))"
        )
        assert set(broken) == {httpx2.codes.OK}


async def test_a_chart_is_drawn_for_the_ground_of_the_page(sample: Path, tmp_path: Path) -> None:
    async with pages_in_browser(sample, tmp_path, PHONE, 844) as (page, url):
        for scheme, name in (("light", "chart.png"), ("dark", "chart-dark.png")):
            await page.call(
                "Emulation.setEmulatedMedia",
                features=[{"name": "prefers-color-scheme", "value": scheme}],
            )
            await go(page, f"{url}/ko/trend/?q=llm")
            await page.wait_until("document.querySelector('img.chart').naturalWidth === 1200")
            seen = await page.run(
                "new URL(document.querySelector('img.chart').currentSrc).pathname"
            )
            assert seen == f"/ko/trend/{name}"


async def test_a_trend_is_asked_for_without_scripts(sample: Path, tmp_path: Path) -> None:
    async with pages_in_browser(sample, tmp_path, PHONE, 844) as (page, url):
        await page.call("Emulation.setScriptExecutionDisabled", value=True)
        await go(page, f"{url}/en/trend/")
        await page.type("#q", "llm, agents")
        await page.wait_until("document.title.startsWith('Trend: #llm, #agents')")
        await page.wait_until("document.querySelectorAll('tbody tr').length > 0")


async def test_an_operator_pauses_a_digest_by_the_keyboard(sample: Path, tmp_path: Path) -> None:
    async with pages_in_browser(sample, tmp_path, 900, 900) as (page, url):
        await go(page, f"{url}/admin/")
        await page.run("document.querySelector('button[value=pause]').focus()")
        await page.press("Enter", 13)
        await page.wait_until("document.querySelector('[role=status]')")
        await page.wait_until("document.querySelector('button[value=resume]')")


async def test_a_feed_is_found_from_a_page(sample: Path, tmp_path: Path) -> None:
    async with pages_in_browser(sample, tmp_path, PHONE, 844) as (page, url):
        await go(page, f"{url}/ko/tag/llm/")
        text = await page.run(
            "Promise.all([...document.querySelectorAll('link[type=\"application/atom+xml\"]')]"
            ".map(l => fetch(l.getAttribute('href')).then(r => r.text())))"
        )
        feeds = [feedparser.parse(each) for each in text]
        assert len(feeds) == 2
        assert all(feed.entries and not feed.bozo for feed in feeds)
