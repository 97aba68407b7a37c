"""Reads in SQL that every database understands, also where SQLAlchemy is not imported."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from sqlalchemy import Connection

P = ParamSpec("P")
T = TypeVar("T")

_AT_ONCE = 500
"""How many values are given to a statement at most; SQLite allows 32,766."""


class Reader(Protocol):
    """Returns what statements select.

    Values are question marks. A column that is no number and no text is cast to text, as drivers
    differ in what they make of days, times and JSON.
    """

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows that a statement selects."""
        ...


class DriverReader:
    """Fulfils `Reader` with a connection of a driver, which is in no transaction between reads."""

    def __init__(self, connection: Any, begin: str) -> None:
        self.connection = connection
        self._begin = begin
        """The statement that begins a transaction in which everything is of one moment."""

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self.execute(statement, values).fetchall()
        return found

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Any:
        """Return the cursor of a statement."""
        return self.connection.execute(statement, values)

    @property
    def is_lost(self) -> bool:
        """Whether the connection ended by itself, as one to a server may."""
        return False

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def in_snapshot(
        self, work: "Callable[Concatenate[DriverReader, P], T]", *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what work reads, all of it as it was at one moment.

        Where the work raises an error, the connection has to be closed.
        """
        self.execute(self._begin)
        found = work(self, *args, **kwargs)
        self.execute("COMMIT")
        return found


class ConnectionReader:
    """Fulfils `Reader` in the transaction of a connection of SQLAlchemy.

    Its driver is asked: what SQLAlchemy makes of each statement of text takes as long as many do.
    """

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        cursor = self._connection.connection.cursor()
        try:
            cursor.execute(marked_for_driver(self._connection, statement), tuple(values))
            return list(cursor.fetchall())
        finally:
            cursor.close()


def marked_for_driver(connection: "Connection", statement: str) -> str:
    """Return a statement with the marks of a connection's driver in place of question marks."""
    return statement if connection.dialect.paramstyle == "qmark" else marked_for_psycopg(statement)


def marked_for_psycopg(statement: str) -> str:
    """Return the same for the driver of PostgreSQL."""
    return statement.replace("?", "%s")


def rows_among(
    reader: Reader, statement: str, values: Sequence[Any], *others: Any
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a statement in which `IN ({marks})` stands for any number of values.

    Many values are asked for in several statements. The values of other marks come after them.
    """
    for start in range(0, len(values), _AT_ONCE):
        part = values[start : start + _AT_ONCE]
        yield from reader.rows(_with_marks(statement, len(part)), (*part, *others))


@lru_cache(maxsize=1024)
def _with_marks(statement: str, count: int) -> str:
    return statement.format(marks=question_marks(count))


def question_marks(count: int) -> str:
    """Return the marks of so many values, for `IN` of a statement."""
    return ", ".join("?" * count)


def parse_moment(text: str) -> datetime:
    """Return the aware UTC time of a column that was cast to text."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def format_moment(moment: datetime) -> str:
    """Return an aware time as columns have it, to be compared with them."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
