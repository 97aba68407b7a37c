"""A bot as a process of its own, whose computing time and memory are read."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.machine import cpu_seconds


class Program:
    """A bot as a process of its own."""

    def __init__(self, arguments: Sequence[str], path: Path, peer: Mapping[str, str]) -> None:
        self._arguments = arguments
        self._environ = {
            **{name: each for name, each in os.environ.items() if "PAPERBOY_" not in name},
            **peer,
            "PAPERBOY_DATABASE_URL": str(path),
            "PAPERBOY_ENV_FILE": os.devnull,
            "PAPERBOY_SYNC_ENABLED": "false",
            "PAPERBOY_RECORD_HUGGING_FACE_URL": "",
            "PAPERBOY_RECORD_ARXIV_URL": "http://127.0.0.1:9/api/query",
        }

    async def __aenter__(self) -> "Program":
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._arguments,
            env=self._environ,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._process.terminate()
        await self._process.wait()

    @property
    def resident_kib(self) -> int:
        """Return its resident memory; see proc(5)."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmRSS:")[1].split()[0])

    def cpu_seconds(self) -> float:
        """Return the CPU that it used so far; see proc(5)."""
        return cpu_seconds(self._process.pid)
