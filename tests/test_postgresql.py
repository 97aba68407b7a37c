"""PostgreSQL: the answers of SQLite, a transfer and back, and what is told where it fails."""

import asyncio
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import product
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from benchmarks.lookup.quality import (
    JUDGED_QUERIES,
    MEMBER_QUERIES,
    QUERIES,
    SAMPLE_QUERIES,
    damaged,
    read,
)
from bot.app.archive import import_sample
from bot.commands.context import Context
from bot.digests.deliveries import plan_delivery
from bot.model.channels import MessageRef, Person, Target
from bot.model.deliveries import PostedPart
from bot.model.papers import Paper, Record
from bot.model.subscriptions import Subscription
from bot.model.usage import UsageKey
from bot.model.weeks import Month
from bot.papers.gist import gist_digest
from bot.papers.tagging import Vocabulary
from bot.ports.search_index import SearchIndex
from bot.search.full_text import search_full_text
from bot.search.lookup import complete_name, look_up
from bot.search.text_query import parse_text_query, stems_of
from bot.search.thesaurus import Thesaurus
from config import glossary, vocabulary
from storage.addresses import find_database
from storage.connections import ThreadedTransactions
from storage.database import SCHEMA_REVISION, SHARED_STEPS, Database, DatabaseUnusable
from storage.postgresql.database import PostgresqlDatabase
from storage.reader import ConnectionReader
from storage.restore import record_restored, restore
from storage.schema import all_tables
from storage.search.postgresql.proximity import near_positions
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore
from storage.transfer import transfer
from tests import postgresql_server
from tests.command_line import CommandLine
from tests.curators import correct_text
from tests.real_lists import fill_with_real_weeks
from tests.samples import MONDAY, RING, issue
from tests.test_lookup import all_papers
from tests.waiting import GUARD

pytestmark = pytest.mark.slow

TAGS = Vocabulary.of(vocabulary.load())
PASSWORD = "s3cret"
NOON = datetime(2023, 10, 16, 12, tzinfo=UTC)
TEXTS = ("ring", '"a ring"', "devices -world", "tag:robotics", "")
TARGET = Target("fake", "", "papers")
_END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def server() -> None:
    """Skip where there is no PostgreSQL."""
    try:
        postgresql_server.drop(postgresql_server.database("nothing"))
    except postgresql_server.NoPostgresql as error:
        pytest.skip(f"skipped: {error}")


@pytest.fixture
def empty(server: None) -> Iterator[PostgresqlDatabase]:
    """Yield an empty archive of PostgreSQL."""
    with postgresql_server.lent_database() as lent:
        yield lent


@pytest.fixture
def bare(server: None) -> Iterator[PostgresqlDatabase]:
    """Yield a database of PostgreSQL without tables."""
    made = postgresql_server.bare_database()
    yield made
    postgresql_server.drop(made)


def index_of(database: Database) -> SearchIndex:
    found: SearchIndex = import_module(f"storage.search.{database.kind}").open_index(database)
    return found


def answers(index: SearchIndex, text: str, thesaurus: Thesaurus) -> tuple[object, ...]:
    """Return all that is found by a text, in every way that there is."""
    return (
        look_up(index, text, 5, thesaurus),
        complete_name(index, text),
        [
            search_full_text(index, parse_text_query(asked, TAGS, MONDAY), stems_of(asked), page)
            for asked in (text, f'"{text}"', f"{text} -model")
            for page in ((5, 0), (20, 5))
        ],
    )


def assert_same_answers(
    one: Database, other: Database, texts: Sequence[str], in_every_way: int = 1
) -> None:
    """Look all texts up, and ask one of so many in every way, looking it up among them."""
    thesaurus = Thesaurus.of(glossary.load(), TAGS)
    with closing(index_of(one)) as first, closing(index_of(other)) as second:  # type: ignore[type-var]
        for number, text in enumerate(texts):
            if number % in_every_way == 0:
                assert answers(first, text, thesaurus) == answers(second, text, thesaurus), text
            else:
                found = [look_up(index, text, 5, thesaurus) for index in (first, second)]
                assert found[0] == found[1], text


async def test_the_sample_is_answered_as_on_sqlite(
    context: Context, store: ArchiveStore, empty: PostgresqlDatabase
) -> None:
    await import_sample(context)
    there = ArchiveStore.open(empty)
    async for each in store.issues(None, None):
        await there.save([each])
    await there.close()
    queries = read(SAMPLE_QUERIES, await all_papers(store))

    assert_same_answers(store.database, empty, [query.text for query in queries])


