"""The pages in a real browser: accessibility, a phone's width, the keyboard, a search."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from bot.app.archive import build_context
from config.settings import Settings
from storage.store import ArchiveStore
from tests.browser import Page, open_page
from tests.site_client import open_site

pytestmark = pytest.mark.long

PAGES = ("", "week/sample/2023-W41/", "paper/arxiv/2310.01889/", "tags/", "tag/llm/",
         "search/?q=ring", "about/", "none/")  # fmt: skip
PHONE = 390


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
        async with open_site(
            build_context(Settings(), store), public_url="http://site.example/"
        ) as site:
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
            for address in PAGES:
                for language in ("ko", "en"):
                    await go(page, f"{url}/{language}/{address}")
                    await page.run(rules + ";0")
                    found = await page.run(
                        "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))"
                    )
                    assert found == [], (language, address, scheme)


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
        assert seen[1:6] == ["Paperboy", "Subjects", "Search", "About", "한국어"]
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
