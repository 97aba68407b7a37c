"""Many rows on PostgreSQL: all are there as given, and who stands still among them is noticed."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.postgresql.batch_cursor import BatchCursor
from storage.postgresql.database import PostgresqlDatabase
from tests import postgresql_server

pytestmark = pytest.mark.slow

NOON = datetime(2023, 10, 16, 12, tzinfo=UTC)
INSERT = "INSERT INTO given (number, text, share, moment, content) VALUES (%s, %s, %s, %s, %s)"
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | TEXTS,
        st.none() | st.floats(allow_nan=False),
        st.none() | st.datetimes(timezones=st.just(UTC)),
        st.none() | st.binary(),
    )
)


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresqlDatabase]:
    """Yield a database of PostgreSQL that has one table, with a column of each kind."""
    try:
        made = postgresql_server.bare_database()
    except postgresql_server.NoPostgresql as error:
        pytest.skip(f"skipped: {error}")
    with made.connect() as connection:
        connection.execute(
            "CREATE TABLE given (place BIGSERIAL, number BIGINT, text TEXT, "
            "share DOUBLE PRECISION, moment TIMESTAMPTZ, content BYTEA)"
        )
    yield made
    postgresql_server.drop(made)


@pytest.fixture
def cursor(database: PostgresqlDatabase) -> Iterator[BatchCursor]:
    """Yield a cursor as work in threads has it; the table is empty."""
    engine = database.open_engine("ledger")
    with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as made:
        assert isinstance(made, BatchCursor)
        made.execute("TRUNCATE given")
        yield made
        connection.rollback()
    engine.dispose()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS)
def test_rows_are_stored_as_they_are_given(
    cursor: BatchCursor, rows: list[tuple[object, ...]]
) -> None:
    cursor.execute("TRUNCATE given")
    cursor.executemany(INSERT, rows)

    assert cursor.rowcount == len(rows)
    cursor.execute("SELECT number, text, share, moment, content FROM given ORDER BY place")
    assert cursor.rowcount == len(rows)
    assert cursor.fetchall() == rows


@pytest.mark.parametrize("count", [499, 500, 501, 1200])
def test_more_rows_than_are_sent_at_once_are_counted_together(
    cursor: BatchCursor, count: int
) -> None:
    cursor.executemany(
        "INSERT INTO given (number) VALUES (%s)", ((each,) for each in range(count))
    )
    assert cursor.rowcount == count
    cursor.executemany("UPDATE given SET text = 'x' WHERE number >= %s", [(count - 2,), (10**6,)])
    assert cursor.rowcount == 2
    cursor.execute("SELECT count(*), count(text) FROM given")
    assert cursor.fetchall() == [(count, 2)]


def test_the_same_rows_many_times_are_never_prepared(cursor: BatchCursor) -> None:
    for _ in range(20):
        cursor.executemany("INSERT INTO given (number) VALUES (%s)", [(1,), (2,)])
    cursor.execute("SELECT count(*) FROM given")
    assert cursor.fetchone() == (40,)


def test_one_row_that_is_wrong_is_told(cursor: BatchCursor) -> None:
    with pytest.raises(psycopg.DataError):
        cursor.executemany("INSERT INTO given (number) VALUES (%s)", [(1,), ("many",), (3,)])


def test_what_rows_return_is_refused(cursor: BatchCursor) -> None:
    with pytest.raises(psycopg.NotSupportedError):
        cursor.executemany("INSERT INTO given (number) VALUES (%s)", [(1,)], returning=True)


def test_who_stands_still_among_many_rows_holds_no_lock_without_end(
    database: PostgresqlDatabase, cursor: BatchCursor
) -> None:
    """A cursor of psycopg itself waits for rows with the first one locked, and has no limit."""
    cursor.execute("INSERT INTO given (number) VALUES (1), (2)")
    cursor.connection.commit()
    changed = []

    def rows() -> Iterator[tuple[int]]:
        yield (1,)
        with database.connect() as other:
            changed.append(other.execute("UPDATE given SET text = 'other'").rowcount)
        yield (2,)

    cursor.executemany("UPDATE given SET text = 'mine' WHERE number = %s", rows())
    cursor.connection.commit()

    assert changed == [2]
    cursor.execute("SELECT DISTINCT text FROM given")
    assert cursor.fetchall() == [("mine",)]