async def test_words_near_each_other_are_found_as_on_sqlite(
    store: ArchiveStore, empty: PostgresqlDatabase
) -> None:
    chance = random.Random(7)  # noqa: S311 - a test's dice
    papers = [
        replace(
            RING,
            key=f"title:paper {number}",
            titles={"en": f"Paper {number}"},
            aliases=(),
            abstracts={},
            links=(),
            summaries={"en": " ".join(chance.choices("abcdefgh", k=chance.randint(2, 40)))},
        )
        for number in range(80)
    ]
    there = ArchiveStore.open(empty)
    for each in (store, there):
        await each.save([issue(papers)])
    await there.close()
    asked = [*product("abcd", repeat=2), *product("efg", repeat=3)]

    with closing(index_of(store.database)) as one, closing(index_of(empty)) as other:  # type: ignore[type-var]
        for words in asked:
            for gap in (1, 2, 5):
                found = [each.search_texts(words, 9, 1, max_gap=gap) for each in (one, other)]
                assert found[0] == found[1], (words, gap)


async def test_months_and_periods_are_counted_as_on_sqlite(
    store: ArchiveStore, empty: PostgresqlDatabase
) -> None:
    there = ArchiveStore.open(empty)
    key = UsageKey(Month(2023, 10), "fake", "", "paper")
    found = []
    for each in (store, there):
        await each.save([issue(), issue((RING,), MONDAY + timedelta(days=28))])
        record = Record(authors=("Ada Author", "Ben Author", "Ada Author"))
        await each.save_records({RING.key.removeprefix("arxiv:"): record}, NOON)
        await each.add_usage({key: 2})
        await each.add_usage({key: 3})
        found.append(
            (
                await each.papers_by_month(),
                await each.papers_by_month("long-context"),
                await each.tags_of_period(MONDAY, MONDAY + timedelta(days=6)),
                await each.usage("fake", ""),
                await each.years(),
                *[
                    await each.query_index(
                        lambda index, since=since: index.matches_by_month(  # type: ignore[misc]
                            [parse_text_query(text, TAGS, MONDAY) for text in TEXTS], since
                        )
                    )
                    for since in (None, MONDAY + timedelta(days=28))
                ],
                await each.first_days(),
                await each.papers_by_month(since=MONDAY + timedelta(days=1)),
                await each.papers_by_month("long-context", MONDAY + timedelta(days=1)),
                await each.newest_by_tag(("long-context", "no-such-tag"), 1),
                await each.papers_by_author("Ada Author", 5, 0),
                await each.author_names(5, 0),
                await each.author_counts(),
                await each.paper_keys(2, 1),
                await each.totals(),
            )
        )
    await there.close()

    assert found[0] == found[1]
    assert found[0][0] == {Month(2023, 10): 3, Month(2023, 11): 1}
    assert found[0][3].asked == {(Month(2023, 10), "paper"): 5}
    assert found[0][5][0] == {Month(2023, 10): 1, Month(2023, 11): 1}
    assert found[0][6][0] == {Month(2023, 11): 1}
    assert found[0][7] == (MONDAY, MONDAY + timedelta(days=28))
    assert found[0][8] == {Month(2023, 11): 1}
    assert found[0][11].papers[0].record.authors == record.authors
    assert found[0][12:14] == (
        ("Ada Author", "Ben Author"),
        (("Ada Author", 1), ("Ben Author", 1)),
    )


@pytest.mark.long
@pytest.mark.usefixtures("_tokens_read_once")
async def test_the_real_archive_is_answered_as_on_sqlite(
    real_store: ArchiveStore, empty: PostgresqlDatabase, reference_data: Path
) -> None:
    there = ArchiveStore.open(empty)
    await fill_with_real_weeks(there, reference_data)
    await there.close()
    papers: list[Paper] = await all_papers(real_store)
    sets = (QUERIES, MEMBER_QUERIES, JUDGED_QUERIES, SAMPLE_QUERIES)
    texts = [query.text for each in sets for query in read(each, papers)]
    texts += [query.text for query in damaged(papers, 60, seed=5)]
    with empty.connect() as connection:
        connection.execute("ANALYZE")  # which a server does by itself, but for that of the tests

    assert len(texts) > 900
    assert_same_answers(real_store.database, empty, texts, 9)


