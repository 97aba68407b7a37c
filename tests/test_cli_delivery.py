"""The command line about digests, as an operator uses it, against a receiver on a real socket."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from threading import Event, Thread

import pytest

from bot.model.channels import Target
from bot.model.subscriptions import Subscription
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore
from tests.command_line import ROOT, CommandLine
from tests.discord_server import TOKEN, Server
from tests.waiting import GUARD
from tests.webhook_receiver import SECRET, WebhookReceiver

pytestmark = pytest.mark.slow

DISCORD, SLACK = {"PAPERBOY_DISCORD_TOKEN": "x"}, {"PAPERBOY_SLACK_BOT_TOKEN": "xoxb-1"}
UNPREFIXED = {"DISCORD_TOKEN": "x"}


@contextmanager
def listening(server: AbstractAsyncContextManager[object]) -> Iterator[None]:
    """Let a server listen in a thread, as the program runs as a child."""
    ready, done = Event(), Event()

    async def serve() -> None:
        async with server:
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield
    finally:
        done.set()
        thread.join()


class Operator:
    """Runs `paperboy` with a webhook that is set up, and perhaps with who listens there."""

    def __init__(self, program: CommandLine, receiver: WebhookReceiver | None = None) -> None:
        self._program = program
        self._receiver = receiver

    @property
    def database(self) -> Path:
        return self._program.database

    @property
    def receiver(self) -> WebhookReceiver:
        assert self._receiver
        return self._receiver

    def __call__(self, *words: str) -> tuple[int, str, str]:
        url = self._receiver.url("papers") if self._receiver else "http://127.0.0.1:9/papers"
        run = self._program.child if self._receiver else self._program
        return run(
            *words,
            PAPERBOY_WEBHOOK_CHANNELS=json.dumps({"papers": url}),
            PAPERBOY_WEBHOOK_SECRET=SECRET,
            LANG="en_US.UTF-8",
        )


@pytest.fixture
def operator(filled: CommandLine) -> Operator:
    return Operator(filled)


@pytest.fixture
def heard(filled: CommandLine) -> Iterator[Operator]:
    """Yield an operator whose webhook answers."""
    receiver = WebhookReceiver()
    with listening(receiver):
        yield Operator(filled, receiver)


def test_a_channel_is_subscribed_changed_paused_and_ended(operator: Operator) -> None:
    code, said, _ = operator("subscriptions", "add", "webhook:papers", "monday", "9:00", "Seoul")
    assert code == 0
    assert "every Monday at 09:00 (Asia/Seoul)" in said
    assert operator("subscriptions", "set", "webhook:papers", "layout=threads")[0] == 0
    assert operator("subscriptions", "pause", "webhook:papers")[0] == 0
    code, said, _ = operator("subscriptions", "list", "--json")
    (found,) = json.loads(said)
    assert (found["to"], found["layout"], found["paused"]) == ("webhook:papers", "threads", True)
    assert "layout=threads" in operator("subscriptions", "list")[1]
    assert operator("subscriptions", "resume", "webhook:papers")[0] == 0
    assert "Next:" in operator("status")[1]
    assert operator("subscriptions", "remove", "webhook:papers")[0] == 0
    assert operator("subscriptions", "remove", "webhook:papers")[0] == 2
    assert "Nothing is subscribed" in operator("status")[1]
    assert "Nothing is subscribed" in operator("subscriptions", "list")[1]


def test_the_list_has_every_setting_as_it_can_be_set_again(operator: Operator) -> None:
    words = (
        *("day=friday", "time=15:00", "zone=Asia/Seoul", "language=en", "layout=threads"),
        *("tags=llm", "mention=readers", "patience=90m", "absence=say", "grace=5d"),
        *("quiet=23:00-07:00", "admin=ops"),
    )
    assert operator("subscriptions", "add", "webhook:papers", *words)[0] == 0
    _, said, _ = operator("subscriptions", "list")
    (found,) = json.loads(operator("subscriptions", "list", "--json")[1])

    assert [word for word in words if word not in said] == []
    names = [word.partition("=")[0] for word in words]
    again = [f"{name}={found[name]}" for name in names]
    assert operator("subscriptions", "set", "webhook:papers", *again)[0] == 0
    assert operator("subscriptions", "list")[1] == said


def test_a_week_is_posted_once(heard: Operator) -> None:
    code, said, _ = heard("post", "latest", "--to", "webhook:papers", "--dry-run")
    assert code == 0
    assert json.loads(said)["card"]["title"]
    assert not heard.receiver.ledger
    code, said, _ = heard("post", "latest", "--to", "webhook:papers")
    assert (code, said) == (0, "overview: posted papers/1\n")
    code, _, beside = heard("post", "latest", "--to", "webhook:papers")
    assert code == 0
    assert "already" in beside
    assert len(heard.receiver.ledger) == 1
    status = json.loads(heard("status", "--json")[1])
    assert status["platforms"][0]["posted"] == 1
    assert status["channels"][0]["deliveries"][0]["parts"][0]["state"] == "posted"
    assert "webhook: 1 posted, 0 owed" in heard("status")[1]


def test_a_message_that_may_be_there_is_settled_by_hand(heard: Operator) -> None:
    assert heard("post", "latest", "--to", "webhook:papers")[0] == 0
    with closing(sqlite3.connect(heard.database)) as ledger, ledger:
        ledger.execute("UPDATE parts SET state = 'failed', is_untold = 1")
    code, _, beside = heard("post", "latest", "--to", "webhook:papers")
    assert code == 3
    assert "--unconfirmed again" in beside
    code, said, _ = heard("post", "latest", "--to", "webhook:papers", "--unconfirmed", "again")
    assert (code, said) == (0, "overview: posted papers/2\n")
    with closing(sqlite3.connect(heard.database)) as ledger, ledger:
        ledger.execute("UPDATE parts SET state = 'failed', is_untold = 1")
    code, _, _ = heard("post", "latest", "--to", "webhook:papers", "--unconfirmed", "posted")
    assert code == 0
    assert len(heard.receiver.ledger) == 2


def test_what_cannot_be_posted_is_told(operator: Operator) -> None:
    for words, sentence in (
        (("post", "latest", "--to", "webhook:nobody"), "No webhook channel is named"),
        (("post", "soon", "--to", "webhook:papers"), "is not a week"),
        (("post", "1999-01-04", "--to", "webhook:papers"), "There is no issue"),
        (("post", "latest", "--to", "papers"), "is not a channel"),
        (
            ("post", "latest", "--to", "irc:papers"),
            "There is no platform 'irc'; there are",
        ),
        (("post", "latest", "--to", "slack:T1/C1"), "'slack' is not set up; set PAPERBOY_SLACK"),
        (("subscriptions", "add", "webhook:papers", "munday"), "monday"),
        (("subscriptions", "add", "irc:papers"), "There is no platform 'irc'"),
        (("subscriptions", "add", "slack:T1/C1"), "No digest can be posted here"),
    ):
        code, said, beside = operator(*words)
        assert code in (2, 3), words
        assert sentence in said + beside, words


def test_settings_of_webhooks_are_checked(tmp_path: Path) -> None:
    program = CommandLine(tmp_path)
    for channels, secret, reason in (
        ('{"papers": "https://bridge.example"}', "", "a secret is needed"),
        ('{"papers": "bridge.example"}', "geheim", "has to begin with https://"),
    ):
        code, _, beside = program(
            "run", PAPERBOY_WEBHOOK_CHANNELS=channels, PAPERBOY_WEBHOOK_SECRET=secret
        )
        assert code == 2
        assert reason in beside
        assert "geheim" not in beside


def test_a_doctor_finds_what_is_missing(heard: Operator) -> None:
    # The last line is of the search by meaning, and depends on what is installed.
    code, said, beside = heard("doctor")
    assert (code, said.splitlines()[:-1], beside) == (0, ["webhook: all is well."], "")
    assert said.splitlines()[-1].startswith("search by meaning: ")
    code, said, _ = heard("doctor", "webhook:papers")
    assert code == 0
    assert said.splitlines()[:-1] == ["webhook: all is well.", "webhook:papers: all is well."]
    code, said, _ = heard("doctor", "webhook:elsewhere", "slack:T1/C1")
    assert code == 3
    assert "webhook:elsewhere: No webhook channel is named 'elsewhere'" in said
    assert "slack:T1/C1: The platform 'slack' is not set up" in said
    assert "needs no invitation" in heard("invite", "webhook")[2]


def test_a_series_that_nothing_fills_is_named_by_status_and_doctor(heard: Operator) -> None:
    words = ("subscriptions", "add", "webhook:papers", "monday", "09:00")
    code, said, _ = heard(*words, "series=pytorch-kr")
    assert code == 0
    assert "Nothing fills the series pytorch-kr." in said
    assert "Nothing fills the series pytorch-kr." in heard("status")[1]
    code, said, _ = heard("doctor")
    assert code == 3
    assert "webhook:papers: Nothing fills the series pytorch-kr." in said
    assert heard("subscriptions", "remove", "webhook:papers")[0] == 0
    assert heard("doctor")[0] == 0


def test_a_doctor_tells_of_a_zone_that_this_machine_does_not_know(heard: Operator) -> None:
    assert heard("subscriptions", "add", "webhook:papers", "monday", "09:00")[0] == 0
    with closing(sqlite3.connect(heard.database)) as ledger, ledger:
        ledger.execute("UPDATE subscriptions SET zone = 'Mars/Olympus_Mons'")
    code, said, _ = heard("doctor")
    assert code == 3
    assert "The time zone 'Mars/Olympus_Mons' is unknown" in said
    assert heard("status")[0] in (0, 3)


def test_a_doctor_without_a_platform_says_so(tmp_path: Path) -> None:
    program = CommandLine(tmp_path)
    assert program("doctor")[0] == 2
    assert "No platform is set up" in program("doctor")[2]
    assert "No platform is set up" in program("invite")[2]
    assert "'discord' is not set up" in program("invite", "discord")[2]
    assert "paperboy manifest slack" in program("invite", "slack")[2]


@pytest.mark.parametrize(
    "words",
    [
        ("invite", "irc"),
        ("manifest", "irc"),
        ("doctor", "irc:papers"),
        ("post", "latest", "--to", "irc:papers"),
        ("subscriptions", "add", "irc:papers"),
        ("ask", "/help", "--platform", "irc"),
        ("preview", "latest", "--platform", "irc"),
    ],
)
def test_a_platform_that_is_none_is_told_with_those_there_are(
    filled: CommandLine, words: tuple[str, ...]
) -> None:
    code, _, beside = filled(*words)

    assert code == 2
    assert "There is no platform 'irc'; there are discord, slack and webhook." in beside


def test_which_platform_is_invited_is_asked_where_several_are_set_up(tmp_path: Path) -> None:
    code, _, beside = CommandLine(tmp_path)("invite", **DISCORD, **SLACK)

    assert code == 2
    assert "`paperboy invite discord` or `paperboy invite slack`" in beside


def test_a_bot_without_a_platform_and_a_terminal_says_what_is_missing(tmp_path: Path) -> None:
    program = CommandLine(tmp_path)

    code, _, beside = program("run", **UNPREFIXED, PAPERBOY_PORT="1")

    assert code == 2
    assert "No platform is set up. Set PAPERBOY_DISCORD_TOKEN, " in beside
    assert "DISCORD_TOKEN is set, but not read; is PAPERBOY_DISCORD_TOKEN meant?" in beside
    assert "No setting of Paperboy, and ignored: PAPERBOY_PORT." in beside
    assert not program.database.exists()
    assert "PAPERBOY_LANGUAGE" in program("run", PAPERBOY_LANGAUGE="ko")[2]


def test_piped_questions_are_answered_without_a_platform(filled: CommandLine) -> None:
    code, said, beside = filled("run", given="/help\n")

    assert code == 0
    assert "/paper" in said
    assert beside == ""


def test_a_pipe_that_stays_silent_is_told_what_is_missing(tmp_path: Path) -> None:
    kept = {name: each for name, each in os.environ.items() if not name.startswith("PAPERBOY_")}
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=kept | {"PAPERBOY_DATABASE_URL": str(tmp_path / "archive.sqlite3")},
    ) as program:
        assert program.stderr is not None
        assert "No platform is set up" in program.stderr.readline()
        said, beside = program.communicate("/help\n", timeout=GUARD)

    assert program.returncode == 0
    assert "/paper" in said
    assert "No platform is set up" not in beside


@pytest.mark.parametrize("words", [("run",), ("doctor",), ("invite", "discord")])
def test_a_platform_whose_library_is_not_installed_is_told(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['discord'] = None\n")

    code, _, beside = CommandLine(tmp_path).child(*words, **DISCORD, PYTHONPATH=str(tmp_path))

    assert code == 2
    assert "'discord' needs the Python package 'discord', which is not installed" in beside
    assert "pip install 'paperboy[discord]'" in beside


def test_the_version_is_printed(paperboy: CommandLine) -> None:
    assert paperboy("--version")[:2] == (0, f"paperboy {version('paperboy')}\n")


def test_discord_is_invited_and_examined(tmp_path: Path) -> None:
    program, server = CommandLine(tmp_path), Server()
    with listening(server):
        settings = {"PAPERBOY_DISCORD_API_URL": server.api_url}
        known = settings | {"PAPERBOY_DISCORD_TOKEN": TOKEN}
        invited = program.child("invite", **known)[1]
        code, said, _ = program.child("doctor", "discord:100/200", **known)
        wrong = program.child("invite", **settings, PAPERBOY_DISCORD_TOKEN="wrong-word")  # noqa: S106 - it is
    assert "client_id=900&permissions=309237730304&scope=bot+applications.commands" in invited
    assert code == 3
    assert "discord: all is well." in said
    assert "discord:100/200: Paperboy lacks the permissions Embed Links, " in said
    assert wrong[0] == 2
    assert "does not know the token" in wrong[2]
    assert "wrong-word" not in wrong[2]


def test_status_shows_channels_in_pages_and_paused_ones_first(
    filled: CommandLine,
) -> None:
    async def subscribe() -> None:
        store = ArchiveStore.open(SqliteDatabase(filled.database))
        now = datetime(2023, 10, 18, tzinfo=UTC)
        for number in range(53):
            target = Target("webhook", "", f"c{number:02}")
            await store.ledger().subscribe(Subscription(target, "sample", weekday=0), now)
        last = (await store.ledger().subscriptions())[-1]
        await store.ledger().set_paused(last.id, now, paused=True)
        await store.close()

    asyncio.run(subscribe())
    code, first, _ = filled("status")
    assert code == 0
    assert "\nwebhook:c52\n" in first
    assert "webhook:c49" not in first
    assert first.index("webhook:c52") < first.index("webhook:c00")
    assert "Channels 1 to 50 of 53; paperboy status --page 2 shows more." in first
    _, second, _ = filled("status", "--page", "2")
    assert "Channels 51 to 53 of 53." in second
    assert "webhook:c49" in second
    code, _, beside = filled("status", "--page", "3")
    assert (code, beside) == (2, "There is no page 3; the last one is 2.\n")
    assert len(json.loads(filled("status", "--json")[1])["channels"]) == 53
    assert len(json.loads(filled("status", "--json", "--page", "2")[1])["channels"]) == 3
