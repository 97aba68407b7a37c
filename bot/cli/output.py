"""Writes the answers of commands to the standard output."""

import typer

from bot.lib.clean import strip_controls


def print_line(text: str) -> None:
    """Write a line of the answer."""
    typer.echo(strip_controls(text))