WORDS = st.lists(st.sampled_from("abc"), max_size=30)


@given(WORDS, st.lists(st.sampled_from("abc"), min_size=2, max_size=3), st.integers(1, 5))
def test_what_is_near_is_near_on_sqlite(text: list[str], words: list[str], gap: int) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE texts USING fts5 (words)")
        connection.execute("INSERT INTO texts VALUES (?)", (" ".join(text),))
        query = f"NEAR({' '.join(words)}, {gap})"
        found = connection.execute("SELECT 1 FROM texts WHERE texts MATCH ?", (query,)).fetchall()

    places = [[place for place, each in enumerate(text) if each == word] for word in words]
    is_near = all(places) and bool(near_positions(places, gap)[0])

    assert is_near == bool(found)


async def test_a_query_with_a_nul_finds_nothing_and_fails_nowhere(
    empty: PostgresqlDatabase,
) -> None:
    there = ArchiveStore.open(empty)
    await there.save([issue()])
    with closing(index_of(empty)) as index:  # type: ignore[type-var]
        parsed = parse_text_query("tag:a\0b ring", TAGS, MONDAY)
        assert search_full_text(index, parsed, ("ring",), (5, 0)).total == 0
        assert look_up(index, "ring\0 attention").is_sure
    await there.close()


async def fill_with_deliveries(database: Database) -> None:
    """Fill an archive: a posted part, one that is owed, and numbers that are given no more."""
    store = ArchiveStore.open(database)
    ledger = store.ledger()
    await store.save([issue(intros={"ko": "둘", "en": "하나 \N{SNOWMAN}"})])
    await correct_text(store, RING.key, "title", "ko", "고친 제목")
    kept = await ledger.subscribe(
        Subscription(TARGET, "dair", tags=("long-context", "agents"), subscriber="admin"), NOON
    )
    other = await ledger.subscribe(
        Subscription(Target("fake", "", "others"), "dair", subscriber="admin"), NOON
    )
    for each in (kept, other):
        await ledger.enqueue(plan_delivery(each, issue(), NOON, NOON + timedelta(days=9)), NOON)
    lease = await ledger.acquire_or_renew("fake", "me", None, NOON)
    first = await ledger.next_parts("fake", NOON, 9)
    (claimed,) = await ledger.claim(lease.owner, [(first[0], 1)], NOON)
    await ledger.mark_posted([PostedPart(claimed.part, MessageRef(TARGET, "7"), NOON)])
    await ledger.release("fake", "me")
    await store.register().save(await store.register().get("dair"), [])
    digests = {paper.id: gist_digest(paper) for paper in await store.papers([1, 2])}
    await store.save_vectors("model", {id_: (digest, b"12") for id_, digest in digests.items()})
    await store.close()


