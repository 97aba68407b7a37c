"""Calls `paperboy` as the installed command does, on an archive of its own."""

import io
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from bot.__main__ import main
from tests import fork_server
from tests.waiting import GUARD

ROOT = Path(__file__).parents[1]
_CONFIGURED = ("bot", "adapters", "storage", "config", "apscheduler")
"""The loggers whose levels a program sets."""


class CommandLine:
    """Runs `paperboy`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "archive.sqlite3"

    def __call__(self, *words: str, given: str = "", **environ: str) -> tuple[int, str, str]:
        """Return the exit code, what was said, and what was said beside.

        What goes on until it is told to end is a child process. The rest is called: to start a
        process takes longer than all that it would do.
        """
        run = _child if words[0] == "run" else _called
        return run(words, given, self.environ(**environ))

    def child(self, *words: str, **environ: str) -> tuple[int, str, str]:
        """Return the same of a child process.

        It is for what speaks to a server that listens in a thread of the test.
        """
        return _child(words, "", self.environ(**environ))

    def environ(self, **environ: str) -> dict[str, str]:
        """Return the environment of the program."""
        return {
            "PATH": os.environ["PATH"],
            "PAPERBOY_DATABASE_URL": f"sqlite:///{self.database}",
            "XDG_CONFIG_HOME": str(self.folder),
            "PAPERBOY_ENV_FILE": os.devnull,
            "PYTHONUTF8": "1",
            "COLUMNS": "200",
            "PAPERBOY_RECORD_ENABLED": "false",
            "PAPERBOY_SYNC_ENABLED": "false",
            **environ,
        }


def _child(words: tuple[str, ...], given: str, environ: dict[str, str]) -> tuple[int, str, str]:
    run = _executed if "PYTHONPATH" in environ else _forked
    code, said, beside = run(words, given, environ)
    assert "Traceback" not in beside
    return code, said, beside


def _executed(words: tuple[str, ...], given: str, environ: dict[str, str]) -> tuple[int, str, str]:
    """Start a new interpreter, for what it imports is to be another."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "bot", *words],
        input=given,
        capture_output=True,
        text=True,
        timeout=GUARD,
        check=False,
        cwd=ROOT,
        env=environ,
    )
    return done.returncode, done.stdout, done.stderr


def _forked(words: tuple[str, ...], given: str, environ: dict[str, str]) -> tuple[int, str, str]:
    code, said, beside = run_forked(words, given.encode(), environ)
    return code, said.decode(), beside.decode()


def run_forked(
    words: Sequence[str], given: bytes, environ: Mapping[str, str]
) -> tuple[int, bytes, bytes]:
    """Run the program with an input; return its exit code and what it wrote."""
    with TemporaryFile() as stdin, TemporaryFile() as stdout, TemporaryFile() as stderr:
        stdin.write(given)
        stdin.seek(0)
        code = fork_server.start(
            words, environ, stdin.fileno(), stdout.fileno(), stderr.fileno()
        ).wait()
        stdout.seek(0)
        stderr.seek(0)
        return code, stdout.read(), stderr.read()


def _called(words: tuple[str, ...], given: str, environ: dict[str, str]) -> tuple[int, str, str]:
    said, beside = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    code = 0
    here = _surroundings(words, given, environ)
    with here, logging_restored(), redirect_stdout(said), redirect_stderr(beside):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    return code, _read(said), _read(beside)


@contextmanager
def logging_restored() -> Iterator[None]:
    """Let the logging of the tests come back once a program has configured its own."""
    root = logging.getLogger()
    levels = {each: each.level for each in (root, *map(logging.getLogger, _CONFIGURED))}
    handlers = root.handlers[:]
    try:
        yield
    finally:
        root.handlers[:] = handlers
        for logger, level in levels.items():
            logger.setLevel(level)


@contextmanager
def _surroundings(words: tuple[str, ...], given: str, environ: dict[str, str]) -> Iterator[None]:
    """Let the program see these words, this input and this environment, and no other."""
    with pytest.MonkeyPatch.context() as patch:
        for name in tuple(os.environ):
            patch.delenv(name)
        for name, value in environ.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["paperboy", *words])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        patch.chdir(ROOT)
        yield


def _read(written: io.TextIOWrapper) -> str:
    written.flush()
    written.seek(0)
    return written.read()
