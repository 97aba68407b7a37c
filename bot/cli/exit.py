"""Exit codes, and one-sentence errors in place of tracebacks."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import metadata
from typing import NoReturn

import typer

from bot.lib.clean import strip_controls

EXIT_FAILURE = 2
"""Exit code: nothing could be done."""

EXIT_PARTIAL = 3
"""Exit code: some rows could not be read; the rest is kept."""


@contextmanager
def report_errors() -> Iterator[None]:
    """Turn expected errors into a sentence on the error output."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader (`head`, `less`) has enough; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        sentence = _sentence_of(error)
        if sentence is None:
            raise
        fail(sentence)


def _sentence_of(error: Exception) -> str | None:
    """Return what an expected error says; None of a bug.

    What they are is imported once there is one: the help and the version need none of it.
    """
    from adapters import LibraryMissing  # noqa: PLC0415
    from config.environment import InvalidSettings  # noqa: PLC0415
    from storage.database import DatabaseUnusable  # noqa: PLC0415

    match error:
        case InvalidSettings() | DatabaseUnusable():
            return str(error)
        case LibraryMissing(platform=platform, package=package):
            return _how_to_install(platform, package)
        case _:
            return None


def _how_to_install(platform: str, package: str) -> str:
    has_extra = platform in (metadata("paperboy").get_all("Provides-Extra") or ())
    advice = f": pip install 'paperboy[{platform}]'." if has_extra else "."
    return (
        f"The platform {platform!r} needs the Python package {package!r}, which is not installed. "
        f"Install it{advice}"
    )


def fail(sentence: str) -> NoReturn:
    """Write what is wrong and what to do to the error output, and end with EXIT_FAILURE."""
    typer.echo(strip_controls(sentence), err=True)
    sys.exit(EXIT_FAILURE)


def warn(sentence: str) -> None:
    """Write a sentence to the error output."""
    typer.echo(strip_controls(sentence), err=True)
