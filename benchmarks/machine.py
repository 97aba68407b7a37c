"""Tells on what a measurement was made."""

import os
import platform
import sqlite3
from importlib.metadata import version


def described(*packages: str) -> str:
    """Return the machine, Python, SQLite and these packages' versions as a line."""
    facts = [f"{os.cpu_count()} cores", platform.machine()]
    facts += [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    return ", ".join([*facts, *(f"{name} {version(name)}" for name in packages)])


def percentile(values: list[float], share: float) -> float:
    """Return the value below which this share (0 to 1) of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
