"""`paperboy site` and `paperboy run` with pages: served, written as files, and what goes wrong."""

import json
import shutil
import socket
from pathlib import Path

import httpx2
import pytest

from adapters.site import FOLDER
from adapters.site.app import StaticCopy
from bot.app.archive import build_context
from config.settings import Settings
from storage.store import ArchiveStore
from tests.bot_process import THREADS, BotProcess
from tests.command_line import CommandLine
from tests.site_client import PUBLIC_URL, open_site
from tests.waiting import GUARD, wait_until


def test_where_the_files_are_read_has_to_be_said(filled: CommandLine) -> None:
    code, _, beside = filled("site", "build", "pages")

    assert code == 2
    assert "--public-url https://" in beside
    code, _, beside = filled("site", "build", "pages", PAPERBOY_SITE_PUBLIC_URL="papers.example")
    assert code == 2
    assert "begin with https://" in beside


def test_an_empty_archive_is_not_written(paperboy: CommandLine, tmp_path: Path) -> None:
    code, _, beside = paperboy("site", "build", str(tmp_path / "out"), "--public-url", PUBLIC_URL)

    assert code == 2
    assert "paperboy sync" in beside
    assert not (tmp_path / "out").exists()


def test_files_are_not_written_over_a_file(filled: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    code, _, beside = filled("site", "build", str(tmp_path / "out"), "--public-url", PUBLIC_URL)

    assert (code, (tmp_path / "out").read_text(encoding="utf-8")) == (2, "mine")
    assert "Name a folder" in beside


@pytest.mark.long
async def test_the_files_are_the_pages_that_are_served(
    filled: CommandLine, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    code, said, _ = filled.child("site", "build", str(folder), "--public-url", PUBLIC_URL)
    files = {str(each.relative_to(folder)): each for each in folder.rglob("*") if each.is_file()}
    assert code == 0
    assert f"{len(files)} files were written" in said

    assert {"index.html", "ko/index.html", "en/paper/arxiv/2310.01889/index.bib", "sitemap-1.xml",
            "ko/week/sample/2023-W41/preview.png", "en/paper/arxiv/2310.01889/preview.png",
            "ko/trends/index.html", "ko/trend/llm/index.html", "ko/trend/llm/chart-dark.png",
            "en/feed.atom", "api/v1/papers/arxiv/2310.01889.json"} <= files.keys()  # fmt: skip
    for asset in (FOLDER / "assets").iterdir():
        assert files[f"assets/{asset.name}"].read_bytes() == asset.read_bytes()
    store = ArchiveStore.open(filled.database)
    try:
        context = build_context(Settings(), store)
        async with open_site(context, copied=StaticCopy()) as site, open_site(context) as live:
            for path in [each for each in sorted(files) if "/author/" not in each][::17]:
                served = await site.get("/" + path.removesuffix("index.html"))
                assert served.content == files[path].read_bytes(), path
                is_asking = "trend/" in path and path.endswith(".html")
                same = await live.get("/" + path.removesuffix("index.html"))
                assert (same.content == served.content) is not is_asking, path
    finally:
        await store.close()


def test_a_port_that_is_taken_is_named(filled: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, beside = filled("site", "--port", str(port))

    assert code == 2
    assert f"127.0.0.1:{port}" in beside
    assert "PAPERBOY_SITE_PORT" in beside


async def test_a_running_bot_serves_the_pages(sample: Path, tmp_path: Path) -> None:
    database = tmp_path / "archive.sqlite3"
    shutil.copy(sample, database)
    program = BotProcess(
        database, {"PAPERBOY_SITE_ENABLED": "true", "PAPERBOY_SITE_PORT": "0"}, THREADS
    )
    await program.start()
    await wait_until(lambda: "Pages served" in program.log or not program.is_running())
    events = [json.loads(line) for line in program.log.splitlines()]
    port = next(each["port"] for each in events if each["event"] == "Pages served")
    async with httpx2.AsyncClient(timeout=GUARD, trust_env=False) as client:
        page = await client.get(f"http://127.0.0.1:{port}/en/week/sample/2023-W41/")
        admin = await client.get(f"http://127.0.0.1:{port}/admin/")

    assert page.status_code == admin.status_code == httpx2.codes.OK
    assert "AI-Papers-of-the-Week" in admin.text
    assert await program.stop() == 0
    assert "Traceback" not in program.log


@pytest.mark.parametrize("port", ["-5", "70000", "eighty"])
def test_no_port_is_said_to_be_none(filled: CommandLine, port: str) -> None:
    code, _, beside = filled("site", "--port", port)

    assert code == 2
    assert "port" in beside.lower()
