"""Starts `paperboy` as real processes that have its modules loaded: a fork of one that waits.

To start an interpreter and import everything takes a second, which is most of what a short run
costs. The server is a process of its own, one for all that run tests: it has no threads, no
loop and no database open, so that a fork of it is as a new process is. When tests are gone,
however they ended, it ends what it started for them.

Run as `python -m tests.fork_server PATH OWNER`, with the socket that it makes to be asked through,
and the process that it ends with.
"""

import atexit
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from babel import dates, numbers

from tests import certificates, run_files, tracer
from tests.waiting import GUARD

ROOT = Path(__file__).parents[1]
_PRELOADED = (
    "alembic.command", "bot.__main__", "bot.app.archive", "bot.app.service", "bot.cli.run",
    "adapters.console.prompt", "adapters.http.client",
    "adapters.discord.platform", "adapters.openai.client", "adapters.slack.platform",
    "adapters.webhook.platform", "adapters.monitoring", "adapters.pictures.painter",
    "adapters.sentence_encoder.encoder", "adapters.site", "storage.search.sqlite",
    "anyio._backends._asyncio", "anyio.streams.memory", "apscheduler.executors.asyncio",
    "bot.cli.ask", "bot.cli.channels", "bot.cli.doctor", "adapters.console.render",
    "storage.postgresql.change_feed", "storage.postgresql.database", "storage.search.postgresql",
    "encodings.ascii", "encodings.idna", "encodings.utf_16_le", "openai.resources.chat",
    "slack_bolt.listener_matcher.async_builtins", "sqlalchemy.ext.asyncio",
    "typer._adapters", "typer._click.decorators",
)  # fmt: skip
"""What most programs import, some of it when they first need it."""
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Variables of the environment that name certificates; some programs are started without them."""
_MAX_REQUEST = 1 << 20
"""Bytes; arguments and environment of a program."""
_END = b"end"
_NAMES = ("forks", "traced-forks")
"""The sockets of a run's servers: of one that coverage does not trace, and of one that it does."""
_LOOK_SECONDS = 1.0
"""How often a server looks whether the run was ended by force."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program that was started."""

    pid: int
    status: int
    """A file descriptor, to be closed; its exit code can be read there as text once it ended."""

    def wait(self) -> int:
        """Return its exit code once it ended; end it where that takes too long."""
        with os.fdopen(self.status) as status:
            if not select.select([status], [], [], GUARD)[0]:
                self.send(signal.SIGKILL)
            return int(status.read())

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, where it has not ended."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)


def start(
    words: Sequence[str], environ: Mapping[str, str], stdin: int, stdout: int, stderr: int
) -> Program:
    """Start `paperboy` with these arguments, this environment and no other, and these files."""
    server = _server(is_traced=tracer.is_on())
    status, ended = os.pipe()
    request = json.dumps({"words": list(words), "environ": dict(environ)}).encode()
    try:
        socket.send_fds(server, [request], [stdin, stdout, stderr, ended])
        pid = int(server.recv(64))
    finally:
        os.close(ended)
    return Program(pid, status)


def end_run() -> None:
    """End the servers of this run, and wait for what they write when they end."""
    for name in _NAMES:
        path = run_files.server_file(name)
        if path.exists():
            with _connected(path) as server:
                server.send(_END)
                server.recv(1)


@cache
def _server(*, is_traced: bool) -> socket.socket:
    """Return the way to a server, which the first process of the run that needs it starts."""
    found = _connected(run_files.started_once(_NAMES[is_traced], _start))
    atexit.register(found.close)
    return found


def _start(path: Path, owner: int) -> None:
    is_traced = path.name == _NAMES[True]
    environ = os.environ.items() if is_traced else ()
    kept = {name: value for name, value in environ if name.startswith("COVERAGE_")}
    kept |= {name: os.environ[name] for name in ("PATH", *_CERTIFICATES) if name in os.environ}
    run_files.start_server("tests.fork_server", path, owner, kept | {"PYTHONUTF8": "1"})


def _connected(path: Path) -> socket.socket:
    found = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    found.connect(str(path))
    return found


