"""Has coverage trace what it should, at a price that the tests can pay.

Tracing makes every line slower, those of libraries too. So tests that are long are not traced, nor
those of random inputs, which would reach other lines in each run; and greenlets, in which
SQLAlchemy's asynchronous engine works, are followed in a cheaper way than coverage does. A tracer
has one stack of calls, which a switch to another greenlet confuses; `concurrency = ["greenlet"]`
finds the right stack anew at every call of any function, and doubles the time of the tests. Here
each greenlet has a tracer of its own, and only a switch costs time.
"""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import greenlet
from coverage import Coverage
from coverage.exceptions import CoverageWarning

_ATTRIBUTE = "coverage_tracer"
_idle: list[Any] = []
"""Tracers of greenlets that have ended."""


def follow_greenlets() -> None:
    """Trace each greenlet of this thread, where coverage is measured."""
    if Coverage.current() is not None:
        greenlet.settrace(_on_switch)


def is_on() -> bool:
    """Return whether what this thread executes is traced by coverage."""
    return Coverage.current() is not None and sys.gettrace() is not None


@contextmanager
def paused() -> Iterator[None]:
    """Trace nothing meanwhile."""
    measuring = Coverage.current()
    if measuring is None:
        yield
        return
    measuring.stop()
    try:
        yield
    finally:
        with warnings.catch_warnings(action="ignore", category=CoverageWarning):
            measuring.start()  # it says that modules are imported already, as they are


def _on_switch(_event: str, switched: tuple[Any, Any]) -> None:
    """Let each greenlet have its own tracer; called in the one that was switched to."""
    measuring, tracer = Coverage.current(), sys.gettrace()
    if measuring is None or tracer is None:
        return
    left, entered = switched
    if left.dead:
        _idle.append(tracer)
    else:
        setattr(left, _ATTRIBUTE, tracer)
    known = entered.__dict__.pop(_ATTRIBUTE, None) or (_idle.pop() if _idle else None)
    if known is None:
        # The public `start` would begin another measurement.
        measuring._collector._start_tracer()  # type: ignore[union-attr]  # noqa: SLF001
    else:
        known.start()
