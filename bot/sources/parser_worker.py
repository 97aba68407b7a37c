"""The child process of `bot.sources.parser_process`: one call, read from the standard input."""

import pickle
import sys
import traceback

from bot.sources.parsers.errors import UnreadableSource

MAX_CPU_SECONDS = 4
"""For an input of one MiB; it grows with the input."""

MAX_MEMORY_BYTES = 280 * 1024**2

_MIB = 1024**2
_CPU_SECONDS_PER_MIB = 2
_MEMORY_PER_BYTE = 16


def main() -> None:
    """Read a function and its arguments, call it, and write the result or the exception."""
    function, args = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by the parent
    _limit_resources(int(sys.argv[1]))
    outcome: tuple[bool, object]
    try:
        outcome = True, function(*args)
    except UnreadableSource as error:
        outcome = False, error
    except MemoryError:
        outcome = False, UnreadableSource("it needs too much memory to read.")
    except Exception:  # noqa: BLE001 - the parent logs it
        outcome = False, RuntimeError(traceback.format_exc())
    pickle.dump(outcome, sys.stdout.buffer)


def _limit_resources(size: int) -> None:
    """Limit CPU time and memory, so that the system ends this process when it exceeds them."""
    try:
        import resource  # noqa: PLC0415 - Unix alone has it
    except ImportError:
        return
    more = max(size - _MIB, 0)
    seconds = MAX_CPU_SECONDS + _CPU_SECONDS_PER_MIB * more // _MIB
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds += round(used.ru_utime + used.ru_stime)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    memory = MAX_MEMORY_BYTES + _MEMORY_PER_BYTE * more
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


if __name__ == "__main__":
    main()
