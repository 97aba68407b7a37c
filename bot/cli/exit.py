"""Tells people what went wrong, and ends with the right exit code."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from config.settings import InvalidSettings
from storage.database import DatabaseUnusable

EXIT_FAILURE = 2
"""Exit code: nothing could be done."""

EXIT_PARTIAL = 3
"""Exit code: some rows could not be read; the rest is kept."""


@contextmanager
def report_errors() -> Iterator[None]:
    """Turn what is expected to go wrong into a sentence on the error output."""
    try:
        yield
    except (InvalidSettings, DatabaseUnusable) as error:
        fail(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader (`head`, `less`) has enough; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def fail(sentence: str) -> NoReturn:
    """Say what is wrong and what to do, and end."""
    typer.echo(sentence, err=True)
    sys.exit(EXIT_FAILURE)


def warn(sentence: str) -> None:
    """Say something that is not the answer."""
    typer.echo(sentence, err=True)
