"""What the archive needs of a database, whichever it is."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bot.ports.changes import ChangeFeed
from bot.ports.errors import StorageUnavailable
from storage.reader import DriverReader

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

SCHEMA_REVISION = "0034"
"""The migration that this program's tables need."""

SHARED_STEPS = ("storage:migrations/versions",)
"""Where the migrations are that are the same for all databases; they follow those of each."""

BESIDE_OTHERS = "beside_others"
"""The execution option of transactions that begin without waiting for their room."""


class DatabaseUnusable(StorageUnavailable):
    """The database cannot be used; the message says why and what to do."""


class Database(Protocol):
    """A database that holds an archive, or will; each kind is a module of `storage`."""

    @property
    def kind(self) -> str:
        """The name of the modules that have what this kind of database alone has."""
        ...

    @property
    def name(self) -> str:
        """What people call it, without any password."""
        ...

    @property
    def file(self) -> Path | None:
        """The file that it is, where it is one."""
        ...

    @property
    def read_options(self) -> Mapping[str, Any]:
        """The execution options of an engine whose transactions write nothing.

        What one of them reads is of one moment.
        """
        ...

    def open_engine(self, room: str) -> "Engine":
        """Return an engine for work in threads.

        Of the transactions that write in a room, at most one is going on, in all programs: what
        one finds there stays so until it ends. On SQLite all rooms are one.
        """
        ...

    def open_async_engine(self, room: str) -> "AsyncEngine":
        """Return the same for work on the event loop."""
        ...

    def open_reader(self) -> DriverReader:
        """Return what reads what people ask, to be used in one thread at a time."""
        ...

    def change_feed(self) -> ChangeFeed | None:
        """Return what tells of other programs' changes; None where they have to be looked for."""
        ...

    def prepare(self) -> Path | None:
        """Make the tables or bring older ones up to date; return the copy made before, if any.

        Raises DatabaseUnusable where the database is of another program, is newer than this
        program or cannot be written.
        """
        ...

    def exists(self) -> bool:
        """Return whether there is an archive already. Raises DatabaseUnusable."""
        ...

    def copy_to(self, target: Path) -> None:
        """Write a consistent copy, also while others write.

        Raises DatabaseUnusable where it cannot be written, where the source is damaged, or where
        another program makes copies of such a database; the message names it.
        """
        ...

    def begin(self, connection: "Connection") -> None:
        """Let a connection's transaction begin, of the kind that its execution options name."""
        ...

    def before_commit(self, connection: "Connection") -> None:
        """Do what comes last in a transaction."""
        ...

    def freeze(self, connection: "Connection") -> None:
        """Let no other program write anything before the transaction ends."""
        ...

    def read_counters(self, connection: "Connection") -> dict[str, int]:
        """Return by table the highest number that a row was ever given, where it is known."""
        ...

    def write_counters(self, connection: "Connection", counters: Mapping[str, int]) -> None:
        """Let the rows of each table be given higher numbers from now on."""
        ...

    def erase_deleted(self) -> None:
        """Leave nothing of what was deleted in what files the database has beside itself.

        Raises DatabaseUnusable.
        """
        ...

    def delete_copies(self, before: datetime) -> int:
        """Delete the copies that upgrades and restores left beside it; return how many.

        Those that were made before then.

        Raises DatabaseUnusable.
        """
        ...

    def check_integrity(self) -> tuple[str, ...]:
        """Return what is broken; nothing where the database is whole.

        Raises DatabaseUnusable where that cannot be found out, as on a full disk.
        """
        ...

    def try_lock(self, purpose: str) -> AbstractContextManager[bool]:
        """Have the only right to a purpose for as long as the context lasts, where it is free.

        Yields whether one has it. A program that dies lets go of it. Raises DatabaseUnusable.
        """
        ...

    def is_conflict(self, error: Exception) -> bool:
        """Return whether a transaction failed only since others wrote at the same time.

        It is done again then.
        """
        ...

    def translate_errors(self) -> AbstractContextManager[None]:
        """Turn what an operator can mend into DatabaseUnusable; other errors are bugs."""
        ...


@contextmanager
def transaction(database: Database, engine: "Engine") -> Iterator["Connection"]:
    """Yield a connection in a transaction; it is committed where nothing is raised.

    An engine's own events would say when it begins and ends. With any of them each statement
    looks for events of its own, which takes a twelfth of the time of a small transaction.
    """
    with engine.begin() as connection:
        database.begin(connection)
        yield connection
        database.before_commit(connection)


def run_migrations(
    database: Database, engine: "Engine", revision: str, explain: Callable[[Exception], str]
) -> None:
    """Bring the tables up to a revision, in one transaction. Raises DatabaseUnusable.

    The first steps are those of the kind of database, the later ones are the same for all.
    """
    # Alembic takes a quarter of a second to import, so only a migration pays for it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    config.set_main_option("path_separator", "newline")
    folders = (f"storage:migrations/{engine.dialect.name}", *SHARED_STEPS)
    config.set_main_option("version_locations", "\n".join(folders))
    try:
        with transaction(database, engine) as connection:
            # Another process may have been waiting for the same lock and be done already.
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    except DBAPIError as error:
        raise DatabaseUnusable(explain(error)) from None
    finally:
        engine.dispose()


def said_by_driver(error: Exception) -> Any:
    """Return the driver's own error; SQLAlchemy's words quote the statement and its values."""
    return getattr(error, "orig", None) or error
