"""Runs a command beside busy loops, for a suite that depends on no machine's speed.

Run as `python -m tests.busy_machine LOOPS COMMAND...`; ends with the exit code of the command. The
loops are those of `stress-ng` where that is installed, and else this interpreter's own.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


@contextmanager
def busy(loops: int) -> Iterator[None]:
    """Keep the machine busy."""
    stress = shutil.which("stress-ng")
    command = [stress, "--quiet", "--cpu", str(loops)] if stress else [sys.executable, "-c", _LOOP]
    running = [
        subprocess.Popen(command)  # noqa: S603 - our own
        for _ in range(1 if stress else loops)
    ]
    try:
        yield
    finally:
        for each in running:
            each.terminate()
            each.wait()


_LOOP = "while True: pass"


def main(loops: int, command: Sequence[str]) -> int:
    """Run the command; return its exit code."""
    begun = time.monotonic()
    with busy(loops):
        code = subprocess.run(command, check=False).returncode  # noqa: S603 - the caller's own
    sys.stdout.write(f"beside {loops} busy loops: {time.monotonic() - begun:.0f} seconds\n")
    return code


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
