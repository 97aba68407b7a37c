"""Exit codes, and one-sentence errors in place of tracebacks."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import metadata
from typing import NoReturn

import typer

from adapters import LibraryMissing
from bot.lib.clean import strip_controls
from config.environment import InvalidSettings
from storage.database import DatabaseUnusable

EXIT_FAILURE = 2
"""Exit code: nothing could be done."""

EXIT_PARTIAL = 3
"""Exit code: some rows could not be read; the rest is kept."""


@contextmanager
def report_errors() -> Iterator[None]:
    """Turn expected errors into a sentence on the error output."""
    try:
        yield
    except (InvalidSettings, DatabaseUnusable) as error:
        fail(str(error))
    except LibraryMissing as error:
        fail(_how_to_install(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader (`head`, `less`) has enough; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _how_to_install(error: LibraryMissing) -> str:
    has_extra = error.platform in (metadata("paperboy").get_all("Provides-Extra") or ())
    advice = f": pip install 'paperboy[{error.platform}]'." if has_extra else "."
    return (
        f"The platform {error.platform!r} needs the Python package {error.package!r}, which is "
        f"not installed. Install it{advice}"
    )


def fail(sentence: str) -> NoReturn:
    """Write what is wrong and what to do to the error output, and end with EXIT_FAILURE."""
    typer.echo(strip_controls(sentence), err=True)
    sys.exit(EXIT_FAILURE)


def warn(sentence: str) -> None:
    """Write a sentence to the error output."""
    typer.echo(strip_controls(sentence), err=True)
