"""The real program as a child process, on a database in which every channel's slot has passed."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from adapters import sentence_encoder
from bot.digests import slots
from bot.lib.clock import SystemClock
from bot.model.channels import MessageRef, Target
from bot.model.discussions import PaperThread, ThreadCounts
from bot.model.subscriptions import Layout, Subscription
from bot.search.vectorizer import Vectorizer
from storage.deliveries.ledger import SqlLedger
from storage.postgresql.database import PostgresqlDatabase
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore
from storage.transfer import transfer
from tests import empty_archive, fork_server, samples
from tests.discord_gateway import GUILD
from tests.discord_server import CHANNEL, FORUM
from tests.slack_workspace import TEAM
from tests.virtual_time import InlineTransactions
from tests.waiting import wait_until, wait_until_found

_archives: dict[date, bytes] = {}
"""Archives of one week, by its first day."""

Place = Path | PostgresqlDatabase
"""Where a program's archive is."""


@dataclass(frozen=True, slots=True)
class DeliveryScenario:
    """Who is owed what."""

    channels: int = 1
    layout: Layout = Layout.OVERVIEW
    per_second: float = 500
    platform: str = "webhook"
    request_timeout: float = 1.0
    """Seconds; a part whose answer is lost is in doubt for so long."""
    settle: float = 0.2
    """How many seconds after that a request may still arrive; see the setting."""
    discussed: int = 0
    """How many papers were discussed in each channel in the week before."""

    def target(self, number: int) -> Target:
        """Return a channel of the platform, by its number from 0."""
        if self.platform == "discord":
            first = FORUM if self.layout is Layout.FORUM else CHANNEL
            return Target("discord", GUILD, str(int(first) + 10 * number))
        if self.platform == "slack":
            return Target("slack", TEAM, f"C1{number:03}")
        return Target("webhook", "", f"c{number:02}")


THREADS = DeliveryScenario(layout=Layout.THREADS)
CROWD = DeliveryScenario(channels=20, layout=Layout.THREADS, per_second=200)


class BotProcess:
    """`paperboy run`."""

    started: ClassVar[list["BotProcess"]] = []

    @classmethod
    def end_all(cls) -> None:
        """End whatever a test left running, as one that fails does."""
        for program in cls.started:
            program.send(signal.SIGKILL)
        cls.started.clear()

    def __init__(
        self, path: Place, platform: dict[str, str], scene: DeliveryScenario, *arguments: str
    ) -> None:
        self._path = path
        self._arguments = arguments
        self._platform = platform
        self._scene = scene
        self._program: fork_server.Program | None = None
        self._reading: asyncio.Task[None] | None = None
        self._ended: asyncio.Task[int] | None = None
        self.log = ""
        """What it has logged so far."""

    async def start(self) -> None:
        """Start it."""
        log, stderr = os.pipe()
        environ = _environment(self._path, self._scene) | self._platform
        with open(os.devnull, "r+b") as nothing:  # noqa: ASYNC230, PTH123 - it waits for nothing
            self._program = fork_server.start(
                ["run", *self._arguments], environ, nothing.fileno(), nothing.fileno(), stderr
            )
        os.close(stderr)
        self.started.append(self)
        self._reading = asyncio.create_task(self._read_log(log))
        self._ended = asyncio.create_task(_read_code(self._program.status))

    async def deliver_all(self) -> bool:
        """Wait until nothing is owed any more, or the program ended.

        False for neither, where nothing more is posted for as long as a test waits.
        """
        posted = -1

        def is_over() -> bool:
            return not self.is_running() or is_all_sent(self._path, self._scene)

        def goes_on() -> bool:
            return is_over() or count_posted(self._path) > posted

        # The platform that it posts to is on this loop: a look must not keep that from answering.
        while not await asyncio.to_thread(is_over):
            try:
                await wait_until_found(goes_on)
            except AssertionError:
                return False
            posted = await asyncio.to_thread(count_posted, self._path)
        return True

    async def wait_for_log(self, text: str) -> None:
        """Return once it has logged a text. Raises AssertionError where it does not."""
        with suppress(AssertionError):
            await wait_until(lambda: text in self.log or not self.is_running())
        assert text in self.log, f"{text!r} is not in this log:\n{self.log}"

    def is_running(self) -> bool:
        """Return whether it has not ended."""
        return self._ended is not None and not self._ended.done()

    def send(self, number: signal.Signals) -> bool:
        """Send it a signal; False where it had ended."""
        if not self._program or not self.is_running():
            return False
        self._program.send(number)
        return True

    async def stop(self) -> int:
        """End it gracefully; return its exit code."""
        assert self._reading
        assert self._ended
        self.send(signal.SIGTERM)
        await self._reading
        return await self._ended

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._program
        return self._program.pid

    async def freeze(self) -> None:
        """Stop it (SIGSTOP), and return once it stands still; SIGCONT lets it go on."""
        assert self._program
        self.send(signal.SIGSTOP)
        state = Path(f"/proc/{self.pid}/stat")
        await wait_until(lambda: state.read_text().rpartition(")")[2].split()[0] == "T")

    async def _read_log(self, file: int) -> None:
        async with _opened(file) as reader:
            async for line in reader:
                self.log += line.decode()


