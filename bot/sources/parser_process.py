"""Runs parsers of large inputs in a child process, with limits of CPU time and memory."""

import asyncio
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from bot.sources.parsers.errors import UnreadableSource

MAX_INLINE_BYTES = 32 * 1024
"""Smaller inputs are parsed in a thread: a process takes longer to start than to parse them."""

_WALL_SECONDS = 120
"""How long a child may take altogether, on a machine that is busy."""

_TOO_LONG = "it takes too long to read, and was given up; it is damaged or made to do so."


async def run_parser(function: Callable[..., Any], *args: Any) -> Any:
    """Call a parser, a function of a module, away from the event loop; return its result.

    Arguments and result have to be picklable. Raises UnreadableSource, also where the parser needs
    more than some seconds of CPU time or some hundred MiB; see `bot.sources.parser_worker`.
    """
    size = sum(len(arg) for arg in args if isinstance(arg, (bytes, str)))
    if size <= MAX_INLINE_BYTES:
        return await asyncio.to_thread(function, *args)
    return await asyncio.to_thread(_run_in_child, function, args, size)


def _run_in_child(function: Callable[..., Any], args: tuple[Any, ...], size: int) -> Any:
    command = [sys.executable, "-m", "bot.sources.parser_worker", str(size)]
    path = os.pathsep.join(filter(None, sys.path))
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command,
            input=pickle.dumps((function, args)),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_WALL_SECONDS,
            check=False,
            env=os.environ | {"PYTHONPATH": path},
        )
    except subprocess.TimeoutExpired:
        raise UnreadableSource(_TOO_LONG) from None
    if done.returncode:
        raise UnreadableSource(_TOO_LONG)
    # The child runs our own code, and its output is not that of the source.
    is_result, value = pickle.loads(done.stdout)  # noqa: S301
    if is_result:
        return value
    raise value
