"""The command line about sources, as an operator uses it, against hosts on real sockets."""

import json
import os
import pty
import re
import select
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from threading import Event

import pytest

from storage.sqlite import SqliteDatabase
from tests import dair_lists, fork_server
from tests.bot_process import THREADS
from tests.bot_process import BotProcess as Bot
from tests.command_line import CommandLine
from tests.platform_servers import LoopbackWebhook
from tests.test_cli_delivery import listening
from tests.waiting import GUARD, wait_until
from tests.web_server import Page, ReceivedRequest, WebServer
from tests.webhook_receiver import WebhookReceiver

STARTS = [date(2026, 6, 15) - n * timedelta(days=7) for n in range(3)]


class Operator:
    """Runs `paperboy` on a list that lies on a loopback host."""

    def __init__(self, program: CommandLine, site: WebServer) -> None:
        self.program = program
        self.site = site
        self.environ = {
            "PAPERBOY_SOURCES_DAIR": json.dumps({"url": site.url("/main/README.md")}),
            "PAPERBOY_WEB_PRIVATE_HOSTS": '["127.0.0.1"]',
            "PAPERBOY_WEB_INTERVAL_SECONDS": "0",
        }

    def __call__(self, *words: str, **environ: str) -> tuple[int, str, str]:
        return self.program.child(*words, **self.environ, **environ)

    def publish(self, *starts: date) -> None:
        self.site.put("/main/README.md", dair_lists.contents({2026: starts}))
        text = dair_lists.year(2026, [dair_lists.week(start) for start in starts])
        self.site.put("/main/years/2026.md", text)


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    site = WebServer()
    with listening(site):
        made = Operator(CommandLine(tmp_path), site)
        made.publish(*STARTS)
        yield made


def test_an_operator_follows_a_list_through_an_alarm(operator: Operator) -> None:
    assert operator("sync") == (0, "dair: papers 12 added, 0 updated, 0 unchanged; 3 weeks.\n", "")
    assert operator("sync", "dair")[:2] == (0, "dair: nothing is new; 3 weeks.\n")

    with closing(sqlite3.connect(operator.program.database)) as watch:
        version = watch.execute("PRAGMA data_version").fetchone()
        assert operator("sync")[0] == 0
        assert watch.execute("PRAGMA data_version").fetchone() == version

    operator.publish(*STARTS[:2])
    code, _, beside = operator("sync")
    assert code == 3
    assert "ALARM: " in beside
    assert "2026-W23 is missing; it had 4 papers." in beside
    bridge = {
        "PAPERBOY_WEBHOOK_CHANNELS": '{"papers": "https://bridge.example/papers"}',
        "PAPERBOY_WEBHOOK_SECRET": "a secret",
    }
    for words in (("sources",), ("status",), ("doctor",)):
        assert "paperboy sync --accept dair" in operator(*words, **bridge)[1]
    assert operator("doctor", **bridge)[0] == 3
    (told,) = json.loads(operator("sources", "--json")[1])
    assert (told["source"], told["weeks"], len(told["alarms"])) == ("dair", 3, 1)
    assert told["next"]
    assert json.loads(operator("status", "--json")[1])["sources"] == [told]

    assert operator("sync", "--accept", "dair")[0] == 0
    assert "ALARM" not in operator("sources")[1]
    (outcome,) = json.loads(operator("sync", "--json")[1])
    assert (outcome["weeks"], outcome["alarms"], outcome["failure"]) == (2, [], "")


def test_what_cannot_be_synced_is_told(operator: Operator, tmp_path: Path) -> None:
    code, _, beside = operator("sync", "nothing")
    assert (code, beside) == (2, "There is no source 'nothing'; there are: dair.\n")
    off = {"PAPERBOY_SOURCES_DAIR": '{"enabled": false}'}
    assert operator.program.child("sync", **off)[0] == 2
    assert "No source is set up" in operator.program.child("sources", **off)[1]
    closed = {"PAPERBOY_SOURCES_DAIR": '{"url": "http://127.0.0.1:9/README.md"}'}
    local = {"PAPERBOY_WEB_PRIVATE_HOSTS": '["127.0.0.1"]'}
    code, _, beside = operator.program.child("sync", **closed, **local)
    assert code == 2
    assert "cannot be reached" in beside
    assert "failed once" in operator.program.child("sources", **closed)[1]
    strict = operator.environ | {"PAPERBOY_WEB_PRIVATE_HOSTS": "[]"}
    code, _, beside = operator.program.child("sync", **strict)
    assert code == 2
    assert "no public address" in beside
    with SqliteDatabase(operator.program.database).try_lock("syncing"):
        code, _, beside = operator("sync")
    assert (code, beside.startswith("Another Paperboy is syncing")) == (2, True)


def test_the_terminal_chat_answers_while_an_empty_archive_is_filled(operator: Operator) -> None:
    comes = Event()
    page = operator.site.pages["/main/README.md"]

    def late(_: ReceivedRequest) -> Page:
        comes.wait(GUARD)
        return page

    operator.site.answers["/main/README.md"] = late
    chat = Terminal(operator)
    with closing(chat):
        chat.until("Ctrl-D leaves")
        chat.type("/week 2023-10-09")
        chat.until("Ring Attention")
        comes.set()
        chat.until("added=12")
        chat.type("/week 2026-06-15")
        chat.until("Paper 2606.15001")


class Terminal:
    """`paperboy run` at a terminal."""

    def __init__(self, operator: Operator) -> None:
        self._own, other = pty.openpty()
        kept = {name: os.environ[name] for name in ("PATH",)}
        environ = kept | operator.environ | {
            "PAPERBOY_DATABASE_URL": str(operator.program.database), "TERM": "xterm",
            "XDG_CONFIG_HOME": str(operator.program.folder), "COLUMNS": "120", "LANG": "en_US",
            "PAPERBOY_SYNC_ENABLED": "true", "PAPERBOY_RECORD_ENABLED": "false",
        }  # fmt: skip
        self._program = fork_server.start(["run"], environ, other, other, other)
        os.close(other)
        self.said = ""

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self._own, f"{line}\r".encode())

    def until(self, words: str) -> None:
        """Read until these words were said."""
        ends = time.monotonic() + GUARD
        while words not in self.said:
            assert time.monotonic() < ends, self.said
            if select.select([self._own], [], [], 1)[0]:
                said = os.read(self._own, 65536).decode("utf-8", "replace")
                self.said += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", said)

    def close(self) -> None:
        """End it."""
        self._program.send(signal.SIGTERM)
        self._program.wait()
        os.close(self._own)


async def test_a_bot_that_runs_loads_new_weeks_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite3"
    async with WebServer() as site, WebhookReceiver() as receiver:
        operator = Operator(CommandLine(tmp_path), site)
        operator.publish(*STARTS)
        environ = operator.environ | LoopbackWebhook(receiver, THREADS).environment()
        bot = Bot(path, environ | {"PAPERBOY_SYNC_ENABLED": "true"}, THREADS)
        await bot.start()
        await wait_until(lambda: not bot.is_running() or _has_weeks(path))
        assert await bot.stop() == 0
    assert "3 weeks from 2026-W23 to 2026-W25: saved." in bot.log
    assert "Traceback" not in bot.log


def _has_weeks(path: Path) -> bool:
    if not path.exists():
        return False
    with closing(sqlite3.connect(path)) as connection:
        try:
            found = connection.execute("SELECT count(*) FROM source_pages").fetchone()
        except sqlite3.OperationalError:
            return False  # it is still being made
    return bool(found[0])