async def _read_code(file: int) -> int:
    async with _opened(file) as reader:
        return int(await reader.read())


@asynccontextmanager
async def _opened(file: int) -> AsyncIterator[asyncio.StreamReader]:
    """Read from the end of a pipe, which is closed afterwards."""
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(file, "rb", 0)
    )
    try:
        yield reader
    finally:
        transport.close()


def is_all_sent(path: Place, scene: DeliveryScenario) -> bool:
    """Return whether every channel's slot was decided and nothing is owed."""
    ((unsent, made, decided),) = read_rows(
        path,
        "SELECT (SELECT count(*) FROM parts WHERE state IN ('owed', 'sending')), "
        "(SELECT count(*) FROM parts), (SELECT count(*) FROM slots)",
    )
    return bool(made) and decided == scene.channels and not unsent


def count_posted(path: Place) -> int:
    """Return how many messages were posted, as the program recorded it."""
    return int(read_rows(path, "SELECT count(*) FROM parts WHERE state = 'posted'")[0][0])


def read_rows(path: Place, statement: str) -> list[tuple[Any, ...]]:
    """Return what a statement selects."""
    with closing(sqlite3.connect(path) if isinstance(path, Path) else path.connect()) as found:
        return found.execute(statement).fetchall()


async def prepare(scene: DeliveryScenario, path: Place) -> None:
    """Make a database in which every channel's slot has just passed.

    One of PostgreSQL has its tables already, and nothing in them.
    """
    due = datetime.now(UTC) - timedelta(minutes=10)
    start = slots.monday_of(slots.previous_week(slots.week_of(due.date())))
    if start not in _archives:
        _archives[start] = await _make_archive(start)
    if isinstance(path, Path):
        path.write_bytes(_archives[start])
    else:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "archive.sqlite3"
            file.write_bytes(_archives[start])
            await asyncio.to_thread(transfer, SqliteDatabase(file), path, lambda *_: None)
    inline = InlineTransactions(SqliteDatabase(path) if isinstance(path, Path) else path)
    ledger = SqlLedger(inline)
    for number in range(scene.channels):
        wanted = Subscription(
            scene.target(number),
            "dair",
            weekday=due.weekday(),
            at=due.time().replace(microsecond=0),
            layout=scene.layout,
            quiet_from=time(),
            quiet_until=time(),
        )
        await ledger.subscribe(wanted, due - timedelta(hours=1))
        for paper in range(1, scene.discussed + 1):
            thread = MessageRef(wanted.target, f"9{paper}", f"9{paper}")
            counts = ThreadCounts(2 * paper, paper, due - timedelta(days=2))
            await ledger.record_thread(PaperThread(paper, thread, counts=counts), due)
    inline.close()


async def _make_archive(start: date) -> bytes:
    """Return an archive of one week, with the vectors of its papers.

    Without them each program would load the model before it is ended, which takes longer than
    all that it does.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive.sqlite3"
        empty_archive.make(path)
        store = ArchiveStore.open(path)
        try:
            await store.save([samples.issue(start=start)])
            if embedder := sentence_encoder.connect():
                await Vectorizer(store, embedder, SystemClock()).run_to_completion()
        finally:
            await store.close()
        return path.read_bytes()


def _address(path: Place) -> str:
    if isinstance(path, Path):
        return str(path)
    return path.url.set(drivername="postgresql").render_as_string(hide_password=False)


def _environment(path: Place, scene: DeliveryScenario) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PAPERBOY_")}
    return kept | {
        "PAPERBOY_DATABASE_URL": _address(path),
        "PAPERBOY_ENV_FILE": os.devnull,
        # What cannot be asked there fails at once, and again and again.
        "PAPERBOY_RECORD_ARXIV_URL": "http://127.0.0.1:9/api/query",
        "PAPERBOY_RECORD_HUGGING_FACE_URL": "",
        "PAPERBOY_SYNC_ENABLED": "false",
        "PAPERBOY_DELIVERY_TICK_SECONDS": "0.2",
        "PAPERBOY_DELIVERY_POLL_SECONDS": "0.05",
        # A program that gets less of a busy machine needs longer to renew it, as to be answered.
        "PAPERBOY_DELIVERY_LEASE_SECONDS": str(0.8 * min(scene.request_timeout, 10)),
        "PAPERBOY_DELIVERY_SETTLE_SECONDS": str(scene.settle),
        "PAPERBOY_DELIVERY_FIRST_RETRY_SECONDS": "0.05",
        "PAPERBOY_DELIVERY_LONGEST_RETRY_SECONDS": "0.2",
    }
