"""Gives a function much room on the stack of Python, which else grows and shrinks piecemeal."""

from collections.abc import Callable
from typing import TypeVar

_WORDS = 1 << 15
"""Words of a frame: 256 KiB, for which Python takes a piece of 512, so that as much is left."""

_Returned = TypeVar("_Returned")


def with_room(function: Callable[..., _Returned]) -> Callable[..., _Returned]:
    """Return a function that does the same, with room for all that it calls in turn.

    Python's stack grows by pieces of 16 KiB, each given back when the call that began it returns.
    Where a loop calls across the edge of one, each call asks the system for memory, which took up
    to a third of the time of tests. A piece is as large as the frame that begins it wants, so one
    that wants much makes room for those after it. See `push_chunk` in CPython's `pystate.c`.
    """

    def call(*args: object, **named: object) -> _Returned:
        return function(*args, **named)

    call.__code__ = call.__code__.replace(co_stacksize=_WORDS)
    return call