def content(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table, but for the note that an archive was transferred."""
    engine = database.open_engine("test")
    with engine.connect() as connection:
        found: dict[str, list[tuple[object, ...]]] = {}
        for table in all_tables():
            rows = connection.execute(select(table).order_by(*table.primary_key))
            found[table.name] = [tuple(row) for row in rows]
        counters = database.read_counters(connection)
    engine.dispose()
    found["facts"] = [row for row in found["facts"] if row[0] != "transferred_to"]
    numbered = ("papers", "subscriptions", "deliveries", "vectors")
    found["counters"] = [(name, counters[name]) for name in numbered]
    return found


def test_an_archive_is_transferred_there_and_back_exactly(
    empty: PostgresqlDatabase, tmp_path: Path
) -> None:
    first, last = SqliteDatabase(tmp_path / "a.sqlite3"), SqliteDatabase(tmp_path / "b.sqlite3")
    first.prepare()
    asyncio.run(fill_with_deliveries(first))
    before = content(first)
    shown: list[tuple[int, int]] = []

    rows = transfer(first, empty, lambda done, total: shown.append((done, total)))
    there = content(empty)
    transfer(empty, last, lambda *_: None)

    assert before["parts"]
    assert before["vectors"]
    assert there == before
    assert content(last) == before
    assert shown[-1] == (rows, rows)
    assert_same_answers(first, empty, ["ring", "고친 제목", "unisim", "robots"])
    assert_same_answers(first, last, ["ring", "고친 제목", "unisim", "robots"])


async def test_after_a_transfer_what_was_posted_is_not_due_and_the_rest_is(
    empty: PostgresqlDatabase, tmp_path: Path
) -> None:
    first = SqliteDatabase(tmp_path / "a.sqlite3")
    first.prepare()
    await fill_with_deliveries(first)
    left = ArchiveStore.open(first)
    owed = await left.ledger().next_parts("fake", NOON, 9)
    await left.close()
    transfer(first, empty, lambda *_: None)

    there = ArchiveStore.open(empty)
    due = await there.ledger().next_parts("fake", NOON, 9)
    again = await there.ledger().enqueue(
        plan_delivery(due[0].subscription, issue(), NOON, NOON + timedelta(days=9)), NOON
    )
    await there.close()

    assert [part.part for part in due] == [part.part for part in owed]
    assert not again
    old = ArchiveStore.open(first)
    for use in (
        old.require_present(),
        old.ledger().acquire_or_renew("fake", "started before", None, NOON),
    ):
        with pytest.raises(DatabaseUnusable, match=r"was transferred to postgresql://paperboy@"):
            await use
    await old.close()


def test_a_transfer_that_cannot_be_is_told_and_changes_nothing(
    empty: PostgresqlDatabase, tmp_path: Path
) -> None:
    first, none = SqliteDatabase(tmp_path / "a.sqlite3"), SqliteDatabase(tmp_path / "no.sqlite3")
    first.prepare()
    asyncio.run(fill_with_deliveries(first))
    quiet: Callable[[int, int], None] = lambda *_: None  # noqa: E731

    with pytest.raises(DatabaseUnusable, match="no archive at"):
        transfer(none, empty, quiet)
    with pytest.raises(DatabaseUnusable, match="where the archive is"):
        transfer(first, first, quiet)
    asyncio.run(_hold_lease(first, datetime.now(UTC)))
    with pytest.raises(DatabaseUnusable, match="stop it first"):
        transfer(first, empty, quiet)
    asyncio.run(_hold_lease(first, NOON))
    transfer(first, empty, quiet)
    with pytest.raises(DatabaseUnusable, match="transferred to"):
        transfer(first, empty, quiet)
    other = SqliteDatabase(tmp_path / "c.sqlite3")
    other.prepare()
    asyncio.run(fill_with_deliveries(other))
    with pytest.raises(DatabaseUnusable, match="holds an archive already"):
        transfer(other, empty, quiet)


async def _hold_lease(database: Database, now: datetime) -> None:
    store = ArchiveStore.open(database)
    await store.ledger().acquire_or_renew("fake", "me", None, now)
    await store.close()


def test_programs_that_start_at_once_make_the_tables_once(bare: PostgresqlDatabase) -> None:
    with ThreadPoolExecutor(4) as programs:
        assert not any(programs.map(lambda _: bare.prepare(), range(4)))

    assert bare.exists()
    assert content(bare)["facts"] == []


def test_the_tables_are_those_of_the_schema(empty: PostgresqlDatabase) -> None:
    with empty.connect() as connection:
        rows = connection.execute(
            "SELECT table_name, column_name, is_nullable FROM information_schema.columns "
            "WHERE table_schema = current_schema()"
        ).fetchall()

    made = {(table, column): is_nullable == "YES" for table, column, is_nullable in rows}
    wanted = {
        (table.name, column.name): bool(column.nullable)
        for table in all_tables()
        for column in table.columns
    }
    assert {name: made.get(name) for name in wanted} == wanted


def test_a_transfer_knows_every_table(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "a.sqlite3")
    database.prepare()
    with closing(sqlite3.connect(database.path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        made = {name for name, _ in rows}

    derived = ("name_grams", "name_words", "paper_texts")
    index = {name for name in made if name.startswith(derived)}
    index |= {"names", "name_starts", "gram_counts", "text_copies"}
    known = {table.name for table in all_tables()} | index
    assert made - known == {"alembic_version", "sqlite_sequence"}


def test_columns_of_shared_steps_mean_what_they_do_on_sqlite(
    bare: PostgresqlDatabase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "versions"
    folder.mkdir()
    (folder / "9999_words.py").write_text(
        "from alembic import op\n"
        "from sqlalchemy import Column, Integer, String, Text\n"
        f"revision, down_revision = '9999', '{SCHEMA_REVISION}'\n"
        "def upgrade():\n"
        "    op.create_table('words', Column('id', Integer, primary_key=True),\n"
        "        Column('word', String), Column('text', Text), Column('number', Integer))\n"
    )
    monkeypatch.setattr("storage.database.SHARED_STEPS", (*SHARED_STEPS, str(folder)))

    bare.prepare()

    with bare.connect() as connection:
        columns = connection.execute(
            "SELECT data_type, collation_name FROM information_schema.columns "
            "WHERE table_name = 'words' AND column_name <> 'id' ORDER BY ordinal_position"
        ).fetchall()
        others = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name NOT IN ('alembic_version') "
            "AND (coalesce(collation_name, '') <> 'C' AND data_type = 'text' "
            "OR data_type = 'integer' AND column_default IS NULL)"
        ).fetchall()
    assert columns == [("text", "C"), ("text", "C"), ("bigint", None)]
    assert others == [("paper_texts", "text")], "this one is never compared"


def test_a_database_of_another_program_or_a_newer_one_is_refused(bare: PostgresqlDatabase) -> None:
    with bare.connect() as connection:
        connection.execute("CREATE TABLE songs (id int)")
    with pytest.raises(DatabaseUnusable, match="another program"):
        bare.prepare()
    with bare.connect() as connection:
        connection.execute("DROP TABLE songs")
    bare.prepare()
    with bare.connect() as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseUnusable, match="newer Paperboy"):
        bare.prepare()


def test_one_program_at_a_time_has_a_lock(empty: PostgresqlDatabase) -> None:
    with (
        empty.try_lock("syncing") as is_mine,
        empty.try_lock("syncing") as is_mine_too,
        empty.try_lock("learning") as is_other,
    ):
        assert (is_mine, is_mine_too, is_other) == (True, False, True)
    for _ in range(30):  # a server that is busy with others hears late of what ended
        with empty.try_lock("syncing") as is_free:
            assert is_free


def change_part(connection: Connection, number: int) -> None:
    connection.exec_driver_sql("UPDATE parts SET chunk = chunk WHERE id = %s", (number,))


def lock_part_by_driver(connection: Connection, number: int) -> None:
    locked = "SELECT id FROM parts WHERE id = ? FOR UPDATE"
    ConnectionReader(connection).rows(locked, (number,))


@pytest.mark.parametrize("touch", [change_part, lock_part_by_driver])
async def test_a_transaction_that_others_get_in_the_way_of_is_done_again(
    empty: PostgresqlDatabase, touch: Callable[[Connection, int], None]
) -> None:
    await fill_with_deliveries(empty)
    both_have_one = Barrier(2)
    begun: set[tuple[int, int]] = set()

    def hold_one_and_want_the_other(connection: Connection, order: tuple[int, int]) -> None:
        first, second = order
        touch(connection, first)
        if order not in begun:
            begun.add(order)
            both_have_one.wait(GUARD)
        touch(connection, second)

    workers = [ThreadedTransactions(empty, "ledger") for _ in range(2)]
    await asyncio.gather(
        *(
            worker.change(hold_one_and_want_the_other, order)
            for worker, order in zip(workers, [(1, 2), (2, 1)], strict=True)
        )
    )

    for worker in workers:
        await worker.close()


async def test_of_two_that_begin_at_once_one_has_the_lease(empty: PostgresqlDatabase) -> None:
    stores = [ArchiveStore.open(empty) for _ in range(2)]
    ledgers = [store.ledger() for store in stores]

    for number in range(20):
        found = await asyncio.gather(
            *(
                ledger.acquire_or_renew(f"platform {number}", owner, None, NOON)
                for ledger, owner in zip(ledgers, ("one", "other"), strict=True)
            )
        )
        assert found[0] == found[1]
    for store in stores:
        await store.close()


async def test_what_is_there_already_is_not_added(empty: PostgresqlDatabase) -> None:
    await fill_with_deliveries(empty)
    store = ArchiveStore.open(empty)
    people, person = store.people(), Person("fake", "ada")

    saved = [await people.save_paper(person, 1, NOON) for _ in range(2)]
    await store.close()

    assert saved == [True, False]


async def test_two_who_claim_the_same_part_get_it_once(empty: PostgresqlDatabase) -> None:
    await fill_with_deliveries(empty)
    stores = [ArchiveStore.open(empty) for _ in range(2)]
    ledgers = [store.ledger() for store in stores]
    await ledgers[0].acquire_or_renew("fake", "me", None, NOON)
    parts = await ledgers[0].next_parts("fake", NOON, 9)

    claimed = await asyncio.gather(
        *(ledger.claim("me", [(parts[0], 1)], NOON) for ledger in ledgers for _ in range(8))
    )

    assert sum(map(len, claimed)) == 1
    for store in stores:
        await store.close()


async def test_a_restart_of_the_server_costs_no_answer(empty: PostgresqlDatabase) -> None:
    store = ArchiveStore.open(empty)
    await store.save([issue()])
    await store.query_index(lambda index: look_up(index, "ring attention"))
    with empty.connect() as connection:
        connection.execute(_END_OTHERS)

    assert (await store.query_index(lambda index: look_up(index, "ring attention"))).is_sure
    with empty.connect() as connection:
        connection.execute(_END_OTHERS)
    assert (await store.totals()).issues == 1
    await store.close()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"database": "nowhere"}, "does not exist"),
        ({"username": "nobody"}, "does not exist"),
        ({"port": 1}, "no server answers there"),
        ({"host": "no.such.host.invalid"}, "there is no such host"),
    ],
)
def test_a_server_that_cannot_be_used_is_told_without_the_password(
    empty: PostgresqlDatabase, change: dict[str, str], reason: str
) -> None:
    url = empty.url.set(password=PASSWORD).set(**change)  # type: ignore[arg-type]
    database = PostgresqlDatabase.of(url)

    with pytest.raises(DatabaseUnusable, match=reason) as told:
        database.prepare()

    assert PASSWORD not in str(told.value)
    assert "\n" not in str(told.value)


def test_of_several_servers_the_one_that_answers_is_used(empty: PostgresqlDatabase) -> None:
    hosts = f"host=127.0.0.1,127.0.0.1&port=1,{empty.url.port}&target_session_attrs=read-write"
    found = find_database(f"postgresql://{empty.url.username}@/{empty.url.database}?{hosts}")

    assert found.exists()
    engine = found.open_engine("test")
    with engine.connect() as connection:
        assert connection.execute(select(1)).scalar_one() == 1
    engine.dispose()


def test_every_spelling_of_an_address_means_the_database() -> None:
    for scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        found = find_database(f"{scheme}://me:s3cret@host:5433/papers?sslmode=require")
        assert found.kind == "postgresql"
        assert found.name == "postgresql://me:***@host:5433/papers"
        assert found.file is None
    with pytest.raises(DatabaseUnusable, match="names no database"):
        find_database("postgresql://host")


def test_the_commands_say_what_postgresql_has_programs_for(
    empty: PostgresqlDatabase, paperboy: CommandLine, tmp_path: Path
) -> None:
    address = empty.url.set(drivername="postgres").render_as_string(hide_password=False)
    at = {"PAPERBOY_DATABASE_URL": address}

    assert paperboy("import", "--sample", **at)[0] == 0
    assert "Attention" in paperboy("ask", "/paper attention is all you need", **at)[1]
    code, _, beside = paperboy("backup", str(tmp_path / "copy"), **at)
    assert (code, "pg_dump --format=custom" in beside) == (2, True)
    code, _, beside = paperboy("restore", str(tmp_path / "copy"), **at)
    assert (code, "pg_restore" in beside) == (2, True)
    assert paperboy("restore", **at)[0] == 0
    assert "is whole" in paperboy("check", **at)[1]
    code, said, beside = paperboy("transfer", address, str(tmp_path / "back.sqlite3"))
    assert (code, "Transferred" in said) == (0, True), beside
    code, _, beside = paperboy("status", **at)
    assert (code, "was transferred to" in beside) == (2, True)
    code, said, _ = paperboy("status", PAPERBOY_DATABASE_URL=str(tmp_path / "back.sqlite3"))
    assert code == 0


async def test_after_pg_restore_the_ledger_knows_its_gap(empty: PostgresqlDatabase) -> None:
    await fill_with_deliveries(empty)
    with pytest.raises(DatabaseUnusable, match="pg_restore"):
        restore(empty, Path("copy"))

    record_restored(empty)

    store = ArchiveStore.open(empty)
    (part, *_) = await store.ledger().next_parts("fake", NOON, 9)
    await store.close()
    assert part.gap is not None
    assert part.gap.since == NOON
