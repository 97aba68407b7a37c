"""Tells on what a measurement was made, and keeps the machine busy beside one."""

import os
import platform
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path


def described(*packages: str) -> str:
    """Return the machine, Python, SQLite and these packages' versions as a line."""
    facts = [f"{os.cpu_count()} cores", platform.machine()]
    facts += [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    return ", ".join([*facts, *(f"{name} {version(name)}" for name in packages)])


def percentile(values: list[float], share: float) -> float:
    """Return the value below which this share (0 to 1) of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def cpu_seconds(process: int) -> float:
    """Return the CPU that a process used so far; see proc(5)."""
    stat = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def busy_cores() -> Iterator[None]:
    """Keep every core busy beside what is measured."""
    processes = get_context("fork")
    loops = [processes.Process(target=_turn, daemon=True) for _ in range(os.cpu_count() or 1)]
    for each in loops:
        each.start()
    try:
        yield
    finally:
        for each in loops:
            each.kill()


def _turn() -> None:
    while True:
        pass
