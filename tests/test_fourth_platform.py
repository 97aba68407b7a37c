"""A platform is one folder: another one goes the whole way, and nothing else changes for it."""

import ast
import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import adapters
from adapters.console import NAME as TERMINAL
from tests.command_line import ROOT, CommandLine

pytestmark = pytest.mark.slow

WAIT_SECONDS = 60
PASSWORD = "under-the-mat"


class World:
    """An archive of the sample weeks, and a notebook with one page."""

    def __init__(self, program: CommandLine, folder: Path) -> None:
        self.program = program
        self.folder = folder

    def settings(self) -> dict[str, str]:
        """Return the platform's environment variables."""
        return {
            "PAPERBOY_NOTEBOOK_FOLDER": str(self.folder),
            "PAPERBOY_NOTEBOOK_PASSWORD": PASSWORD,
            "LANG": "en_US.UTF-8",
        }

    def __call__(self, *words: str, **more: str) -> tuple[int, str, str]:
        return self.program(*words, **self.settings() | more)

    def ask(self, line: str) -> None:
        """Write a line into the inbox."""
        with (self.folder / "inbox").open("a") as file:
            file.write(f"{line}\n")

    def pages(self, name: str) -> list[dict[str, str]]:
        """Return what stands in a file."""
        path = self.folder / name
        return (
            [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        )

    async def reply(self, line: str) -> str:
        """Ask, and return the reply."""
        self.ask(line)
        await until(lambda: any(page["to"] == line for page in self.pages("replies")))
        return next(page["text"] for page in self.pages("replies") if page["to"] == line)


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not is_so():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.02)


@pytest.fixture
def platforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield a folder with a fourth platform, which is searched beside the product's own."""
    folder = tmp_path / "more-platforms"
    shutil.copytree(ROOT / "tests" / "notebook", folder / "notebook")
    monkeypatch.setattr(adapters, "__path__", [*adapters.__path__, str(folder)])
    yield folder
    for name in [name for name in sys.modules if name.startswith("adapters.notebook")]:
        del sys.modules[name]
    vars(adapters).pop("notebook", None)


@pytest.fixture
def world(filled: CommandLine, platforms: Path, tmp_path: Path) -> World:
    folder = tmp_path / "notebook"
    folder.mkdir()
    (folder / "papers").touch()
    return World(filled, folder)


def test_the_program_names_no_platform() -> None:
    names = {*adapters.options_types(), TERMINAL}

    rooms = ("bot", "config", "storage")
    for path in [path for room in rooms for path in ROOT.glob(f"{room}/**/*.py")]:
        nodes = ast.walk(ast.parse(path.read_text()))
        texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
        assert not texts & names, path


def test_its_settings_are_known_checked_and_kept_secret(world: World) -> None:
    code, _, beside = world("doctor", PAPERBOY_NOTEBOOK_FOLDER="here")
    assert code == 2
    assert "notebook.folder (or PAPERBOY_NOTEBOOK_FOLDER): the folder has to begin" in beside
    _, _, beside = world("doctor", PAPERBOY_NOTEBOOK_FOLDR="/")
    assert "PAPERBOY_NOTEBOOK_FOLDR: there is no such setting; the nearest is" in beside
    _, _, beside = world.program("doctor", NOTEBOOK_FOLDER="/")
    assert "PAPERBOY_NOTEBOOK_FOLDER, PAPERBOY_SLACK_BOT_TOKEN or" in beside
    assert "NOTEBOOK_FOLDER is set, but not read; is PAPERBOY_NOTEBOOK_FOLDER meant?" in beside
    assert "discord, notebook, slack and webhook" in world("invite", "irc")[2]


def test_it_is_examined_and_invited(world: World) -> None:
    *told, last = world("doctor", "notebook:papers")[1].splitlines()
    assert told == ["notebook: all is well.", "notebook:papers: all is well."]
    assert last.startswith("search by meaning: ")  # what follows depends on what is installed
    code, said, _ = world("doctor", "notebook:drafts", PAPERBOY_NOTEBOOK_PASSWORD="")
    assert code == 3
    assert "notebook: Nobody can be invited; set a password." in said
    assert "notebook:drafts: There is no page 'drafts'; make the file." in said
    assert world("invite")[1].endswith(f"?password={PASSWORD}\n")
    assert "'notebook' is not set up" in world.program("invite", "notebook")[2]


def test_its_channels_are_subscribed_and_get_a_week(world: World) -> None:
    code, said, _ = world(
        "subscriptions", "add", "notebook:papers", "layout=threads", "series=sample"
    )
    assert code == 0
    assert "every Monday" in said
    assert world("subscriptions", "set", "notebook:papers", "layout=forum")[0] == 2

    assert world("subscriptions", "set", "notebook:papers", "mention=@readers")[0] == 2
    assert world("subscriptions", "set", "notebook:papers", "mention=*readers*")[0] == 0

    code, said, _ = world("post", "latest", "--to", "notebook:papers")

    assert code == 0
    assert len(world.pages("papers")) == said.count("posted") > 1
    assert {page["mention"] for page in world.pages("papers")} == {"", "readers"}
    assert "notebook: " in world("status")[1]
    assert "#" in world("ask", "/tag", "--platform", "notebook")[1]


async def test_the_running_bot_answers_and_posts_there(world: World, platforms: Path) -> None:
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-c",
        f"import adapters; adapters.__path__.append({str(platforms)!r})\n"
        "from bot.__main__ import main; main()",
        "run",
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
        | world.settings()
        | {
            "PAPERBOY_DATABASE_URL": str(world.program.database),
            "PAPERBOY_SYNC_ENABLED": "false",
            "PAPERBOY_RECORD_ENABLED": "false",
            "PAPERBOY_DELIVERY_POLL_SECONDS": "0.05",
        },
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert "Ring Attention" in await world.reply("papers: /paper ringattention")
        assert "every Monday" in await world.reply(
            "papers: /digest subscribe monday 09:00 series=sample"
        )
        world.ask(f"papers: /paper {PASSWORD} pencil-sharpened")
        await world.reply("papers: /digest now")
        await until(lambda: bool(world.pages("papers")))
    finally:
        running.send_signal(signal.SIGTERM)
        _, log = await running.communicate()
    assert running.returncode == 0
    digest, *_ = world.pages("papers")
    assert digest["key"]
    assert "2026-W24" in digest["text"]
    assert PASSWORD not in log.decode()
