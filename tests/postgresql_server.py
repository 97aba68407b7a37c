"""A PostgreSQL server for one run of the tests, in a folder of its own; it ends with the run."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from storage.postgresql.database import PostgresqlDatabase
from tests import run_files

TEMPLATE = "paperboy_template"
_LARGE_TABLE = 1 << 18
"""Bytes of a table, rows that were deleted among them, of which it is better rid at once."""

_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "32MB",
    # A test's database need not outlive a power cut.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
}


class NoPostgresql(Exception):
    """There is no PostgreSQL here; the message says what to install."""


_unused: list[PostgresqlDatabase] = []


@contextmanager
def lent_database() -> Iterator[PostgresqlDatabase]:
    """Yield an empty archive, which others used before. Raises NoPostgresql."""
    used = _emptied(_unused.pop()) if _unused else new_database()
    try:
        yield used
    finally:
        _unused.append(used)


def _emptied(used: PostgresqlDatabase) -> PostgresqlDatabase:
    """Delete what a test left; to make a database anew takes several times as long.

    To truncate a table takes 2 ms, whether it has rows or not; most have none, or a few.
    """
    with used.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        found = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() "
            "AND tablename NOT IN ('alembic_version', 'text_totals')"
        )
        looks = [
            f"SELECT '{name}', pg_relation_size('{name}') WHERE EXISTS (SELECT FROM {name})"  # noqa: S608
            for (name,) in found
        ]
        connection.execute("SET session_replication_role = replica")  # in any order
        for name, size in connection.execute(" UNION ALL ".join(looks)).fetchall():
            is_large = size > _LARGE_TABLE
            connection.execute(f"TRUNCATE {name} CASCADE" if is_large else f"DELETE FROM {name}")  # noqa: S608
        connection.execute(
            "SELECT setval(format('%I', sequencename)::regclass, start_value, false) "
            "FROM pg_sequences WHERE last_value IS NOT NULL AND schemaname = current_schema()"
        )
        connection.execute("UPDATE text_totals SET texts = 0, tokens = 0")
    return used


def new_database() -> PostgresqlDatabase:
    """Return an empty archive of its own. Raises NoPostgresql."""
    name = f"test_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(_url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return database(name)


def bare_database() -> PostgresqlDatabase:
    """Return a database without tables. Raises NoPostgresql."""
    name = f"bare_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(_url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    return database(name)


def database(name: str) -> PostgresqlDatabase:
    """Return a database of the server by its name."""
    return PostgresqlDatabase.of(make_url(_url(name)))


def drop(used: PostgresqlDatabase) -> None:
    """Delete a database, also where others are connected to it."""
    with psycopg.connect(_url("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {used.url.database} WITH (FORCE)")


@cache
def _url(name: str) -> str:
    return f"postgresql://paperboy@127.0.0.1:{_port()}/{name}"


@cache
def _port() -> int:
    """Return the port of the run's server, which is started where it does not run yet."""
    known = run_files.started_once("port", _start)
    if not (said := known.read_text()).isdigit():
        raise NoPostgresql(said)
    return int(said)


def _start(known: Path, owner: int) -> None:
    try:
        _find_program("initdb")
    except NoPostgresql as error:
        known.write_text(str(error))
        return
    run_files.start_server("tests.postgresql_server", known, owner, os.environ)
    url = make_url(f"postgresql://paperboy@127.0.0.1:{known.read_text()}/{TEMPLATE}")
    with psycopg.connect(
        url.set(database="postgres").render_as_string(), autocommit=True
    ) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
    PostgresqlDatabase.of(url).prepare()


def _find_program(name: str) -> str:
    """Return the path of a program of PostgreSQL, the newest there is."""
    versions = Path("/usr/lib/postgresql")
    found = [*versions.glob(f"*/bin/{name}")] if versions.is_dir() else []
    if found:
        return str(max(found, key=lambda path: int(path.parts[-3])))
    if path := shutil.which(name):
        return path
    raise NoPostgresql("PostgreSQL is not installed; on Debian: apt-get install -y postgresql")


@contextmanager
def restartable_server() -> Iterator["RestartableServer"]:
    """Yield a server of its own with an empty archive. Raises NoPostgresql."""
    _find_program("initdb")
    who = _owner()
    folder = Path(tempfile.mkdtemp(prefix="paperboy-postgresql-"))
    shutil.chown(folder, *_names(who))
    server = RestartableServer(folder, who, _initialize(folder, who))
    try:
        server.control("start", "-w")
        url = make_url(f"postgresql://paperboy@127.0.0.1:{server.port}/postgres")
        server.database = PostgresqlDatabase.of(url)
        server.database.prepare()
        yield server
    finally:
        with suppress(subprocess.CalledProcessError):
            server.control("stop", "-m", "immediate")
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class RestartableServer:
    """A server that loses nothing it confirmed, as one of an operator."""

    folder: Path
    who: Mapping[str, Any]
    port: int
    database: PostgresqlDatabase = field(init=False)

    def control(self, *words: str) -> None:
        """Call pg_ctl: `start`, `restart -m fast`, `stop -m immediate`."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off -k {self.folder}"
        subprocess.run(  # noqa: S603 - a program of PostgreSQL
            [
                _find_program("pg_ctl"), "-D", str(self.folder / "data"), "-o", options,
                "-l", str(self.folder / "log"), *words,
            ],
            check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **self.who,
        )  # fmt: skip


def _serve(known: Path, owner: int) -> None:
    """Run a server until the process that owns the run has ended."""
    who = _owner()
    folder = Path(tempfile.mkdtemp(prefix="paperboy-postgresql-"))
    shutil.chown(folder, *_names(who))
    server = None
    try:
        port = _initialize(folder, who)
        options = {**_OPTIONS, "port": str(port), "unix_socket_directories": str(folder)}
        server = subprocess.Popen(  # noqa: S603 - a program of PostgreSQL
            [
                _find_program("postgres"), "-D", str(folder / "data"),
                *(word for name, value in options.items() for word in ("-c", f"{name}={value}")),
            ],
            stderr=subprocess.DEVNULL, cwd=folder, **who,
        )  # fmt: skip
        while server.poll() is None:
            try:
                psycopg.connect(f"postgresql://paperboy@127.0.0.1:{port}/postgres").close()
                break
            except psycopg.OperationalError:
                time.sleep(0.05)
        fresh = known.with_suffix(".new")
        fresh.write_text(str(port))
        fresh.rename(known)
        while run_files.is_alive(owner) and server.poll() is None:
            time.sleep(0.5)
    finally:
        if server is not None and server.poll() is None:
            server.send_signal(signal.SIGINT)
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _owner() -> dict[str, Any]:
    """Return the arguments by which a child is the server's user: root may not run one."""
    if os.getuid():
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _names(who: Mapping[str, Any]) -> tuple[int, int]:
    return who.get("user", os.getuid()), who.get("group", os.getgid())


def _initialize(folder: Path, who: Mapping[str, Any]) -> int:
    """Make the files of a server in `data`; return a port that is free."""
    # The order of words differs from that of code points, as on most servers.
    locale = ["--locale-provider=icu", "--icu-locale=en-US", "--encoding=UTF8"]
    who_may = ["-U", "paperboy", "-A", "trust", "--no-sync"]
    subprocess.run(  # noqa: S603 - a program of PostgreSQL
        [_find_program("initdb"), "-D", str(folder / "data"), *who_may, *locale],
        check=True, stdout=subprocess.DEVNULL, cwd=folder, **who,
    )  # fmt: skip
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]))
