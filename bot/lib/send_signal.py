"""Tells a caller when its request is on its way, through a client library that it goes through."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ON_SENT: ContextVar[Callable[[], None]] = ContextVar("on_sent")


@contextmanager
def calling_when_sent(on_sent: Callable[[], None]) -> Iterator[None]:
    """Let `signal_sent` call this, in this task and while the context lasts."""
    marked = _ON_SENT.set(on_sent)
    try:
        yield
    finally:
        _ON_SENT.reset(marked)


def signal_sent() -> None:
    """Call what waits for it: the request of this task is on its way."""
    _ON_SENT.get(_nothing)()


def _nothing() -> None:
    """Do nothing, as nothing waits for it."""
