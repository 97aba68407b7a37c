"""Virtual time: a loop whose clock jumps to the next thing that waits, and work done in place."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, event

from bot.model.curation import Attribution, CurationRequest, Edit
from bot.model.papers import Issue, Paper
from bot.model.source_edits import SourceEdits
from bot.model.weeks import WeekReference
from bot.ports.archive import IssueResult, SaveResult, SeriesPreference
from storage.archive import paper_lists, queries, save
from storage.archive.edits import Editor
from storage.database import BESIDE_OTHERS, Database
from storage.reader import DriverReader, Reader
from storage.sqlite import SqliteDatabase
from tests import empty_archive

P = ParamSpec("P")
T = TypeVar("T")


class _VirtualSelector(selectors.DefaultSelector):
    """Never waits: it puts the time forward instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everything waits, and nothing will ever happen")
        self.now += max(timeout, 0)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop in which an hour of waiting takes no time."""

    def __init__(self) -> None:
        self._jumping = _VirtualSelector()
        super().__init__(self._jumping)
        # Years of seconds are floats further apart than a nanosecond: what is due then would
        # never be taken for due, and the loop would turn for ever.
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return self._jumping.now

    def freeze(self, seconds: float) -> None:
        """Let time pass in which nothing runs."""
        self._jumping.now += seconds


class VirtualClock:
    """Fulfils `bot.lib.clock.Clock` on a virtual loop; the wall may be put forward and back."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.wall_offset = timedelta()

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.monotonic()) + self.wall_offset

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class InlineTransactions:
    """Fulfils `storage.connections.LedgerTransactions` on the spot, on a real database.

    A connection of each kind stays open, to be closed: to take one from the engine costs as much
    as a short transaction.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.engine: Engine = database.open_engine("test")
        self._kinds: Mapping[str, Mapping[str, Any]] = {
            "read": database.read_options, "write": {}, "change": {BESIDE_OTHERS: True},
        }  # fmt: skip
        self._open: dict[str, Connection] = {}
        self._reader: DriverReader | None = None

    @property
    def path(self) -> Path:
        """The file, where the database is one."""
        assert self.database.file
        return self.database.file

    async def read(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with self.database.translate_errors():
            connection = self._connection("read")
            with connection.begin() as transaction:
                self.database.begin(connection)
                found = work(connection, *args, **kwargs)
                transaction.rollback()
                return found

    async def select(
        self, work: Callable[Concatenate[Reader, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with self.database.translate_errors():
            reader, self._reader = self._reader or self.database.open_reader(), None
            with ExitStack() as on_error:
                on_error.callback(reader.close)
                found = reader.in_snapshot(work, *args, **kwargs)
                on_error.pop_all()
            self._reader = reader
            return found

    async def write(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return self._commit("write", lambda connection: work(connection, *args, **kwargs))

    async def change(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return self._commit("change", lambda connection: work(connection, *args, **kwargs))

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return work(*args, **kwargs)

    def close(self) -> None:
        """Close the connections; others are opened where they are needed again."""
        for connection in self._open.values():
            connection.close()
        self._open.clear()
        if self._reader:
            self._reader.close()
            self._reader = None
        self.engine.dispose()

    def _commit(self, kind: str, work: Callable[[Connection], T]) -> T:
        with self.database.translate_errors():
            connection = self._connection(kind)
            with connection.begin():
                self.database.begin(connection)
                done = work(connection)
                self.database.before_commit(connection)
                return done

    def _connection(self, kind: str) -> Connection:
        if kind not in self._open:
            self._open[kind] = self.engine.connect().execution_options(**self._kinds[kind])
        return self._open[kind]


@contextmanager
def inline_transactions(path: Path) -> Iterator[InlineTransactions]:
    """Yield transactions on a database file, which is made where it is not there."""
    if not path.exists():
        empty_archive.make(path)
    with transactions_of(SqliteDatabase(path)) as made:
        yield made


@contextmanager
def transactions_of(database: Database) -> Iterator[InlineTransactions]:
    """Yield transactions on a database that has its tables."""
    made = InlineTransactions(database)
    if database.file:
        # A test's file need not outlive a power cut.
        event.listen(made.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous = OFF"))
    try:
        yield made
    finally:
        made.close()


class InlineArchive:
    """Fulfils what syncing and delivery ask of `bot.ports.archive.Archive`, on the spot."""

    def __init__(self, transactions: InlineTransactions, clock: VirtualClock) -> None:
        self._transactions = transactions
        self._clock = clock
        self.source_edits = SourceEdits.LINKS_AND_NUMBERS

    async def save(self, issues: Sequence[Issue]) -> SaveResult:
        now = self._clock.now()
        return await self._transactions.write(
            save.save_issues, issues, now, lambda *_: None, self.source_edits
        )

    async def _read(self, work: Callable[..., T], *args: object) -> T:
        return await self._transactions.select(work, *args)

    async def weeks(self, series: Sequence[str], limit: int) -> tuple[Issue, ...]:
        return await self._read(queries.weeks, series, limit)

    async def find_issue(
        self, reference: WeekReference, today: date, wanted: SeriesPreference
    ) -> IssueResult:
        return await self._read(queries.find_issue, reference, today, wanted)

    async def papers(self, numbers: Sequence[int]) -> tuple[Paper, ...]:
        return await self._read(queries.find_papers, numbers)

    async def tag_counts(self) -> tuple[tuple[str, int], ...]:
        return await self._read(paper_lists.tag_counts)

    async def curate(self, request: CurationRequest, by: Attribution) -> Edit:
        now = self._clock.now()
        return await self._transactions.write(
            lambda connection: Editor(connection, now, lambda *_: None).curate(request, by)
        )


async def run_inline(work: Callable[..., T], *args: Any) -> T:
    """Do work where a program would leave it to a thread."""
    return work(*args)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
