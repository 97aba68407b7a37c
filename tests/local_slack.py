"""The journey on a Slack that others wrote, local-slack, whose web page Chromium drives.

Run as `python -m tests.local_slack LOCAL_SLACK CHROMIUM FOLDER MODE` in a network namespace of its
own, as local-slack binds every address; pictures are kept in the folder, and the mode is socket or
http.
"""

import asyncio
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import aiohttp

from tests.browser import Page, open_page
from tests.waiting import GUARD

ROOT = Path(__file__).parents[1]
URL = "http://localhost:3000"
CONFIG = """
workspace: {name: Readers, domain: readers, teamId: T0001}
app:
  {appId: A0001, botUserId: U0BOT, botName: paperboy, botToken: xoxb-loopback,
   appToken: xapp-loopback, signingSecret: loopback, mode: MODE,
   requestUrl: "http://localhost:3001/slack/events"}
users: [{id: U0001, name: reader, real_name: Reader}]
channels: [{id: C0001, name: papers, members: [U0001, U0BOT]}]
"""
RICH_TEXT = Path(__file__).with_name("local_slack.js")
"""Draws blocks of rich text, which local-slack's page shows as `[rich_text]`."""


async def journey(program: str, chromium: str, pictures: Path, mode: str) -> None:
    """Type, click, open the thread; raises AssertionError or TimeoutError where that fails."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        told = CONFIG.replace("MODE", {"socket": "socket", "http": "events"}[mode])
        config.write_text(told, encoding="utf-8")
        slack = await _started(program, "--config", str(config))
        paperboy = None
        try:
            await _listened(f"{URL}/_control/state")
            settings = _settings(folder) | {"PAPERBOY_SLACK_MODE": mode}
            paperboy = await _started(sys.executable, "-m", "bot", "run", **settings)
            if mode == "http":
                await _listened("http://localhost:3001/")
            async with open_page(chromium, URL, 1180, 1000) as page:
                await _talk(page, pictures)
        finally:
            for process in filter(None, (paperboy, slack)):
                process.terminate()
                await process.wait()


async def _talk(page: Page, pictures: Path) -> None:
    await page.wait_until(
        "document.querySelector('.status.ok') && !document.querySelector('.status.bad')"
    )
    await page.run("document.querySelector('.topbar').style.display = 'none'")
    await page.type(".main .composer-input", "/paper ringattention")
    await page.wait_until(_says("Ring Attention"))
    await page.run(_CHOOSE.replace("WORD", "Discuss"))
    await page.wait_until("document.querySelector('.thread-summary')")
    await page.wait_until("document.querySelector('.badge-eph')")
    await page.run("document.querySelector('.thread-summary').click()")
    await page.wait_until("document.querySelectorAll('.thread-pane .msg').length > 1")
    await _picture(page, pictures / "slack-thread.png")
    await page.run("document.querySelector('.thread-x').click()")
    await page.type(".main .composer-input", "/week 2023-10-09")
    await page.wait_until(_says("Choose a paper"))
    await page.run(_HIDE_OLDER)
    await _picture(page, pictures / "slack-week.png")


_CHOOSE = """(() => {
  for (const each of document.querySelectorAll('.bk-button'))
    if (each.textContent.includes('WORD')) return each.click();
  for (const menu of document.querySelectorAll('select'))
    for (const option of menu.options)
      if (option.text.includes('WORD')) {
        menu.value = option.value;
        menu.dispatchEvent(new Event('change', {bubbles: true}));
        return;
      }
  throw new Error('no control says WORD');
})()"""


_HIDE_OLDER = """(() => {
  const every = [...document.querySelectorAll('.main .msg')];
  for (const each of every.slice(0, -1)) each.style.display = 'none';
  document.querySelector('.messages').scrollTo(0, 0);
})()"""


def _says(text: str) -> str:
    return f"document.querySelector('.main').textContent.includes({text!r})"


async def _picture(page: Page, path: Path) -> None:
    await page.run(RICH_TEXT.read_text(encoding="utf-8"))
    await page.picture(path, ".body")


async def _started(*command: str, **settings: str) -> asyncio.subprocess.Process:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PAPERBOY_")}
    return await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=kept | settings,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


def _settings(folder: str) -> dict[str, str]:
    return {
        "PAPERBOY_DATABASE_URL": f"{folder}/archive.sqlite3",
        "PAPERBOY_LANGUAGE": "en",
        "PAPERBOY_SLACK_BOT_TOKEN": "xoxb-loopback",
        "PAPERBOY_SLACK_APP_TOKEN": "xapp-loopback",
        "PAPERBOY_SLACK_API_URL": f"{URL}/api/",
        "PAPERBOY_SLACK_SIGNING_SECRET": "loopback",
        "PAPERBOY_SLACK_HTTP_PORT": "3001",
        "PAPERBOY_DELIVERY_POLL_SECONDS": "0.2",
    }


async def _listened(url: str) -> None:
    """Return once a server answers at an address, whatever the answer is."""
    async with asyncio.timeout(GUARD), aiohttp.ClientSession() as session:
        while True:
            with suppress(aiohttp.ClientError):
                async with session.get(url):
                    return
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(journey(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4]))
