"""Reads and writes on one database, each in a transaction."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from storage.database import BESIDE_OTHERS, Database, transaction
from storage.reader import DriverReader, Reader, marked_for_driver

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

CHUNK_SIZE = 500
"""How many values one statement is given at most; SQLite allows 32,766."""


_MAX_CONFLICTS = 3
"""How often a transaction is done again, where others wrote what it needed at the same time."""


def chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """Yield the values in parts that a statement can be given."""
    for start in range(0, len(values), CHUNK_SIZE):
        yield values[start : start + CHUNK_SIZE]


def execute_many(connection: "Connection", statement: str, rows: Sequence[Any]) -> None:
    """Execute a statement, whose values are question marks, for each row.

    Thousands of rows take SQLAlchemy as long as a database.
    """
    if rows:
        connection.exec_driver_sql(marked_for_driver(connection, statement), list(rows))


P = ParamSpec("P")
T = TypeVar("T")


class Transactions(Protocol):
    """Runs work in transactions."""

    async def read(
        self, work: Callable[Concatenate["Connection", P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what the work finds; it writes nothing. Raises DatabaseUnusable."""
        ...

    async def write(
        self, work: Callable[Concatenate["Connection", P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what the work says, all of it stored or nothing. Raises DatabaseUnusable.

        The work may be done more than once, until it is stored.
        """
        ...

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what work returns that needs no connection, and may wait for a disk."""
        ...


class LedgerTransactions(Transactions, Protocol):
    """Runs work in transactions, some of them beside each other."""

    async def select(
        self, work: Callable[Concatenate[Reader, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what the work reads at one moment; it waits for no transaction that writes.

        It costs a quarter of `read`, as SQLAlchemy has no part in it. Raises DatabaseUnusable.
        """
        ...

    async def change(
        self, work: Callable[Concatenate["Connection", P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return the same; the work may run beside others.

        It changes rows that it finds by their number and state, and is right whatever others do to
        other rows meanwhile.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Engines:
    """One engine, with the options of each kind of transaction."""

    writing: "Engine"
    reading: "Engine"
    changing: "Engine"


class ReadThread:
    """Reads in a thread of its own, through one connection that is opened at the first read."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, name)
        self._reader: DriverReader | None = None
        self._is_closed = False

    async def read(
        self, work: Callable[Concatenate[DriverReader, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what work reads at one moment; it may be done twice. Raises DatabaseUnusable."""
        call = partial(self._read, work, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    async def close(self) -> None:
        """Close the connection after the reads in progress; a second call does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        # Also where there is no connection yet: a read that was given up may still make one.
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    def _read(
        self, work: Callable[Concatenate[DriverReader, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with self._database.translate_errors():
            while True:
                was_open = self._reader is not None
                try:
                    if self._reader is None:
                        self._reader = self._database.open_reader()
                    return self._reader.in_snapshot(work, *args, **kwargs)
                except Exception:
                    is_lost = self._reader is not None and self._reader.is_lost
                    self._close()
                    if not (was_open and is_lost):
                        raise
                # The server was restarted since the last read, or the network cut: read again.

    def _close(self) -> None:
        if self._reader is not None:
            reader, self._reader = self._reader, None
            reader.close()


class ThreadedTransactions:
    """Fulfils `LedgerTransactions` in threads of its own, a whole transaction at a time.

    Where transactions are many and small, as in an outbox, this costs a sixth of what a turn of
    the event loop for each statement does. The engine is made at the first transaction, since a
    command that only reads needs none.
    """

    def __init__(self, database: Database, room: str) -> None:
        self._database = database
        self._room = room
        self._opened: _Engines | None = None
        self._lock = Lock()
        # Two: a read does not wait for a write that waits for another program.
        self._threads = ThreadPoolExecutor(2, "ledger")
        self._reads = ReadThread(database, "ledger reads")

    async def read(
        self, work: Callable[Concatenate["Connection", P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        def run() -> T:
            with (
                self._database.translate_errors(),
                transaction(self._database, self._engines.reading) as connection,
            ):
                return work(connection, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)

    async def select(
        self, work: Callable[Concatenate[Reader, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self._reads.read(work, *args, **kwargs)

    async def write(
        self, work: Callable[Concatenate["Connection", P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        def call(connection: "Connection") -> T:
            return work(connection, *args, **kwargs)

        return await self.run(lambda: self._commit(self._engines.writing, call))

    async def change(
        self, work: Callable[Concatenate["Connection", P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        def call(connection: "Connection") -> T:
            return work(connection, *args, **kwargs)

        return await self.run(lambda: self._commit(self._engines.changing, call))

    @property
    def _engines(self) -> "_Engines":
        # A part of SQLAlchemy that is imported while another thread runs a statement can break it.
        import sqlalchemy.ext.asyncio  # noqa: F401, PLC0415

        with self._lock:
            if self._opened is None:
                engine = self._database.open_engine(self._room)
                self._opened = _Engines(
                    engine,
                    engine.execution_options(**self._database.read_options),
                    engine.execution_options(**{BESIDE_OTHERS: True}),
                )
            return self._opened

    def _commit(self, engine: "Engine", work: Callable[["Connection"], T]) -> T:
        """Do work in a transaction, again where it failed since others wrote at the same time."""
        with self._database.translate_errors():
            for _ in range(_MAX_CONFLICTS):
                try:
                    with transaction(self._database, engine) as connection:
                        return work(connection)
                except Exception as error:  # of SQLAlchemy or of the driver, which is asked too
                    if not self._database.is_conflict(error):
                        raise
            with transaction(self._database, engine) as connection:
                return work(connection)

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        call = partial(work, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def close(self) -> None:
        """Close the connections after the work in progress."""
        await self._reads.close()
        await asyncio.to_thread(self._threads.shutdown)
        if self._opened is not None:
            self._opened.writing.dispose()


class AsyncReads:
    """Reads on an asynchronous engine, whose driver has a thread of its own.

    For what reads much and is in no hurry, such as an export of the whole archive: it does not
    take the threads in which people are answered. The engine is made when something is read.
    """

    def __init__(self, database: Database, room: str) -> None:
        self._database = database
        self._room = room
        self._engine: AsyncEngine | None = None

    async def read(
        self, work: Callable[Concatenate["Connection", P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what the work finds. Raises DatabaseUnusable."""
        if self._engine is None:
            self._engine = self._database.open_async_engine(self._room)
        reading = self._engine.execution_options(**self._database.read_options)

        def begin_and_read(connection: "Connection") -> T:
            self._database.begin(connection)
            return work(connection, *args, **kwargs)

        async def run() -> T:
            with self._database.translate_errors():
                async with reading.connect() as connection:
                    return await connection.run_sync(begin_and_read)

        return await _run_to_end(run())

    async def close(self) -> None:
        """Close the connections."""
        if self._engine is not None:
            await self._engine.dispose()


async def _run_to_end(transaction: Coroutine[Any, Any, T]) -> T:
    """Return what a transaction returns; one whose caller is cancelled is waited for first.

    A connection that is being opened by aiosqlite's thread would be lost to a cancellation, and
    never closed.
    """
    task = asyncio.create_task(transaction)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # so that asyncio does not report it as unhandled
        raise
