"""Files that are made once in a run, and servers that are started once, for all its processes."""

import atexit
import fcntl
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.waiting import GUARD

ROOT = Path(__file__).parents[1]
_RUN = "PYTEST_SHARED_RUN"
"""The variable that names the folder of this run, and the process that began it."""


def begin_run() -> None:
    """Let all processes of this run share servers, which the first that needs one starts."""
    folder = tempfile.mkdtemp(prefix="paperboy-tests-")
    os.environ[_RUN] = f"{folder}:{os.getpid()}"


def end_run() -> None:
    """Delete what the run knew of its servers; they end by themselves."""
    folder = os.environ.pop(_RUN).partition(":")[0]
    shutil.rmtree(folder, ignore_errors=True)


def server_file(name: str) -> Path:
    """Return the file of the run that tells of a server, where that was started."""
    if _RUN not in os.environ:  # in a benchmark, whose run is one process
        begin_run()
        atexit.register(end_run)
    return Path(os.environ[_RUN].partition(":")[0]) / name


def started_once(name: str, start: Callable[[Path, int], object]) -> Path:
    """Return the file that tells of a server of the run, which is started where none is yet.

    `start` is called with that file, and with the process that the server is to end with.
    """
    known, owner = server_file(name), os.environ[_RUN].partition(":")[2]
    with known.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not known.exists():
            start(known, int(owner))
    return known


def start_server(module: str, known: Path, owner: int, environ: Mapping[str, str]) -> None:
    """Run a module as a server, with `known` and `owner`; return once `known` is there.

    It outlives the process that starts it, so it is not waited for.
    """
    os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", module, str(known), str(owner)],
        {**environ, "PYTHONPATH": str(ROOT)},
        setsid=True,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0o600) for number in (0, 1)
        ],
    )
    patience = time.monotonic() + GUARD
    while not known.exists():
        assert time.monotonic() < patience, f"{module} does not start"
        time.sleep(0.05)


def is_alive(process: int) -> bool:
    """Return whether a process has not ended."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def made_once(folders: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a file, to be copied, which the first process of the run that asks for it makes."""
    folder = folders.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # each process has a folder of its own in that of the run
    made = folder / name
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            fresh = folder / f"new-{name}"
            make(fresh)
            fresh.rename(made)
    return made