class _Server:
    """The process that forks."""

    def __init__(self, path: Path, owner: int) -> None:
        self._owner = owner
        self._is_over = False
        self._tests: list[socket.socket] = []
        """The processes that run tests."""
        self._children: dict[int, tuple[socket.socket, int]] = {}
        """For whom each was started, and where its exit code is waited for."""
        self._wake, self._woken = socket.socketpair()
        for end in (self._wake, self._woken):
            end.settimeout(0)
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        fresh = path.with_suffix(".new")
        self._listening.bind(str(fresh))
        self._listening.listen()
        fresh.rename(path)

    def serve(self) -> Sequence[str] | None:
        """Return the arguments in each process that is forked, and None in the end."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._woken.fileno(), warn_on_full_buffer=False)
        while not self._is_over and run_files.is_alive(self._owner):
            ready, _, _ = select.select(self._sockets(), [], [], _LOOK_SECONDS)
            if self._wake in ready:
                self._wake.recv(4096)
                self._report_ended()
            if self._listening in ready:
                self._tests.append(self._listening.accept()[0])
            for each in [each for each in self._tests if each in ready]:
                request, given, _, _ = socket.recv_fds(each, _MAX_REQUEST, 4)
                if request == _END:
                    self._is_over = True
                elif not request:
                    self._end_children([each])
                    self._tests.remove(each)
                    each.close()
                elif not self._fork(each, given):
                    return self._become(json.loads(request), given)
        self._end_children(self._tests)
        return None

    def _fork(self, asked: socket.socket, given: list[int]) -> int:
        """Return the number of the new process; 0 in that."""
        pid = os.fork()
        if pid:
            self._children[pid] = asked, given.pop()
            for file in given:
                os.close(file)
            asked.send(str(pid).encode())
        return pid

    def _sockets(self) -> list[socket.socket]:
        return [self._listening, self._wake, *self._tests]

    def _report_ended(self) -> None:
        for pid in tuple(self._children):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                _, end = self._children.pop(pid)
                with suppress(BrokenPipeError):
                    os.write(end, str(os.waitstatus_to_exitcode(status)).encode())
                os.close(end)

    def _end_children(self, tests: Collection[socket.socket]) -> None:
        for pid, (asked, _) in self._children.items():
            if asked in tests:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _become(self, request: Mapping[str, object], given: Sequence[int]) -> Sequence[str]:
        """Let this process, just forked, be as one that was started."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for each in (*self._sockets(), self._woken):
            each.close()
        for _, end in self._children.values():
            os.close(end)
        for number, file in enumerate(given[:3]):
            os.dup2(file, number)
        for file in given:
            os.close(file)
        environ, words = request["environ"], request["words"]
        assert isinstance(environ, dict)
        assert isinstance(words, list)
        _open_streams(environ.get("PYTHONIOENCODING", "utf-8"))
        os.environ.clear()
        os.environ.update(environ)
        return words


def _open_streams(wanted: str) -> None:
    """Open the standard streams as PYTHONIOENCODING wants them.

    Those of the server remember whether they could seek in what they had.
    """
    encoding, _, errors = wanted.partition(":")
    sys.stdin = open(0, encoding=encoding, errors=errors or None, closefd=False)  # noqa: SIM115
    sys.stdout, sys.stderr = (
        open(number, "w", 1, encoding, handler, closefd=False)  # noqa: SIM115
        for number, handler in ((1, errors or None), (2, "backslashreplace"))
    )


def _main() -> None:
    os.chdir(ROOT)
    for name in _PRELOADED:
        importlib.import_module(name)
    importlib.import_module("bot.app.words").load_all()
    importlib.import_module("bot.lib.deferred").load_all()
    for language in sys.modules["config.catalogues"].load():
        _load_locale(language)
    tracer.follow_greenlets()
    certificates.read_once()
    for name in _CERTIFICATES:
        os.environ.pop(name, None)
    certificates.read_once()
    # A fork that ends would otherwise look through all that was loaded, and copy it doing so:
    # that took three times as long as what most of them do.
    gc.collect()
    gc.freeze()
    words = _Server(Path(sys.argv[1]), int(sys.argv[2])).serve()
    if words is not None:
        sys.argv = ["paperboy", *words]
        _run(sys.modules["bot.__main__"].main)


def _run(program: Callable[[], None]) -> None:
    """Run a program, and end the process as Python does, but for what takes longest.

    That is to take apart every module, which copies all of them to this process: it took a third
    of what a short run takes. Threads are waited for, what is to be done at the end is done, and
    what was left open is found, and complained of, as it is there.
    """
    code: str | int | None = None
    try:
        program()
    except SystemExit as end:
        code = end.code
    if not isinstance(code, int | None):
        sys.exit(code)  # which is said
    threading._shutdown()  # type: ignore[attr-defined] # noqa: SLF001 - as Python does
    atexit._run_exitfuncs()  # noqa: SLF001 - likewise
    gc.collect()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code or 0)


def _load_locale(language: str) -> None:
    """Let Babel read what it knows of a language, which it does when it is first asked."""
    numbers.format_decimal(1, locale=language)
    dates.format_date(date.min, locale=language)


if __name__ == "__main__":
    _main()
