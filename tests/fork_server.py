"""Starts `paperboy` as real processes that have its modules loaded: a fork of one that waits.

To start an interpreter and import everything takes a second, which is most of what a short run
costs. The server is a process of its own, one for each that runs tests: it has no threads, no
loop and no database open, so that a fork of it is as a new process is. When its tests are gone,
however they ended, it ends what it started.

Run as `python -m tests.fork_server FD`, with a socket that the requests come through.
"""

import atexit
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from babel import dates, numbers

from tests import certificates, tracer

ROOT = Path(__file__).parents[1]
_PRELOADED = (
    "alembic.command", "bot.__main__", "bot.app.archive", "bot.app.service", "bot.cli.run",
    "adapters.console.prompt", "adapters.http.client",
    "adapters.discord.platform", "adapters.openai.client", "adapters.slack.platform",
    "adapters.webhook.platform", "adapters.monitoring", "adapters.pictures.painter",
    "adapters.sentence_encoder.encoder", "adapters.site", "storage.search.sqlite",
    "anyio._backends._asyncio", "anyio.streams.memory", "apscheduler.executors.asyncio",
    "encodings.ascii", "encodings.idna", "encodings.utf_16_le",
    "slack_bolt.listener_matcher.async_builtins", "typer._adapters", "typer._click.decorators",
)  # fmt: skip
"""What most programs import, some of it when they first need it."""
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Variables of the environment that name certificates; some programs are started without them."""
_MAX_REQUEST = 1 << 20
"""Bytes; arguments and environment of a program."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program that was started."""

    pid: int
    status: int
    """A file descriptor, to be closed; its exit code can be read there as text once it ended."""

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


@cache
def _server(*, is_traced: bool) -> socket.socket:
    """Return the way to a server, which is started when it is first needed."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environ = os.environ.items() if is_traced else ()
    kept = {name: value for name, value in environ if name.startswith("COVERAGE_")}
    kept |= {name: os.environ[name] for name in ("PATH", *_CERTIFICATES) if name in os.environ}
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "tests.fork_server", str(its.fileno())],
        pass_fds=[its.fileno()],
        cwd=ROOT,
        env=kept | {"PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # what interrupts the tests ends it by its socket
    )
    its.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


class _Server:
    """The process that forks."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._children: dict[int, int] = {}
        """Where the exit code of each is waited for."""
        self._wake, self._woken = socket.socketpair()
        for end in (self._wake, self._woken):
            end.settimeout(0)

    def serve(self) -> Sequence[str] | None:
        """Return the arguments in each process that is forked, and None in the end."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._woken.fileno(), warn_on_full_buffer=False)
        while True:
            ready, _, _ = select.select([self._requests, self._wake], [], [])
            if self._wake in ready:
                self._wake.recv(4096)
                self._report_ended()
            if self._requests in ready:
                request, given, _, _ = socket.recv_fds(self._requests, _MAX_REQUEST, 4)
                if not request:
                    self._end_children()
                    return None
                pid = os.fork()
                if not pid:
                    return self._become(json.loads(request), given)
                self._children[pid] = given.pop()
                for file in given:
                    os.close(file)
                self._requests.send(str(pid).encode())

    def _report_ended(self) -> None:
        for pid in tuple(self._children):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                end = self._children.pop(pid)
                with suppress(BrokenPipeError):
                    os.write(end, str(os.waitstatus_to_exitcode(status)).encode())
                os.close(end)

    def _end_children(self) -> None:
        for pid in self._children:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _become(self, request: Mapping[str, object], given: Sequence[int]) -> Sequence[str]:
        """Let this process, just forked, be as one that was started."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for each in (self._requests, self._wake, self._woken):
            each.close()
        for end in self._children.values():
            os.close(end)
        for number, file in enumerate(given[:3]):
            os.dup2(file, number)
        for file in given:
            os.close(file)
        # Those of the server remember whether they could seek in what they had.
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - a descriptor
        sys.stdout, sys.stderr = (
            open(number, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
            for number in (1, 2)
        )
        environ, words = request["environ"], request["words"]
        assert isinstance(environ, dict)
        assert isinstance(words, list)
        os.environ.clear()
        os.environ.update(environ)
        return words


def _main() -> None:
    for name in _PRELOADED:
        importlib.import_module(name)
    importlib.import_module("bot.app.words").load_all()
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
    words = _Server(socket.socket(fileno=int(sys.argv[1]))).serve()
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
